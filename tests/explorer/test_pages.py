"""The start page and search: they show what the viewer may see, find what is meant, and stay quick."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from actors.models import Group, Presence
from crimewatch.citations.models import Source
from crimewatch.explorer.marking import excerpt, marked, matches
from crimewatch.explorer.search import HITS_OF_A_KIND, HITS_OF_A_PAGE
from crimewatch.records.models import Record
from regions.models import Region
from tests.factories import (
    make_group,
    make_group_citation,
    make_occurrence,
    make_person,
    make_presence,
    make_region,
)
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

HOME = "/"
SEARCH = "/search/"
MOST_QUERIES = 20


def as_(client: Client, user: User | None) -> Client:
    if user is not None:
        client.force_login(user)
    return client


def body(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def found(client: Client, **query: str) -> dict[str, list[str]]:
    """The keys of the kinds that a search finds, each with the addresses of its hits."""
    response = client.get(SEARCH, query)
    assert response.status_code == 200
    return {group.kind: [hit.address for hit in group.hits] for group in response.context["found"]}


def totals(client: Client, **query: str) -> dict[str, int]:
    return {group.kind: group.total for group in client.get(SEARCH, query).context["found"]}


def published(model: type[Record], **overrides: object) -> Record:
    record = make(model, **overrides)
    publish(record)
    return record


def publish_claim(claim: object) -> None:
    named = (getattr(claim, field.name) for field in type(claim).objects.all().record_fields())
    publish(*(record for record in named if record is not None))


@pytest.fixture
def secrets() -> list[Record]:
    """A draft, a record in review and a withdrawn one of every kind, all with a word that nothing else has."""
    records = []
    for model in RECORDS:
        for status in ("draft", "in-review", "withdrawn"):
            record = make(model, name=f"Xyzzyva {status}", slug=f"hidden-{status}", status=status)
            records.append(record)
    return records


# Who may look


@pytest.mark.parametrize("address", [HOME, SEARCH])
def test_a_stranger_is_sent_to_the_login_and_back(client, settings, address):
    settings.SITE_IS_PUBLIC = False
    response = client.get(address)

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={address}"


@pytest.mark.parametrize("address", [HOME, SEARCH])
def test_a_stranger_may_look_where_the_site_is_public(client, settings, address):
    settings.SITE_IS_PUBLIC = True

    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", [HOME, SEARCH])
def test_a_page_is_for_no_shared_cache(client, address):
    assert "private" in as_(client, make_reader()).get(address)["Cache-Control"]


def test_the_language_that_was_chosen_is_kept(client):
    response = client.post(reverse("set_language"), {"language": "es", "next": "/login/"})

    assert response["Location"] == "/login/"
    assert '<html lang="es">' in body(client, "/login/")


def test_the_browser_says_the_language_until_one_is_chosen(client):
    assert '<html lang="es">' in client.get("/login/", headers={"accept-language": "es"}).content.decode()


# What nobody may learn

VIEWERS = {
    "stranger": lambda: None,
    "reader": make_reader,
    "staff without rights": make_researcher,
}


@pytest.mark.parametrize("viewer", ["stranger", "reader", "staff without rights"])
def test_the_start_page_tells_nothing_of_what_is_not_published(client, settings, secrets, viewer):
    settings.SITE_IS_PUBLIC = True
    as_(client, VIEWERS[viewer]())
    group = published(Group, name="Clan Orejuela")
    published_names = body(client, HOME)
    response = client.get(HOME)

    assert group.name in published_names
    assert "Xyzzyva" not in published_names
    assert "hidden-" not in published_names
    overview = response.context["overview"]
    assert {count.kind: count.total for count in overview.records if count.total} == {"group": 1}
    assert (overview.drafts, overview.in_review, overview.uncited) == ([], 0, [])


@pytest.mark.parametrize("viewer", ["stranger", "reader", "staff without rights"])
def test_claims_on_what_is_hidden_are_neither_counted_nor_shown_on_the_start_page(client, settings, viewer):
    settings.SITE_IS_PUBLIC = True
    as_(client, VIEWERS[viewer]())
    published(Group)
    before = client.get(HOME).context["overview"].claims
    make_presence(status="conflict", note="Xyzzyva", group=make_group(name="Xyzzyva"))
    page = client.get(HOME)

    assert page.context["overview"].claims == before
    assert page.context["overview"].conflicts == 0
    assert "Xyzzyva" not in page.content.decode()


@pytest.mark.parametrize("viewer", ["stranger", "reader", "staff without rights"])
@pytest.mark.parametrize("query", ["xyzzyva", "Xyzyva draft", "hidden-draft"])
def test_search_finds_nothing_that_is_not_published(client, settings, secrets, viewer, query):
    settings.SITE_IS_PUBLIC = True
    as_(client, VIEWERS[viewer]())

    assert found(client, q=query) == {}
    for kind in (*(model._meta.model_name for model in RECORDS), "claim"):
        assert found(client, q=query, kind=kind) == {}


@pytest.mark.parametrize(("place", "viewer"), list(enumerate(["stranger", "reader", "staff without rights"])))
def test_search_finds_no_claim_on_what_is_not_published(client, settings, place, viewer):
    settings.SITE_IS_PUBLIC = True
    as_(client, VIEWERS[viewer]())
    claims = {f"claim-xyzzyva-{model._meta.model_name}": make(model, note="Xyzzyva") for model in CLAIMS}
    for uid, claim in claims.items():
        type(claim).objects.filter(pk=claim.pk).update(uid=uid)
    asked = list(claims)[place::3]  # each kind by its key for one of the viewers

    assert found(client, q="xyzzyva") == {}
    for uid in asked:
        assert found(client, q=uid) == {}
    for claim in claims.values():
        publish_claim(claim)
    assert totals(client, q="xyzzyva") == {"claim": len(CLAIMS)}
    for uid in asked:
        assert totals(client, q=uid) == {"claim": 1}


def test_what_is_hidden_does_not_swell_the_count_of_what_is_found(client):
    as_(client, make_reader())
    published(Group, name="Clan Xyzzyva")
    make_group(name="Clan Xyzzyva y hermanos")

    assert totals(client, q="xyzzyva") == {"group": 1}


def test_a_region_is_shown_without_the_unpublished_that_it_lies_in(client):
    as_(client, make_reader())
    country = make_region(name="Peru", kind="country")
    hidden = make_region(name="Secret Department", kind="department", parent=country)
    district = make_region(name="Santa Rosa", kind="district", parent=hidden)
    publish(country, district)
    page = body(client, SEARCH, q="santa rosa")

    assert "district · Peru" in page
    assert "Secret" not in page


def test_staff_with_the_right_sees_drafts_of_that_kind_alone(client, secrets):
    as_(client, make_researcher(Group))

    assert totals(client, q="xyzzyva") == {"group": 2}  # the withdrawn is no use to anybody who searches
    page = client.get(HOME)
    assert {count.kind: count.total for count in page.context["overview"].records if count.total} == {"group": 2}
    assert [count.kind for count in page.context["overview"].uncited] == ["group"]
    assert "Xyzzyva draft" in page.content.decode()


def test_staff_is_told_what_waits(client):
    as_(client, make_researcher(Group, Presence, Source, Region))
    make_group(status="in-review")
    make_presence(status="conflict", note="Both stand.")
    make_presence(status="work-needed")
    make_presence(status="issue")
    page = client.get(HOME)
    overview = page.context["overview"]

    assert (overview.conflicts, overview.needing_work, overview.with_issue, overview.in_review) == (1, 1, 1, 1)
    assert {count.kind: count.total for count in overview.uncited} == {"group": 1}
    assert "Needs attention" in page.content.decode()


def test_what_the_start_page_counts_is_what_its_links_list(client):
    as_(client, make_researcher(*RECORDS, *CLAIMS))
    make_group()
    make_group(status="in-review")
    make_person(status="in-review")
    make_presence(status="conflict", note="Both stand.")
    make_presence(status="work-needed")
    make_presence(status="issue")
    publish(make_group(), make_region())
    waiting = client.get(HOME).content.decode().partition("Needs attention")[2]
    links = re.findall(r'<strong class="number">(\d+)</strong>\s*<a href="([^"]+)">([^<]+)</a>', waiting)

    assert len(links) == waiting.count('<strong class="number">')
    assert {address: name for _number, address, name in links} == {
        "/claims/?status=conflict": "claims in conflict",
        "/claims/?status=work-needed": "claims that need work",
        "/claims/?status=issue": "claims with an issue",
        "/review/": "records in review",
        "/regions/?status=draft": "regions in draft",
        "/groups/?status=draft": "groups in draft",
        "/sources/?status=draft": "sources in draft",
        "/groups/?support=uncited": "groups that no claim speaks about",
        "/people/?support=uncited": "people that no claim speaks about",
    }
    for number, address, _name in links:
        if address == "/review/":
            assert client.get(address).context["number"] == int(number) == 2
        else:
            assert client.get(f"{address}&format=csv").getvalue().decode().count("\n") == int(number) + 1


def test_readers_are_not_told_what_waits(client):
    as_(client, make_reader())
    published(Group)

    assert "Needs attention" not in body(client, HOME)


# The start page


def test_an_empty_database_tells_staff_what_to_do(client):
    as_(client, User.objects.create_superuser("ana"))
    page = body(client, HOME)

    assert reverse("admin:citations_source_add") in page
    assert "load_gazetteer" in page


def test_an_empty_database_tells_readers_that_nothing_is_published(client):
    as_(client, make_reader())

    assert "Nothing has been published yet" in body(client, HOME)


def test_what_was_changed_last_comes_first(client):
    as_(client, make_researcher(Group, Region))
    first, second = make_group(name="First"), make_region(name="Second")
    first.summary = "Changed."
    first.save()
    recent = [entry.record for entry in client.get(HOME).context["overview"].recent_records]

    assert recent == [first, second]


def test_a_statement_is_shown_with_what_it_is_about(client):
    as_(client, make_reader())
    claim = make_group_citation(record=make_group(name="Mochileros"), statement="Carry it on foot.", when="2016-10/..")
    publish_claim(claim)
    about = f"Mochileros · statement on a group · {claim.source}"

    assert about in body(client, HOME)
    (hit,) = next(group for group in client.get(SEARCH, {"q": "carry"}).context["found"] if group.kind == "claim").hits
    assert hit.context == f"{about} · since October 2016"


def test_a_sentence_that_names_what_it_is_about_does_so_once(client):
    as_(client, make_reader())
    claim = make_presence(group=make_group(name="Mochileros"))
    publish_claim(claim)

    assert f">presence · {claim.source}<" in body(client, HOME)


def test_the_newest_claims_are_shown_with_their_source(client):
    as_(client, make_reader())
    claim = make_occurrence()
    publish_claim(claim)
    page = body(client, HOME)

    assert str(claim) in page
    assert claim.source.name in page


# What search finds


@pytest.mark.parametrize(
    "query",
    ["huanuco", "HUÁNUCO", "huanucco", "leoncio", "100101", "PE-HUC", "  huánuco  ", "ciudad de los caballeros"],
)
def test_a_region_is_found_by_names_codes_and_near_enough(client, query):
    as_(client, make_reader())
    region = published(
        Region,
        name="Huánuco",
        aliases=["Ciudad de los Caballeros de León", "Leoncio Prado"],
        ubigeo="100101",
        iso_3166="PE-HUC",
    )

    assert found(client, q=query)["region"] == [region.get_absolute_url()]


@pytest.mark.parametrize("model", RECORDS)
def test_every_kind_of_record_is_found(client, model):
    as_(client, make_reader())
    record = published(model, name="Xyzzyva")

    assert found(client, q="xyzzyva") == {model._meta.model_name: [record.get_absolute_url()]}


def test_the_best_match_comes_first(client):
    as_(client, make_reader())
    longer = published(Region, name="San Isidro de Lima")
    exact = published(Region, name="Lima")

    assert found(client, q="lima")["region"] == [exact.get_absolute_url(), longer.get_absolute_url()]


def test_matching_words_are_marked_and_everything_is_escaped(client):
    as_(client, make_reader())
    published(Group, name="<b>Clan</b> Xyzzyva")
    page = body(client, SEARCH, q="xyzzyva")

    assert "&lt;b&gt;Clan&lt;/b&gt; <mark>Xyzzyva</mark>" in page
    assert "<b>Clan" not in page


def test_a_claim_is_found_by_its_own_words_and_shows_them(client):
    as_(client, make_reader())
    claim = make_group_citation(statement="It pays for the seed in advance, as growers in the valley say.")
    publish_claim(claim)

    assert "<mark>growers</mark>" in body(client, SEARCH, q="growers")


def test_a_kind_with_many_hits_is_turned_page_by_page(client):
    as_(client, make_researcher(Group))
    for number in range(HITS_OF_A_PAGE + 3):
        make_group(name=f"Xyzzyva {number:02}")
    best = found(client, q="xyzzyva")["group"]
    first = found(client, q="xyzzyva", kind="group")["group"]
    second = found(client, q="xyzzyva", kind="group", page="2")["group"]

    assert len(best) == HITS_OF_A_KIND
    assert (len(first), len(second)) == (HITS_OF_A_PAGE, 3)
    assert len({*first, *second}) == HITS_OF_A_PAGE + 3
    assert totals(client, q="xyzzyva") == {"group": HITS_OF_A_PAGE + 3}


def test_pages_of_claims_hold_each_claim_once(client):
    as_(client, make_researcher(*CLAIMS, *RECORDS))
    for model in CLAIMS:
        make(model, note="Xyzzyva")
    pages = [found(client, q="xyzzyva", kind="claim", page=str(page))["claim"] for page in (1, 2, 3)]

    assert [len(page) for page in pages] == [10, 10, len(CLAIMS) - 20]
    assert totals(client, q="xyzzyva") == {"claim": len(CLAIMS)}


# Bad input


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"q": "x" * 201}, "at most 200 letters"),
        ({"q": "a " * 13}, "at most 12 words"),
        ({"q": "a\0b"}, "a character that no text has"),
        ({"q": "xyzzyva", "kind": "unicorn"}, "“unicorn” is not a kind of record"),
        ({"q": "xyzzyva", "page": "two"}, "not a number"),
        ({"q": "xyzzyva", "page": "-1"}, "counted from 1"),
        ({"q": "xyzzyva", "page": "9" * 30}, "at most 50 pages"),
        ({"q": "xyzzyva", "kind": "group", "page": "7"}, "There is no page 7"),
    ],
)
def test_nonsense_gets_a_page_with_a_sentence(client, query, sentence):
    as_(client, make_reader())
    published(Group, name="Xyzzyva")
    page = body(client, SEARCH, **query)

    assert sentence in page
    assert ("<mark>Xyzzyva</mark>" in page) is (query["q"] == "xyzzyva")


@pytest.mark.parametrize("query", ["", "   ", "%", "_", "'", '"; DROP TABLE', "\\", "🦜", "<script>", "!!!", "ﷺ"])
def test_odd_words_do_no_harm(client, query):
    as_(client, make_reader())
    published(Group, name="Xyzzyva")

    assert found(client, q=query) == {}
    assert "<script>alert" not in body(client, SEARCH, q="<script>alert")


def test_search_without_words_finds_nothing_and_says_what_to_type(client):
    as_(client, make_reader())
    published(Group)

    assert "Type a name" in body(client, SEARCH)


# Marking


@pytest.mark.parametrize(
    ("text", "query", "spans"),
    [
        ("Huánuco", "huanuco", [(0, 7)]),
        ("Straße nach Köln", "strasse koln", [(0, 6), (12, 16)]),
        ("Lima, lima", "LIMA", [(0, 4), (6, 10)]),
        ("Lima", "xyz", []),
        ("", "lima", []),
        ("Mariano", "mari ano", [(0, 7)]),
    ],
)
def test_words_are_found_in_their_place(text, query, spans):
    assert matches(text, query) == spans


def test_braces_in_names_are_no_formats():
    assert marked("{0} & {name}", "name") == "{0} &amp; {<mark>name</mark>}"


def test_an_excerpt_holds_the_word_and_whole_words():
    text = "alpha " * 100 + "needle " + "omega " * 100
    part = excerpt(text, "needle")

    assert "needle" in part
    assert len(part) < 240
    assert set(part.split()) <= {"…", "alpha", "needle", "omega"}


# How many queries


def test_a_page_takes_a_bounded_number_of_queries_and_none_for_each_row(client, django_assert_max_num_queries):
    as_(client, make_researcher(*RECORDS, *CLAIMS))
    few = {}
    for _ in range(3):
        for model in RECORDS:
            make(model, name="Xyzzyva")
        for model in CLAIMS:
            make(model, note="Xyzzyva", status="conflict")
        for address in (HOME, f"{SEARCH}?q=xyzzyva", f"{SEARCH}?q=xyzzyva&kind=claim"):
            with django_assert_max_num_queries(few.get(address, MOST_QUERIES)) as asked:
                client.get(address)
            few.setdefault(address, len(asked))


def test_unknown_addresses_get_a_page_of_the_site(client):
    response = as_(client, make_reader()).get("/nowhere/")

    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_a_failure_gets_a_page_of_its_own(client, monkeypatch):
    client.raise_request_exception = False
    as_(client, make_reader())
    monkeypatch.setattr("crimewatch.explorer.views.kept", None)
    response = client.get(HOME)

    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()


def test_a_forged_form_is_refused_with_advice():
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"username": "ana"})

    assert response.status_code == 403
    assert "The form was refused" in response.content.decode()
