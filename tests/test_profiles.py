"""The page of every kind of record: what it says, whom it tells nothing, and that it stays quick."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Group, Presence
from crimewatch.citations.models import Indicator, Source
from crimewatch.citations.profiles import filled, in_words
from crimewatch.citations.profiles.sentences import span_in_words
from crimewatch.records.history import because
from crimewatch.records.models import Status
from crimewatch.records.prepared import Asking
from regions.models import Region, Route
from tests.factories import (
    make_activity,
    make_agency,
    make_group,
    make_group_citation,
    make_group_estimate,
    make_indicator,
    make_involvement,
    make_person,
    make_presence,
    make_program,
    make_region,
    make_region_estimate,
    make_relation,
    make_route,
    make_route_leg,
    make_source,
)
from tests.fixtures.test_peru import PERU, VOCABULARIES
from tests.kinds import CLAIMS, RECORDS, make, make_claim_about, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

MOST_QUERIES = 20


@pytest.fixture
def researcher(client):
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def reader(client):
    client.force_login(make_reader())
    return client


def body(client, record, status=200):
    response = client.get(record.get_absolute_url())
    assert response.status_code == status
    return response.content.decode()


def text_of(client, record):
    """What stands on the page, without marks and with single spaces."""
    html = body(client, record).split("<main", 1)[1].split("</main", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


# What the page says


@pytest.mark.parametrize("model", RECORDS)
def test_the_page_of_a_record_says_what_it_is_and_what_is_claimed(researcher, model):
    record = make(model, name="Alpha Beta", aliases=["Gamma"], summary="What it is in short.")
    claim = make_claim_about(record, note="Odd <b>but</b> so.", attributed_to="The police")
    html = body(researcher, record)
    for words in (
        "Alpha Beta",
        "Gamma",
        "What it is in short.",
        "according to The police",
        "Odd &lt;b&gt;but&lt;/b&gt;",
    ):
        assert words in html
    assert f'id="claim-{claim.uid}"' in html
    assert (claim.source if model is not Source else claim.group).get_absolute_url() in html


@pytest.mark.parametrize("model", CLAIMS)
def test_a_claim_stands_on_the_pages_of_all_records_that_it_names(researcher, model):
    claim = make(model)
    named = [getattr(claim, key.name) for key in model.objects.all().record_fields()]
    for record in filter(None, named):
        assert f'id="claim-{claim.uid}"' in body(researcher, record)
    assert claim.get_absolute_url() == f"{claim.subject_record.get_absolute_url()}#claim-{claim.uid}"


def test_a_claim_is_a_sentence_with_linked_records(researcher):
    region = make_region(name="Vraem", slug="vraem")
    claim = make_presence(group=make_group(name="Clan"), region=region, kind="base", when="2016-10/..")
    page = text_of(researcher, claim.group)
    assert "Clan has its base in Vraem 1 since October 2016" in page
    assert '<a href="/regions/vraem/">Vraem</a>' in body(researcher, claim.group)


def test_one_place_of_a_source_is_one_footnote(researcher):
    group, source = make_group(), make_source(name="A report")
    for locator in ("18", "18", "19"):
        make_presence(group=group, source=source, locator_type="paragraph", locator=locator)
    html = body(researcher, group)
    assert html.count('<li id="source-') == 2
    assert "Paragraph 18." in html


def test_figures_of_one_indicator_stand_side_by_side(researcher):
    region, indicator = make_region(), make_indicator(name="coca under cultivation")
    make_region_estimate(
        region=region, indicator=indicator, low=0.1, best=None, high=40441, is_derived=True, note="Sum."
    )
    make_region_estimate(region=region, indicator=indicator, best=55000, source_words="some 55,000")
    html = body(researcher, region)
    assert html.count("<caption>") == 1
    for words in ("0.1", "40,441", "55,000", "“some 55,000”", "derived"):
        assert words in html


def test_sources_of_one_publisher_or_author_are_one(researcher):
    group = make_group()
    make_presence(group=group, source=make_source(publisher="News", authors=["Ellis, R."]))
    make_presence(group=group, source=make_source(publisher="news", authors=["Diaz, A."]))
    make_presence(group=group, source=make_source(publisher="Daily", authors=["DIAZ, A.", "Wu, B."]))
    make_presence(group=group, source=make_source(publisher="Other", authors=["Lopez, C."]), stance="disputes")
    assert "4 claims 4 sources 1 independent source supports it 1 claim disputes it" in text_of(researcher, group)


def test_a_source_shows_what_rests_on_it_by_its_place(researcher):
    source = make_source(full_text="the private copy")
    for locator in ("18", "2", "10"):
        make_presence(source=source, locator_type="paragraph", locator=locator)
    make_involvement(source=source, locator_type="paragraph", locator="10")
    html = body(researcher, source)
    assert re.findall(r"<h2[^>]*>Paragraph (\d+)</h2>", html) == ["2", "10", "18"]
    assert "the private copy" not in html


def test_what_is_too_much_for_the_page_is_said_and_paged(researcher, monkeypatch):
    monkeypatch.setattr("crimewatch.citations.profiles.views.SHOWN", 3)
    group, source = make_group(slug="clan"), make_source()
    for _number in range(4):
        make_presence(group=group, source=source)
    html = body(researcher, group)
    assert html.count('class="claim ') == 3
    assert "These are 3 of 4." in html
    assert 'href="/claims/?kind=presence&amp;group=clan"' in html
    assert "Page 1 of 2" in body(researcher, source)
    last = researcher.get(source.get_absolute_url(), {"page": 2}).content.decode()
    assert last.count('class="claim ') == 1
    for nonsense in ("0", "-1", "x", "999999999999999999999"):
        assert researcher.get(source.get_absolute_url(), {"page": nonsense}).status_code == 200


def test_of_very_many_claims_some_are_counted_and_that_is_said(reader, monkeypatch):
    monkeypatch.setattr("crimewatch.citations.profiles.counting.COUNTED", 2)
    group, source, place = make_group(slug="clan"), make_source(), make_region()
    for _number in range(4):
        make_presence(group=group, source=source, region=place)
    publish(group, source, place)
    make_presence(group=group, source=source, region=make_region(name="A draft"))
    text = text_of(reader, group)
    assert "more than 2 claims" in text  # those of the four presences; the citation has a source that is a draft
    assert "Of a kind with more than 2 claims, 2 are looked at for these numbers." in text
    assert "These are the newest" in text
    of_source = text_of(reader, source)
    assert "more than" in of_source
    assert "Of each kind 2 claims stand here." in of_source
    assert "A draft" not in text + of_source
    monkeypatch.setattr("crimewatch.citations.profiles.counting.COUNTED", 4)
    assert "4 claims" in text_of(reader, group)
    assert "more than" not in text_of(reader, group)


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("", ""),
        ("2017-03", "March 2017"),
        ("2016-10/..", "since October 2016"),
        ("../2016", "until 2016"),
        ("1990/1999~", "1990 to about 1999"),
        ("2017?", "perhaps 2017"),
        ("1969/", "from 1969, end not known"),
    ],
)
def test_dates_are_put_in_words(edtf, words):
    assert in_words(edtf) == words


def test_the_first_screen_says_what_where_and_when(researcher):
    group = make_group(name="Clan", kind="family-clan")
    often, seldom = make_region(name="Often"), make_region(name="Seldom")
    for region, when in ((seldom, "1980"), (often, "199X"), (often, "2017-03/2018-12-31")):
        make_presence(group=group, region=region, when=when, credibility=4)
    make_presence(group=group, region=make_region(name="Denied"), when="1890", stance="disputes", credibility=1)
    page = text_of(researcher, group)
    assert "Group: family clan" in page
    assert "Where Often, Seldom When, by the claims 1980 to 2018" in page
    assert "at best 4 · doubtful" in page
    make_presence(group=group, when="2015/..")
    assert "When, by the claims since 1980" in text_of(researcher, group)


@pytest.mark.parametrize(
    ("begins", "ends", "goes_on", "words"),
    [
        (None, None, False, ""),
        (date(2017, 3, 1), date(2017, 12, 31), False, "2017"),
        (date(1980, 1, 1), date(2017, 12, 31), False, "1980 to 2017"),
        (date(1980, 1, 1), date(2017, 12, 31), True, "since 1980"),
        (date(1980, 1, 1), None, False, "from 1980, end not known"),
        (None, date(2014, 12, 31), False, "until 2014"),
        (None, None, True, "at all times"),
    ],
)
def test_the_years_of_many_claims_are_put_in_words(begins, ends, goes_on, words):
    assert span_in_words(begins, ends, goes_on=goes_on) == words


def test_a_relation_reads_from_the_side_of_the_page(researcher):
    clan, faction = make_group(name="Clan"), make_group(name="Faction")
    make_relation(group=faction, kind="faction-of", other=clan)
    assert "Clan has the faction Faction" in text_of(researcher, clan)
    assert "Faction is a faction of Clan" in text_of(researcher, faction)


def test_claims_that_say_the_same_are_one_sentence_with_all_that_stands_behind_it(researcher):
    group, region = make_group(name="Clan"), make_region(name="Vraem")
    claims = [
        make_presence(group=group, region=region, source=make_source(publisher=publisher), when=when)
        for publisher, when in (("P", "2016"), ("P", "2017"), ("Q", "2017"))
    ]
    html = body(researcher, group)
    assert html.count('<p class="sentence">Clan operates in') == 1
    assert "2 independent sources, 3 claims" in html
    assert all(f'id="claim-{claim.uid}"' in html for claim in claims)


def test_kinds_of_claims_come_in_the_order_of_reading(researcher):
    group = make_group()
    for helper in (make_group_citation, make_group_estimate, make_relation, make_involvement, make_presence):
        helper(**{"record" if helper is make_group_citation else "group": group})
    html = body(researcher, group)
    headings = re.findall(r'<section class="claims" aria-labelledby="(\w+)">', html)
    assert headings == ["presence", "involvement", "relation", "groupestimate", "groupcitation"]
    assert all(f'<a href="#{name}">' in html for name in headings)


def test_conflicts_stand_above_with_their_notes(researcher):
    claim = make_presence(status="conflict", note="The other report says <Lima>.")
    make_presence(group=claim.group)
    html = body(researcher, claim.group)
    above, below = html.split('<section class="claims"', 1)
    assert "Where sources disagree" in above
    assert f'href="#claim-{claim.uid}"' in above
    assert "The other report says &lt;Lima&gt;." in above
    assert "Why both stand:" in below
    assert "Where sources disagree" not in body(researcher, make_presence().group)


@pytest.mark.parametrize(
    ("other", "are_rivals"),
    [
        ({"best": 40000, "when": "2017-05"}, True),
        ({"best": 55000, "when": "2017-05"}, False),
        ({"best": 40000, "when": "2016"}, False),
        ({"best": 40000, "when": ""}, False),
        ({"best": 40000, "when": "2017", "unit": "tonne"}, False),
        ({"best": 40000, "when": "2017", "basis": "after eradication"}, False),
    ],
)
def test_figures_are_rivals_where_only_one_can_be_right(researcher, other, are_rivals):
    region, indicator = make_region(), make_indicator()
    make_region_estimate(region=region, indicator=indicator, best=55000, when="2017")
    make_region_estimate(region=region, indicator=indicator, **other)
    assert body(researcher, region).count("rival figures</span>") == (2 if are_rivals else 0)


def test_figures_are_drawn_on_one_scale(researcher):
    region, indicator = make_region(), make_indicator()
    make_region_estimate(region=region, indicator=indicator, low=50, best=75, high=100, when="2017")
    make_region_estimate(region=region, indicator=indicator, best=None, high=200, when="2016")
    html = body(researcher, region)
    assert 'x="25.00" y="3" width="25.00"' in html
    assert 'class="best" x1="37.50"' in html
    assert 'class="band fades-down"' in html
    researcher.cookies["django_language"] = "es"
    assert 'x="25.00" y="3" width="25.00"' in body(researcher, region)


def test_a_region_tells_its_own_claims_from_those_of_what_lies_in_it(researcher):
    peru = make_region(name="Peru", kind="country", slug="peru")
    cusco = make_region(name="Cusco", kind="department", parent=peru)
    zone = make_region(name="Vraem", parts=[cusco])
    far = make_presence(region=make_region(name="Elsewhere"))
    own, below, over = (make_presence(region=region) for region in (peru, cusco, zone))
    html = body(researcher, peru)
    own_part, wider = html.split('<section class="wider', 1)
    assert own.uid in own_part
    assert own.uid not in wider
    for claim in (below, over):
        assert f'id="claim-{claim.uid}"' in wider
        assert claim.uid not in own_part
    assert far.uid not in html
    assert "<strong>1</strong> claim" in own_part
    assert own.uid not in body(researcher, cusco)
    assert over.uid in body(researcher, cusco).split('<section class="wider', 1)[1]


def test_of_what_lies_in_a_region_some_is_shown_and_the_rest_led_to(researcher, monkeypatch):
    monkeypatch.setattr("crimewatch.citations.profiles.views.WIDER_SHOWN", 2)
    monkeypatch.setattr("regions.profiles.WIDER_SHOWN", 2)
    peru = make_region(name="Peru", slug="peru")
    cusco = make_region(parent=peru)
    for number in range(2):
        make_presence(region=cusco)
        assert ("These are the newest 2." in body(researcher, peru)) is False, number
    make_presence(region=cusco)
    html = body(researcher, peru)
    assert "These are the newest 2." in html
    assert 'href="/claims/?kind=presence&amp;region=peru"' in html
    assert html.count('class="claim ') == 2


@pytest.mark.parametrize(("make_record", "more"), [(make_region, "lies in it or over it"), (make_activity, "in it")])
def test_the_links_to_the_claims_say_where_they_lead_to_more_than_the_page_has(reader, make_record, more):
    upper = make_record(slug="upper")
    lower = make_record(slug="lower", parent=upper)
    for record in (upper, lower):
        publish(record, make_claim_about(record).source)
    assert f"{more}, as:" in text_of(reader, upper)
    assert "Its claims as:" in text_of(reader, lower)
    type(lower).objects.filter(pk=lower.pk).update(status="draft")
    assert "Its claims as:" in text_of(reader, upper)


def test_nothing_is_told_of_what_lies_in_a_region_through_a_draft(reader):
    peru, cusco = make_region(name="Peru"), make_region(name="Top Secret")
    Region.objects.filter(pk=cusco.pk).update(parent=peru)
    publish(peru)
    claim = make_presence(region=cusco)
    publish(claim.group, claim.source)
    html = body(reader, peru)
    assert claim.uid not in html
    assert "Top Secret" not in html


@pytest.mark.parametrize(
    ("address", "leads_on"),
    [("https://example.org/a?b=<i>", True), ("javascript:alert(1)", False), ("data:text/html,x", False)],
)
def test_a_footnote_leads_to_the_document_where_its_address_is_one_of_the_web(researcher, address, leads_on):
    source = make_source()
    claim = make_presence(source=source)
    Source.objects.filter(pk=source.pk).update(url=address)
    html = body(researcher, claim.group)
    assert ('class="outside"' in html) is leads_on
    assert address not in html
    assert "javascript:" not in html
    source_page = body(researcher, source)
    assert 'href="javascript:' not in source_page
    assert 'href="data:' not in source_page


def test_each_claim_leads_those_who_may_change_it_to_its_form(client):
    claim = make_presence()
    publish(claim.group, claim.region, claim.source)
    address = f"/admin/actors/presence/{claim.pk}/change/"
    for user, sees_link in (
        (make_reader(), False),
        (make_researcher(Presence), False),
        (make_researcher(Presence, actions=("view", "change")), True),
    ):
        client.force_login(user)
        assert (address in body(client, claim.group)) is sees_link


def test_a_page_is_cited_by_the_day_of_its_last_change(researcher):
    group = make_group(name="Clan <i>", slug="clan")
    Group.objects.filter(pk=group.pk).update(updated_at=datetime(2016, 1, 2, 12, tzinfo=UTC))
    claim = make_presence(group=group)
    Presence.objects.filter(pk=claim.pk).update(updated_at=datetime(2017, 5, 4, 12, tzinfo=UTC))
    html = body(researcher, group)
    assert "<i>Clan &lt;i&gt;</i>. (2017, May 4). CrimeWatch. Retrieved" in html
    assert "Last modified May 4, 2017." in html
    assert "http://testserver/groups/clan/" in html


# Where there is nothing to show


@pytest.mark.parametrize("model", RECORDS)
def test_a_past_key_leads_to_the_present_one(reader, model):
    record = make(model, slug="before")
    publish(record)
    old = record.get_absolute_url()
    record.slug = "after"
    record.save()
    response = reader.get(old)
    assert (response.status_code, response["Location"]) == (301, old.replace("before", "after"))


@pytest.mark.parametrize("model", RECORDS)
def test_an_unknown_key_proposes_what_the_viewer_may_see(reader, model):
    shown, draft = make(model, name="Sendero Luminoso"), make(model, name="Sendero Oculto")
    publish(shown)
    html = body(reader, model(slug="sendero-luminso"), status=404)
    assert shown.get_absolute_url() in html
    assert draft.name not in html
    assert draft.slug not in html


@pytest.mark.parametrize("slug", ["%00", "a%00b", "..%5c", "x" * 3000, "%F0%9F%92%A5", "-", "'; --"])
def test_nonsense_in_the_address_is_not_found(reader, slug):
    assert reader.get(f"/groups/{slug}/").status_code == 404


@pytest.mark.parametrize("model", RECORDS)
def test_a_withdrawn_record_says_when_and_nothing_else(reader, model):
    record = make(model, name="Sendero", summary="What it was.")
    publish(record)
    model.objects.filter(pk=record.pk).update(status=Status.WITHDRAWN)
    html = body(reader, record, status=410)
    assert re.search(r"was withdrawn on [A-Z]\w+\.? \d+, \d{4}", html)
    assert "Sendero" not in html
    assert "What it was." not in html
    assert f'href="/{record.get_absolute_url().split("/")[1]}/">All {model._meta.verbose_name_plural}</a>' in html


def test_who_works_on_a_withdrawn_record_is_told_first_that_it_is_and_why(client):
    group = make_group(name="Clan", summary="What it was.")
    publish(group)
    client.force_login(make_researcher(*RECORDS, *CLAIMS))
    assert "Withdrawn on" not in body(client, group)
    with because("It names a witness."):
        Group.objects.filter(pk=group.pk).update(status=Status.WITHDRAWN)
    told, _, rest = body(client, group).partition("What it was.")
    assert re.search(r"Withdrawn on [A-Z]\w+\.? \d+, \d{4}", told)
    assert "It names a witness." in told
    assert rest


@pytest.mark.parametrize("model", RECORDS)
def test_a_draft_is_answered_as_if_it_were_not_there(reader, model):
    draft = make(model, slug="hidden-one")
    make_claim_about(draft)
    token = r'name="csrfmiddlewaretoken" value="\w+"'
    there = re.sub(token, "", body(reader, draft, status=404)).replace("hidden-one", "X")
    draft.slug = "absent-one"
    absent = re.sub(token, "", body(reader, draft, status=404)).replace("absent-one", "X")
    assert there == absent


# Who sees what


@pytest.mark.parametrize("model", RECORDS)
def test_strangers_are_sent_to_the_login(client, model):
    record = make(model)
    publish(record)
    response = client.get(record.get_absolute_url())
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize("model", CLAIMS)
def test_no_claim_that_names_a_draft_is_shown_or_counted(reader, model):
    """Each record that the claim names is a draft in turn, while the others are published."""
    keys = [key.name for key in model.objects.all().record_fields()]
    claim = make(model)
    named = {name: getattr(claim, name) for name in keys if getattr(claim, name)}
    publish(*named.values())
    shown = {name: len(re.findall(rf'id="claim-{claim.uid}"', body(reader, row))) for name, row in named.items()}
    assert set(shown.values()) == {1}
    assert all("<strong>1</strong> claim" in body(reader, row) for row in named.values())
    for hidden_name, hidden in named.items():
        type(hidden).objects.filter(pk=hidden.pk).update(status=Status.DRAFT, name="Top Secret", slug="top-secret")
        for name, record in named.items():
            if name != hidden_name:
                html = body(reader, record)
                assert claim.uid not in html
                assert "Top Secret" not in html
                assert "top-secret" not in html
                assert "<strong>0</strong> claim" in html
        type(hidden).objects.filter(pk=hidden.pk).update(status="published", name=hidden.name, slug=hidden.slug)


def test_a_claim_is_left_out_whose_record_is_hidden_while_the_page_is_made():
    kept, gone = make_presence(), make_presence()
    for claim in (kept, gone):
        publish(claim.group, claim.region, claim.source)
    Region.objects.filter(pk=gone.region_id).update(status="draft")
    claims = Presence.objects.order_by("pk")
    shown = filled(Asking(make_reader()), claims, {}, lambda _model: None)
    assert shown == [kept]
    assert shown[0].region.name == kept.region.name


def test_no_other_record_that_is_a_draft_is_named(reader):
    secret = {"name": "Top Secret", "slug": "top-secret"}
    country = make_region(name="Peru", kind="country")
    between = make_region(**secret, kind="department", parent=country)
    region = make_region(name="Satipo", parent=between)
    make_region(name="Top Secret 2", parent=region)
    region.parts.add(make_region(name="Top Secret 3"))
    make_region(name="Top Secret 4", parts=[region])
    agency, program = make_agency(parent=make_agency(**secret), country=between), make_program()
    program.lead_agencies.add(agency, make_agency(name="Top Secret 5"))
    program.partner_agencies.add(make_agency(name="Top Secret 6"))
    make_program(name="Top Secret 7", lead_agencies=[agency])
    person = make_person(nationality=between)
    route = make_route(activity=make(type(make_involvement().activity), **secret))
    records = [country, region, agency, program, person, route]
    publish(*records)
    for record in records:
        html = body(reader, record)
        assert "Top Secret" not in html
        assert "top-secret" not in html
    assert '<a href="/regions/' + country.slug in body(reader, region)
    assert agency.get_absolute_url() in body(reader, program)


def test_a_right_to_claims_alone_shows_no_draft_that_they_name(client):
    group, region = make_group(), make_region(name="Top Secret")
    publish(group)
    make_presence(group=group, region=region)
    client.force_login(make_researcher(Presence, Group))
    assert "Top Secret" not in body(client, group)
    client.force_login(make_researcher(Presence, Group, Region, Source))
    assert "Top Secret" in body(client, group)


def test_only_who_may_change_a_record_gets_the_link_and_only_staff_its_state(client):
    group = make_group()
    publish(group)
    address = f"/admin/actors/group/{group.pk}/change/"
    for user, sees_link, sees_state in (
        (make_reader(), False, False),
        (make_researcher(Group), False, True),
        (make_researcher(Group, actions=("view", "change")), True, True),
    ):
        client.force_login(user)
        html = body(client, group)
        assert (address in html) is sees_link
        assert (">published</span>" in html) is sees_state


# Queries


def queries(client, record):
    with CaptureQueriesContext(connection) as captured:
        body(client, record)
    return len(captured)


@pytest.mark.parametrize("model", RECORDS)
def test_a_page_takes_few_queries_and_none_for_each_row(client, model):
    client.force_login(make_researcher(*RECORDS, *CLAIMS))
    record = make(model)
    fields = {
        kind: [key.name for key in kind.objects.all().record_fields() if key.related_model is model] for kind in CLAIMS
    }
    for kind in CLAIMS:
        for name in fields[kind]:
            make(kind, **{name: record})
    make_relation()
    first = queries(client, record)
    for kind in CLAIMS:
        for name in fields[kind]:
            for _number in range(3):
                make(kind, **{name: record})
    assert queries(client, record) == first
    assert first <= MOST_QUERIES


@pytest.mark.parametrize("model", RECORDS)
def test_a_page_leads_to_the_pictures_of_its_claims(researcher, model):
    record = make(model)
    for kind in CLAIMS:
        for name in ["source", *(key.name for key in kind.objects.all().record_fields())]:
            if kind._meta.get_field(name).related_model is model:
                make(kind, **{name: record})
    page = body(researcher, record)
    addresses = [unescape(found) for found in re.findall(rf'href="(/[a-z]+/\?[^"]*{record.slug})"', page)]
    addresses += re.findall('data-picture-from="([^"]*)"', page)
    assert addresses or model is Indicator
    for address in addresses:
        answer = researcher.get(address)
        assert answer.status_code == 200
        assert not re.search(r'class="error"[^>]*>\s*[^<\s]', answer.content.decode()), address
    assert any("network/?around=" in each for each in addresses) == (model not in (Source, Route, Indicator))


def test_regions_and_routes_show_a_map_as_soon_as_something_is_said_of_them(researcher):
    leg = make_route_leg()
    for record in (leg.route, leg.origin):
        assert f'data-picture-from="/map/small/?{record._meta.model_name}={record.slug}"' in body(researcher, record)
    assert "data-picture-from" not in body(researcher, make_region())
    assert "data-picture-from" not in body(researcher, make_presence().group)


def test_legs_of_a_route_stand_in_their_order(researcher):
    route = make_route()
    for order in (3, 1, 2):
        make_route_leg(route=route, order=order, mode="rail")
    assert re.findall(r'class="sentence">(\d)\. ', body(researcher, route)) == ["1", "2", "3"]


@pytest.mark.django_db(transaction=True)
def test_every_page_of_the_package_on_peru_opens(client):
    for package in (VOCABULARIES, PERU):
        call_command("import_dataset", package)
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    opened = 0
    for model in RECORDS:
        for record in model.objects.all():
            with CaptureQueriesContext(connection) as captured:
                assert record.name.split("&")[0].split("'")[0].split('"')[0] in body(client, record)
            assert len(captured) <= MOST_QUERIES, record.get_absolute_url()
            opened += 1
    assert opened > 200
