"""Figures over time: bands for one indicator, rivals side by side, and nothing of drafts."""

import pytest

from crimewatch.records.models import Status
from tests.factories import (
    make_activity,
    make_group_estimate,
    make_indicator,
    make_region,
    make_region_estimate,
    make_source,
)
from tests.kinds import publish
from tests.people import make_reader

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


@pytest.fixture
def coca():
    return make_indicator(name="Coca", slug="coca")


def picture(client, **query):
    return client.get("/figures/", query).context["picture"]


def figures(client, **query):
    return [figure for panel in picture(client, **query).chart["panels"] for figure in panel["figures"]]


def test_an_estimate_is_drawn_with_its_values_and_leads_to_its_place(researcher, coca):
    claim = make_region_estimate(
        indicator=coca, low=1, best=2.5, high=40441, when="2017", is_derived=True, note="Sum.", is_series_break=True
    )
    (figure,) = figures(researcher)
    assert (figure["low"], figure["best"], figure["high"]) == (1, 2.5, 40441)
    assert figure["address"] == claim.get_absolute_url()
    assert figure["derived"]
    assert figure["break"]
    assert "1–40,441 (2.5) hectare · 2017" in figure["tip"]


def test_rivals_of_one_date_stand_side_by_side_a_colour_for_each_source(researcher, coca):
    peru = make_region(name="Peru")
    for name, best in (("DEVIDA", 55000), ("UNODC", 40000)):
        make_region_estimate(region=peru, indicator=coca, best=best, when="2017", source=make_source(name=name))
    make_region_estimate(region=peru, indicator=coca, best=1, when="2016", source=make_source(name="Third"))
    shown = picture(researcher)
    assert len(shown.chart["panels"]) == 1
    assert {figure["slots"] for figure in figures(researcher) if figure["best"] > 1} == {2}
    assert sorted(figure["slot"] for figure in figures(researcher) if figure["best"] > 1) == [0, 1]
    assert len({figure["voice"] for figure in figures(researcher)}) == 3
    assert set(shown.chart["voices"]) == {"DEVIDA", "UNODC", "Third"}


def test_colours_may_tell_whom_the_source_names(researcher, coca):
    source = make_source(name="Article")
    for name in ("DEVIDA", "UNODC", ""):
        make_region_estimate(indicator=coca, source=source, attributed_to=name, when="2017")
    assert picture(researcher).chart["voices"] == ["Article"]
    assert set(picture(researcher, colour="attributed").chart["voices"]) == {"DEVIDA", "UNODC", "Article"}


def test_one_indicator_is_drawn_that_with_most_figures_or_the_one_asked_for(researcher, coca):
    bases = make_indicator(name="Bases", slug="bases", unit="base")
    for _number in range(2):
        make_region_estimate(indicator=coca, when="2017")
    make_region_estimate(indicator=bases, best=64, when="2017")
    assert "2 figures for the indicator “Coca” are drawn." in picture(researcher).description
    assert "The filter “indicator” draws another: bases." in picture(researcher).description
    assert [figure["best"] for figure in figures(researcher, indicator="bases")] == [64]


def test_subjects_and_units_do_not_share_a_scale(researcher, coca):
    peru = make_region(name="Peru")
    make_region_estimate(region=peru, indicator=coca, when="2017")
    make_region_estimate(region=peru, indicator=coca, when="2017", unit="tonne")
    make_group_estimate(indicator=coca, when="2017")
    assert len(picture(researcher).chart["panels"]) == 3


def test_too_many_subjects_are_left_out_and_the_description_says_so(researcher, coca, monkeypatch):
    monkeypatch.setattr("crimewatch.explorer.pictures.figures.MOST_PANELS", 1)
    often = make_region(name="Often")
    for region in (often, make_region(), often):
        make_region_estimate(region=region, indicator=coca, when="2017")
    shown = picture(researcher)
    assert [panel["name"] for panel in shown.chart["panels"]] == ["Often (hectare)"]
    assert any(sentence.startswith("Only the 1 subjects") for sentence in shown.description)


def test_a_figure_without_a_date_stands_at_its_cut_off_or_in_the_table_alone(researcher, coca):
    make_region_estimate(indicator=coca, best=1, when="", cut_off="2016-12-31")
    make_region_estimate(indicator=coca, best=2, when="")
    assert [figure["best"] for figure in figures(researcher)] == [1]
    assert "1 has no date and stands in the table alone." in picture(researcher).description
    assert b"".join(researcher.get("/figures/", {"format": "csv"})).count(b"\n") == 3


def test_a_figure_that_all_give_alike_is_told_once(researcher, coca):
    peru, source = make_region(name="Peru"), make_source()
    for year in ("2016", "2017"):
        make_region_estimate(indicator=coca, region=peru, source=source, best=7, when=year)
    assert "Peru: 7 hectare, by 1 source." in picture(researcher).description


def test_words_say_where_only_one_end_is_known(researcher, coca):
    make_region_estimate(indicator=coca, best=None, high=10, when="2017")
    make_region_estimate(indicator=coca, best=None, low=20, when="2017")
    tips = " ".join(figure["tip"] for figure in figures(researcher))
    assert "at most 10" in tips
    assert "at least 20" in tips


@pytest.mark.parametrize("hidden", ["region", "source", "indicator", "activity"])
def test_no_figure_that_names_a_draft_is_drawn_or_counted(reader, coca, hidden):
    claim = make_region_estimate(indicator=coca, best=4321, when="2017", activity=make_activity())
    other = make_region_estimate(best=1, when="2017")
    publish(claim.region, claim.source, claim.indicator, claim.activity, other.region, other.source, other.indicator)
    record = getattr(claim, hidden)
    assert "4,321" in reader.get("/figures/", {"indicator": "coca"}).content.decode()
    type(record).objects.filter(pk=record.pk).update(status=Status.DRAFT)
    html = reader.get("/figures/").content.decode()
    assert "4,321" not in html
    assert claim.uid not in html


def test_it_costs_few_queries_and_none_for_each_figure(researcher, coca, django_assert_max_num_queries):
    make_region_estimate(indicator=coca, when="2017")
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        researcher.get("/figures/")
    for year in range(2000, 2010):
        make_region_estimate(indicator=coca, when=str(year))
    with django_assert_max_num_queries(len(few)):
        researcher.get("/figures/")


def test_pages_of_indicators_and_figures_of_records_lead_to_it(researcher, coca):
    claim = make_region_estimate(indicator=coca, when="2017", region=make_region(slug="peru"))
    assert 'href="/figures/?indicator=coca"' in researcher.get(coca.get_absolute_url()).content.decode()
    page = researcher.get(claim.region.get_absolute_url()).content.decode()
    assert 'href="/figures/?region=peru&amp;indicator=coca"' in page
    assert 'href="/timeline/?region=peru"' in page
    assert '/figures/"' in researcher.get("/estimates/").content.decode()
