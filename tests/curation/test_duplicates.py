"""Pairs that may be one are found, shown to those who may see both, and judged once; typing tells of what is there."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group
from crimewatch.citations.models import Source
from crimewatch.curation import roles
from crimewatch.curation.duplicates.finding import look_through
from crimewatch.curation.duplicates.models import Likeness, Verdict
from crimewatch.records.models import Record
from regions.models import Region
from tests.curation.people import make_member
from tests.factories import make_group, make_presence, make_region, make_source
from tests.kinds import RECORDS, make
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Any:
    user = make_member(roles.EDITOR)
    client.force_login(user)
    return user


def found(model: Any) -> dict[tuple[str, str], list[str]]:
    """The pairs that a look finds, by the names of both, and what they have in common."""
    look_through(model)
    names = dict(model.objects.values_list("pk", "name"))
    return {(names[each.first_id], names[each.second_id]): each.grounds for each in Likeness.objects.order_by("pk")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Los Pulpos de Trujillo"}, {"name": "los pulpos de trujillo"}),
        ({"name": "Sendero Luminoso"}, {"name": "Sendero Lumnoso"}),
        ({"name": "Quispe Palomino"}, {"name": "Palomino Quispe"}),
        ({"name": "Shining Path", "aliases": ["Sendero Luminoso"]}, {"name": "Sendero Luminoso"}),
        ({"name": "Clan Ñahui"}, {"name": "Clan Nahui"}),
    ],
)
def test_records_of_nearly_one_name_are_found(one: Any, other: Any) -> None:
    make_group(**one)
    make_group(**other)
    make_group(name="Barrio King")

    assert list(found(Group)) == [(one["name"], other["name"])]


@pytest.mark.parametrize(
    ("one", "other", "ground"),
    [
        ({"url": "http://www.lse.ac.uk/a/?utm_source=x#part"}, {"url": "https://lse.ac.uk/a"}, "address"),
        ({"doi": "10.1000/ABC"}, {"url": "https://doi.org/10.1000/abc?x=1"}, "doi"),
        ({"name": "Report: 1", "issued": "2017-05"}, {"name": "Réport – 1", "issued": "2017-05"}, "title_and_date"),
    ],
)
def test_sources_of_one_doi_address_or_title_and_date_are_found(one: Any, other: Any, ground: str) -> None:
    first, second = make_source(**one), make_source(**other)
    make_source(name="Report, 1", issued="2018", url="https://lse.ac.uk/b")

    assert ground in found(Source)[first.name, second.name]


def test_a_code_that_another_has_as_an_alias_is_found() -> None:
    make_region(name="Puno", iso_3166="PE-PUN")
    make_region(name="Altiplano", aliases=["PE-PUN"])

    assert found(Region) == {("Puno", "Altiplano"): ["code"]}


def test_namesakes_that_lie_apart_or_are_of_another_kind_are_no_pair() -> None:
    puno, cusco = make_region(name="Puno", kind="department"), make_region(name="Cusco", kind="department")
    melgar = make_region(name="Melgar", parent=puno)
    make_region(name="Santa Rosa", kind="district", parent=melgar)
    make_region(name="Santa Rosa", kind="district", parent=cusco)
    make_region(name="Santa Rosa", kind="settlement", parent=melgar)
    assert found(Region) == {}
    make_region(name="Santa Rosa", kind="district", parent=puno)  # entered one level higher
    assert found(Region) == {("Santa Rosa", "Santa Rosa"): ["name"]}


def test_the_same_place_and_time_make_a_pair_stronger_and_others_weaker() -> None:
    region = make_region()
    groups = [make_group(name="Los Pulpos", founded=founded) for founded in ("1990", "199X", "1970")]
    for group in groups[:2]:
        make_presence(group=group, region=region)
    look_through(Group)
    strengths = {(each.first_id, each.second_id): each for each in Likeness.objects.all()}
    alike = strengths[groups[0].pk, groups[1].pk]

    assert alike.grounds == ["name", "period", "place"]
    assert alike.strength > strengths[groups[0].pk, groups[2].pk].strength


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_every_kind_can_be_looked_through_by_command(model: type[Record], capsys: Any) -> None:
    for _ in range(2):
        make(model, name="Quirquincho andino", aliases=["Armadillo"])
    call_command("find_duplicates", model._meta.model_name)

    assert capsys.readouterr().out == f"{model._meta.model_name}: 1 pairs\n"


def test_an_unknown_kind_is_told_to_who_looks() -> None:
    with pytest.raises(CommandError, match=r"no kind of record “clan”; there are: .*group"):
        call_command("find_duplicates", "clan")


def queue(client: Client, **query: Any) -> Any:
    return client.get(reverse("curation:duplicates"), {"kind": "group", **query})


def pairs(response: Any) -> list[set[str]]:
    return [{record.name for record in line.records} for line in response.context["lines"]]


def judge(client: Client, one: Any, other: Any, **data: str) -> Any:
    return client.post(reverse("curation:verdict", args=["group", one.pk, other.pk]), data)


def test_what_is_said_of_a_pair_is_remembered(client: Client, editor: Any) -> None:
    one, other = make_group(name="Los Pulpos"), make_group(name="Los Pulpoz")
    look_through(Group)
    assert pairs(queue(client)) == [{"Los Pulpos", "Los Pulpoz"}]
    assert judge(client, other, one, answer="different", note="two towns").status_code == 302
    look_through(Group)
    assert pairs(queue(client)) == []
    assert pairs(queue(client, said="different")) == [{"Los Pulpos", "Los Pulpoz"}]
    assert "two towns" in queue(client, said="different").content.decode()
    judge(client, one, other, answer="unsure")

    (verdict,) = Verdict.objects.all()
    assert (verdict.first_id, verdict.answer, verdict.person) == (one.pk, "unsure", editor)
    assert list(verdict.events.order_by("pgh_id").values_list("answer", flat=True)) == ["different", "unsure"]


@pytest.mark.parametrize(("data", "words"), [({}, "Say whether"), ({"answer": "maybe"}, "“maybe” is no answer")])
def test_an_answer_that_is_none_is_told(data: Any, words: str, client: Client, editor: Any) -> None:
    one, other = make_group(), make_group()
    response = client.post(reverse("curation:verdict", args=["group", one.pk, other.pk]), data, follow=True)

    assert words in str(next(iter(response.context["messages"])))
    assert not Verdict.objects.exists()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"kind": "clan"}, "no kind of record “clan”"),
        ({"said": "maybe"}, "“maybe” is no answer"),
        ({"page": "x"}, "The page is not a number"),
    ],
)
def test_a_list_asked_for_nonsense_says_so(query: Any, words: str, client: Client, editor: Any) -> None:
    response = queue(client, **query)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert pairs(response) == []


def test_a_pair_is_for_those_who_may_see_both(client: Client) -> None:
    one = make_group(name="Los Pulpos")
    other = make_group(name="Los Pulpoz", restricted_to=["desk"], restriction_reason="a witness")
    look_through(Group)
    client.force_login(make_member(roles.EDITOR))
    page = queue(client)
    assert pairs(page) == []
    assert {number for _name, _label, number, _here in page.context["numbers"]} == {0}
    assert judge(client, one, other, answer="same").status_code == 404
    client.force_login(make_reader())
    assert queue(client).status_code == 404
    client.force_login(make_researcher(Group))
    assert judge(client, one, make_group(), answer="same").status_code == 403
    assert client.post(reverse("curation:duplicates"), {"kind": "group"}).status_code == 403
    client.logout()
    assert queue(client).status_code == 302


def test_a_pair_names_two_records_that_are_there() -> None:
    one = make_group()
    kind = ContentType.objects.get_for_model(Group)
    for first, second in ((one.pk, one.pk + 1000), (one.pk, one.pk)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Verdict.objects.create(content_type=kind, first_id=first, second_id=second, answer="same")


def test_a_verdict_on_a_deleted_record_is_shown_to_nobody(client: Client, editor: Any) -> None:
    one, other = make_group(name="Los Pulpos"), make_group(name="Los Pulpoz")
    look_through(Group)
    judge(client, one, other, answer="unsure")
    other.delete()
    assert pairs(queue(client, said="unsure")) == []


def test_the_list_takes_no_more_queries_with_more_pairs(client: Client, editor: Any) -> None:
    def queries() -> int:
        look_through(Group)
        queue(client)
        with CaptureQueriesContext(connection) as captured:
            assert queue(client).status_code == 200
        return len(captured)

    make_group(name="Los Pulpos")
    make_group(name="Los Pulpoz")
    few = queries()
    for number in range(30):
        make_presence(group=make_group(name=f"Los Pulpos de la Costa {number % 10}"))
    assert queries() == few
    assert few <= 25


def test_a_button_looks_through_anew(client: Client, editor: Any) -> None:
    make_group(name="Los Pulpos")
    make_group(name="Los Pulpoz")
    assert "Nobody has looked" in queue(client).content.decode()
    assert client.post(reverse("curation:duplicates"), {"kind": "group"}).status_code == 302
    assert pairs(queue(client)) == [{"Los Pulpos", "Los Pulpoz"}]


# While a new record is typed


def alike(client: Client, model: Any, **typed: str) -> list[str]:
    options = model._meta
    response = client.get(reverse(f"admin:{options.app_label}_{options.model_name}_alike"), typed)
    assert response.status_code == 200
    return [each["label"] for each in response.json()["alike"]]


def test_typing_tells_of_what_is_much_like_it(client: Client, editor: Any) -> None:
    make_group(name="Sendero Luminoso", aliases=["Shining Path"])
    make_group(name="Shining Star", restricted_to=["desk"], restriction_reason="a witness")
    make_source(name="One", doi="10.1000/abc", url="https://www.lse.ac.uk/a/")

    assert alike(client, Group, name="sendero lumnoso") == ["Sendero Luminoso"]
    assert alike(client, Group, name="X", aliases="Shinning Path\nShining Star") == ["Sendero Luminoso"]
    assert alike(client, Group, name="Barrio King") == alike(client, Group) == []
    assert alike(client, Group, name=" \x00'%") == []
    assert alike(client, Source, name="Other", url="http://lse.ac.uk/a") == ["One"]
    assert alike(client, Source, url="https://doi.org/10.1000/ABC") == ["One"]
    make_region(name="Puno", geonames_id=3931275)
    assert len(alike(client, Region, geonames_id="3931275")) == 1
    assert alike(client, Region, geonames_id="x") == []


def test_who_may_add_none_is_not_told(client: Client) -> None:
    client.force_login(make_researcher(Group))
    assert client.get(reverse("admin:actors_group_alike"), {"name": "a"}).status_code == 403


def test_a_new_record_much_like_another_is_saved_and_told(client: Client) -> None:
    make_group(name="Sendero <Luminoso>", slug="sendero")
    client.force_login(make_reader(username="root", is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:actors_group_add"))
    assert reverse("admin:actors_group_alike") in page.content.decode()
    forms = [each.formset.management_form for each in page.context["inline_admin_formsets"]]
    data = {f"{form.prefix}-{name}": form[name].value() for form in forms for name in form.fields}
    data |= {"name": "Sendero Luminoso", "kind": "family-clan", "state": "unknown"}
    response = client.post(reverse("admin:actors_group_add"), data, follow=True)

    assert Group.objects.count() == 2
    said = [str(message) for message in response.context["messages"]]
    assert any('<a href="/groups/sendero/">Sendero &lt;Luminoso&gt;</a>' in each for each in said), said
