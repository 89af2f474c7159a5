"""Where there are many rows the same are found, and no list asks the database more often than it must."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Group
from benchmarks.reading import busiest_visible, queries_of
from crimewatch.citations.models import Source
from regions.models import Region
from tests.factories import (
    make_activity,
    make_group,
    make_group_estimate,
    make_indicator,
    make_involvement,
    make_presence,
    make_region,
    make_source,
)
from tests.kinds import RECORDS, make, make_claim_about, publish
from tests.listing import ADDRESSES, columns_of, names, page, rows
from tests.people import make_reader

#: No page of the reader's side asks the database more often.
MOST_QUERIES = 20

pytestmark = pytest.mark.django_db


def a_place_with_claims():
    """Groups of which one meets every condition, one none, and one meets them in a claim that names a draft."""
    place, source = make_region(slug="vraem"), make_source(slug="report", authors=["Díaz, Ana"], publisher="A")
    other = make_source(slug="other", publisher="B")
    said = {"region": place, "source": source, "when": "2017", "wording": "alleged", "credibility": 2}
    said |= {"stance": "disputes", "attributed_to": "Policía de Ayacucho"}
    meets, plain, hidden = (make_group(name=name) for name in ("Meets", "Plain", "Hidden"))
    make_presence(group=meets, **said)
    make_presence(group=plain, source=other, when="1990")
    publish(place, source, other, meets, plain, hidden, *Region.objects.all(), *Source.objects.all())
    make_involvement(group=hidden, activity=make_activity(), **said)
    indicator = make_indicator()
    publish(indicator)
    for number, document in enumerate((source, other)):
        make_group_estimate(group=meets, indicator=indicator, source=document, when="2017", best=number)


@pytest.mark.parametrize(
    "query",
    [
        {"wording": "alleged"},
        {"credibility": "2"},
        {"stance": "disputes"},
        {"during": "2016/2018"},
        {"region": "vraem"},
        {"source": "report"},
        {"author": "diaz"},
        {"attributed_to": "ayacucho"},
        {"rivals": "yes"},
        {"wording": "alleged", "during": "2017", "region": "vraem"},
    ],
    ids=str,
)
def test_a_list_is_the_same_whether_claims_are_looked_up_or_each_record_is_asked(reader, monkeypatch, query):
    a_place_with_claims()
    few = names(reader, "actors:group_list", **query)
    monkeypatch.setattr("crimewatch.citations.filters.SOME_CLAIMS", 0)
    assert names(reader, "actors:group_list", **query) == few == ["Meets"]


def test_where_each_record_takes_a_look_fewer_are_counted(reader, monkeypatch):
    monkeypatch.setattr("crimewatch.records.views.lists.COUNTED_LABORIOUSLY", 3)
    publish(*(make_group() for _number in range(5)))
    publish(*Source.objects.all())
    assert "5 entries" in page(reader, "actors:group_list")
    assert "More than 3 entries" in page(reader, "actors:group_list", stance="supports")
    assert len(rows(reader, "actors:group_list", stance="supports")) == 5


@pytest.mark.parametrize("address", ["actors:group_list", "explorer:claim_list"])
def test_no_filter_takes_more_queries_where_there_are_more_rows(reader, rf, address, monkeypatch):
    monkeypatch.setattr("crimewatch.citations.filters.SOME_CLAIMS", 2)
    request = rf.get("/")
    request.user = make_reader(username="another")
    a_place_with_claims()
    publish(*(make(model) for model in RECORDS))

    def counted():
        busiest = {model: busiest_visible(model) for model in RECORDS}
        found = {}
        for _what, query in queries_of(address, request, busiest):
            with CaptureQueriesContext(connection) as captured:
                page(reader, address, **query)
            found[str(query)] = len(captured)
        return found

    first = counted()
    source = Source.objects.get(slug="report")
    for group in Group.objects.all():
        for _number in range(3):
            make_presence(group=group, region=Region.objects.get(slug="vraem"), source=source, when="2011")
    second = counted()
    assert max(*first.values(), *second.values()) <= MOST_QUERIES
    # A page of more kinds of claims, or of what there was none of, may name records of one kind more, and shows rows.
    assert not {query: (first[query], number) for query, number in second.items() if number > first[query] + 4}


def test_a_page_takes_the_same_few_queries_whatever_it_holds(researcher, django_assert_max_num_queries):
    few: dict[tuple[str, str], int] = {}
    report = make_source(name="Row of reports", slug="report")
    for number in range(3):
        for model in RECORDS:
            parent = make_region()
            row = make(model, name=f"Row {number}")
            if model is Region:
                Region.objects.filter(pk=row.pk).update(parent=parent)
            make_claim_about(row, when="2017", **({} if model is Source else {"source": report}))
        for address in ADDRESSES:
            everything = {"columns": ",".join(columns_of(researcher, address))}
            narrowed = {"during": "2017", "source": "report", "q": "row"}
            for what, query, most in (("everything", everything, 12), ("narrowed", narrowed, 16)):
                with django_assert_max_num_queries(few.get((address, what), most)) as asked:
                    page(researcher, address, **query)
                few.setdefault((address, what), len(asked))
