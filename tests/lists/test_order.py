"""Lists are sorted as people read, show the columns that are chosen, and have tidy addresses."""

import re
import unicodedata

import pytest
from django.urls import reverse

from actors.models import Group
from tests.factories import (
    make_group,
    make_group_citation,
    make_group_estimate,
    make_presence,
    make_region,
    make_source,
)
from tests.kinds import CLAIMS, RECORDS, make, make_claim_about, publish
from tests.listing import ADDRESSES, LISTS, columns_of, names, page, rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", RECORDS)
def test_a_list_sorts_by_every_column_that_it_offers(researcher, model):
    for name in ("Beta", "Álpha"):
        make_claim_about(make(model, name=name))
    for column in columns_of(researcher, LISTS[model]):
        for sort in (column, f"-{column}"):
            response = researcher.get(reverse(LISTS[model]), {"sort": sort})
            assert response.status_code == 200
    assert [name for name in names(researcher, LISTS[model], sort="-name") if name in ("Álpha", "Beta")] == [
        "Beta",
        "Álpha",
    ]


def test_words_of_a_vocabulary_are_sorted_as_the_reader_reads_them(researcher):
    for kind in ("border-area", "country", "lake", "port"):
        make_region(name=kind, kind=kind)
    found = names(researcher, "regions:region_list", sort="kind")
    assert found == ["border-area", "country", "lake", "port"]
    assert names(researcher, "regions:region_list", sort="-kind") == found[::-1]
    researcher.cookies["django_language"] = "es"  # lago, país, puerto, zona de frontera
    assert names(researcher, "regions:region_list", sort="kind") == ["lake", "country", "port", "border-area"]


def test_texts_are_sorted_without_regard_to_accents_and_case_and_nothing_comes_last(researcher):
    for name, publisher in (("1", ""), ("2", "Zeta"), ("3", "élite"), ("4", "abc"), ("5", "UNODC")):
        make_source(name=name, publisher=publisher)
    assert names(researcher, "citations:source_list", sort="publisher") == ["4", "3", "5", "2", "1"]
    assert names(researcher, "citations:source_list", sort="-publisher") == ["2", "5", "3", "4", "1"]


def test_claims_are_sorted_by_what_their_columns_show(researcher):
    for attributed_to in ("", "UNODC", "a number of experts", "Ávila", "United States"):
        make_presence(attributed_to=attributed_to, wording="alleged" if attributed_to else "stated")
    query = {"columns": "uid,attributed_to", "sort": "attributed_to"}
    told = [row["attributed_to"] for row in rows(researcher, "explorer:claim_list", **query)]
    assert told == ["a number of experts", "Ávila", "United States", "UNODC", ""]
    shown = re.findall(r"<td>([^<]*)</td></tr>", page(researcher, "explorer:claim_list", **query))
    assert [text.replace("—", "") for text in shown] == told


def test_claims_are_sorted_by_the_names_of_their_kinds(researcher):
    for model in CLAIMS:
        make(model)
    for language in ("en", "es"):
        researcher.cookies["django_language"] = language
        for query in ({}, {"wording": "!planned"}):
            kinds = [row["kind"] for row in rows(researcher, "explorer:claim_list", sort="kind", **query)]
            plain = [unicodedata.normalize("NFD", kind).encode("ascii", "ignore").lower() for kind in kinds]
            assert plain == sorted(plain)
            assert len(set(kinds)) > 10


def test_records_sort_by_their_number_of_claims(researcher):
    one, two = make_group(name="One"), make_group(name="Two")
    make_presence(group=one)
    make_presence(group=two)
    make_group_citation(record=two)
    make_group(name="None")
    assert names(researcher, "actors:group_list", sort="-claims") == ["Two", "One", "None"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_the_chosen_columns_are_shown_and_downloaded(researcher, address):
    make_group_estimate()
    every = columns_of(researcher, address)
    chosen = [every[-1], every[0]]
    response = researcher.get(reverse(address), {"columns": ",".join(chosen), "format": "csv"})
    assert b"".join(response).decode().splitlines()[0] == ",".join(chosen)
    assert page(researcher, address, columns=",".join(chosen)).count('<th scope="col"') in (0, 2)


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("columns=name&columns=kind&columns=slug&place-name=&place-kind=&place-slug=1", "slug,name,kind"),
        ("columns=name&columns=kind&columns=slug&place-name=10&place-kind=9&place-slug=", "kind,name,slug"),
        ("columns=name,kind,slug&place-kind=0", "kind,name,slug"),
        ("columns=name&columns=slug&place-kind=1&place-slug=1", "slug,name"),
    ],
)
def test_columns_are_put_in_order_by_numbers_and_the_address_names_them_in_that_order(researcher, query, columns):
    make_group()
    response = researcher.get(f"/groups/?{query}")
    assert response["Location"] == f"/groups/?columns={columns}"
    shown = researcher.get(response["Location"]).context
    assert shown["chosen"] == columns.split(",")
    assert [name for name, _label in shown["choices"]][: len(shown["chosen"])] == shown["chosen"]


def test_columns_in_their_usual_order_stand_in_no_address(researcher):
    usual = researcher.get("/groups/").context["chosen"]
    boxes = "&".join(f"columns={name}&place-{name}={place}" for place, name in enumerate(usual, start=1))
    assert researcher.get(f"/groups/?{boxes}")["Location"] == "/groups/"


def test_a_list_is_paged_and_a_download_is_not(researcher):
    Group.objects.bulk_create(Group(slug=f"g-{n:03}", name=f"G {n:03}", kind="street-gang") for n in range(120))
    first, last = page(researcher, "actors:group_list"), page(researcher, "actors:group_list", page=3)
    assert "120 entries" in first
    assert "Page 1 of 3" in first
    assert "G 049" in first
    assert "G 050" not in first
    assert "G 119" in last
    assert len(rows(researcher, "actors:group_list", page=3)) == 120


def test_what_is_past_the_bound_is_not_counted(reader, monkeypatch):
    monkeypatch.setattr("crimewatch.records.views.lists.COUNTED", 3)
    publish(*(make_group() for _number in range(5)))
    assert "More than 3 entries" in page(reader, "actors:group_list")


def test_empty_fields_leave_the_address(reader):
    response = reader.get(reverse("actors:group_list"), {"q": "", "region": " ", "kind": "family-clan"})
    assert response.status_code == 302
    assert response["Location"] == "/groups/?kind=family-clan"


def test_typing_gets_the_table_alone_and_the_tidy_address(researcher):
    make_region(slug="vraem")
    response = researcher.get(
        reverse("actors:group_list"), {"q": "", "region": "vraem", "during": "nonsense"}, headers={"HX-Request": "true"}
    )
    text = response.content.decode()
    assert response["HX-Push-Url"] == "/groups/?region=vraem&during=nonsense"
    assert "<html" not in text
    assert 'id="error-during" role="status" hx-swap-oob="true"' in text
    assert "HX-Request" in response["Vary"]
