"""What holds of every picture: the filters, refusals and access of a list, a description, a table, downloads."""

import csv
import io
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, resolve, reverse

from crimewatch.citations.models import Indicator
from crimewatch.environment import PROJECT_FOLDER
from crimewatch.explorer.filters import ClaimFilterSet
from crimewatch.explorer.pictures.base import PictureView
from crimewatch.explorer.pictures.ways import WAYS, narrowing_filters
from programs.models import Program
from regions.models import Region
from tests.factories import (
    make_agency,
    make_group,
    make_indicator,
    make_presence,
    make_program,
    make_region,
    make_region_estimate,
    make_source,
)
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

#: Chart, description and table of a picture, the person's session and rights, and a few more with the filters.
MOST_QUERIES = 20


def pictures() -> list[str]:
    found = []
    for name, _text in WAYS:
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        if issubclass(resolve(address).func.view_class, PictureView):
            found.append(address)
    return found


PICTURES = pictures()
every_picture = pytest.mark.parametrize("address", PICTURES)


@pytest.fixture
def reader(client) -> Client:
    client.force_login(make_reader())
    return client


@pytest.fixture
def presence():
    presence = make_presence(
        group=make_group(name="Clan"),
        region=make_region(name="Puno", kind="department", latitude="-15.84", longitude="-70.02"),
        source=make_source(name="Report"),
        when="2017",
    )
    publish(presence.group, presence.region, presence.source)
    return presence


def body(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def test_there_are_pictures():
    assert PICTURES


@every_picture
def test_strangers_are_sent_to_the_login(client, address):
    assert client.get(address).status_code == 302
    assert client.get(address, {"format": "csv"}).status_code == 302


@every_picture
def test_strangers_look_at_a_public_site(client, settings, address):
    settings.SITE_IS_PUBLIC = True
    assert client.get(address).status_code == 200


@every_picture
@pytest.mark.parametrize(
    "query",
    [
        {"region": "atlantis"},
        {"during": "March 2017"},
        {"wording": "shouted"},
        {"nonsense": "1"},
        {"sort": "nonsense"},
        {"page": "0"},
        {"columns": "nonsense"},
        {"format": "pdf"},
    ],
)
def test_nonsense_is_answered_with_a_sentence_and_nothing_is_drawn(reader, presence, address, query):
    response = reader.get(address, query)
    assert response.status_code == (400 if "format" in query else 200)
    assert response.context["picture"] is None
    assert not response.context["table"].rows
    shown = response.content.decode()
    assert "data-picture" not in shown
    assert next(iter(query.values())) in shown


@every_picture
def test_nonsense_gets_a_sentence_and_no_file(reader, presence, address):
    response = reader.get(address, {"region": "atlantis", "format": "json"})
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")
    assert "atlantis" in response.content.decode()


@every_picture
def test_a_database_without_claims_has_nothing_to_draw(reader, address):
    shown = body(reader, address)
    assert "data-picture" not in shown
    assert "There is nothing here yet" in shown


@every_picture
def test_the_description_belongs_to_the_drawing(reader, presence, address):
    shown = body(reader, address)
    described = re.search(r'aria-describedby="([^"]+)"></div>', shown)
    if described:  # a picture may have nothing to draw of this one claim, but then it has no figure either
        assert f'id="{described[1]}"' in shown
    else:
        assert "data-picture" not in shown


@every_picture
def test_downloads_hold_what_the_table_shows(reader, presence, address):
    page = reader.get(address)
    table = page.context["table"]
    response = reader.get(address, {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == [column.name for column in table.columns]
    assert len(rows) - 1 == page.context["count"]


@every_picture
def test_the_table_can_be_sorted_by_every_column_both_ways(reader, presence, address):
    columns = reader.get(address).context["headings"]
    for heading in columns:
        if heading["link"]:
            name = heading["column"].name
            assert reader.get(address, {"sort": name}).context["problems"] == []
            assert reader.get(address, {"sort": f"-{name}"}).context["problems"] == []


@every_picture
def test_a_picture_costs_few_queries_and_no_more_for_more_claims(
    reader, presence, address, django_assert_max_num_queries
):
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        reader.get(address)
    for _number in range(5):
        another = make_presence(region=make_region(kind="department", latitude="-10", longitude="-75"))
        publish(another.group, another.region, another.source)
    with django_assert_max_num_queries(len(few)):
        reader.get(address)


def draw_more(view: type[PictureView], indicator: Indicator) -> None:
    """One more of each kind of claim that a picture is made of, about records and from a source that no other names."""
    for model in view.filterset_class.kinds:
        given: dict[str, Any] = {"when": "2017"}
        for field in model._meta.fields:
            if field.related_model is Region:
                given[field.name] = make_region(kind="department", latitude="-10", longitude="-75")
            elif field.related_model is Program:
                given[field.name] = make_program(lead_agencies=[make_agency()], partner_agencies=[make_agency()])
            elif field.related_model is Indicator:
                given[field.name] = indicator
        make(model, **given)


@every_picture
@pytest.mark.parametrize("is_sorted", [False, True])
def test_a_picture_asks_no_more_where_more_of_its_own_claims_are_drawn(client, address, is_sorted):
    client.force_login(make_researcher(*RECORDS, *CLAIMS))
    view = resolve(address).func.view_class
    query = {"sort": view.table_class.shown[0]} if is_sorted else {}
    indicator = make_indicator()

    def look() -> tuple[int, int, int]:
        """How many queries it takes; how long the drawing is, and how many rows the table has."""
        with CaptureQueriesContext(connection) as asked:
            response = client.get(address, query)
        assert response.context["problems"] == []
        return len(asked), len(json.dumps(response.context["picture"].chart)), response.context["count"]

    draw_more(view, indicator)
    look()  # what is asked once and then remembered
    few, drawn, rows = look()
    for _number in range(3):
        draw_more(view, indicator)
    more, drawn_more, more_rows = look()
    assert drawn_more > 1.2 * drawn
    assert more_rows >= 4 * rows
    assert more == few


@every_picture
def test_filters_go_along_from_one_way_of_looking_to_the_next(reader, presence, address):
    query = {"region": presence.region.slug, "during": "2017"}
    ways = reader.get(address, query).context["ways"]
    assert [way.address for way in ways if way.is_current] == [f"{address}?region={presence.region.slug}&during=2017"]
    for way in ways:
        assert way.address.endswith(f"?region={presence.region.slug}&during=2017")
        assert reader.get(way.address).status_code == 200


def test_the_list_of_claims_leads_to_the_pictures_and_a_filter_that_one_lacks_is_named(reader, presence):
    ways = reader.get("/claims/", {"person": "somebody", "during": "2017"}).context["ways"]
    assert {way.address.partition("?")[0] for way in ways} >= {"/claims/", *PICTURES}
    for way in ways:
        path = way.address.partition("?")[0]
        assert way.dropped == ("" if "person" in narrowing_filters(path) else "person")


@every_picture
def test_as_somebody_types_only_the_picture_is_sent_anew(reader, presence, address):
    response = reader.get(address, {"during": "2017"}, headers={"HX-Request": "true"})
    shown = response.content.decode()
    assert "<html" not in shown
    assert shown.startswith('<section id="list"')
    assert response["HX-Push-Url"] == f"{address}?during=2017"


@every_picture
def test_every_column_and_every_filter_of_its_own_is_documented(address):
    documented = (PROJECT_FOLDER / "docs" / "pictures.md").read_text()
    view = resolve(address).func.view_class
    own = set(view.filterset_class.base_filters) - set(ClaimFilterSet.base_filters)
    assert [name for name in (*view.table_class.base_columns, *own) if f"`{name}`" not in documented] == []


@every_picture
def test_where_nothing_is_installed_a_sentence_stands_in_place_of_the_picture(
    reader, presence, nothing_installed, address
):
    shown = body(reader, address)
    assert "picture-canvas" not in shown
    if "data-picture" in shown:
        assert "its drawing program is not installed" in shown


@pytest.mark.parametrize("address", ["/timeline/", "/figures/"])
@pytest.mark.parametrize("query", [{}, {"stance": "supports"}, {"q": "puno"}])
def test_the_table_and_the_file_are_in_the_order_of_time_until_the_reader_chooses_another(client, address, query):
    client.force_login(make_reader(username="head", is_staff=True, is_superuser=True))
    region, indicator, source = make_region(name="Puno"), make_indicator(), make_source()
    for when in ("2017", "2015", "2016"):
        make_region_estimate(region=region, indicator=indicator, source=source, when=when)
    for sort, years in (("", ["2015", "2016", "2017"]), ("-when", ["2017", "2016", "2015"])):
        asked = query | ({"sort": sort} if sort else {})
        assert [row["when"] for row in client.get(address, asked).context["page"].rows] == years
        file = b"".join(client.get(address, {**asked, "columns": "when,uid", "format": "csv"})).decode()
        assert [line.split(",")[0] for line in file.splitlines()[1:]] == years
