"""Dates on a line of time: nothing is drawn more certain than it is written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings

from crimewatch.explorer.pictures.spans import span_of
from tests.records.edtf_strategies import EXAMPLES, periods


def at(day):
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("2017-03-04", {"start": at("2017-03-04"), "end": at("2017-03-05"), "is_day": True}),
        ("2017", {"start": at("2017-01-01"), "end": at("2018-01-01")}),
        ("2017~", {"start_is": "approximate", "end_is": "approximate"}),
        ("2017-03-04?", {"start_is": "uncertain", "end_is": "uncertain", "is_day": True}),
        ("1990/1999%", {"start": at("1990-01-01"), "end": at("2000-01-01"), "end_is": "both"}),
        ("199X", {"start": at("1990-01-01"), "end": at("2000-01-01"), "is_somewhere": True}),
        ("2017-03-XX", {"start": at("2017-03-01"), "end": at("2017-04-01"), "is_somewhere": True}),
        ("2016-10/..", {"start": at("2016-10-01"), "end_is": "open"}),
        ("../2014", {"end": at("2015-01-01"), "start_is": "open"}),
        ("1969/", {"start": at("1969-01-01"), "end_is": "unknown", "surely_until": at("1970-01-01")}),
        ("/2014", {"end": at("2015-01-01"), "start_is": "unknown", "surely_from": at("2014-01-01")}),
        ("199X/2005", {"start": at("1990-01-01"), "surely_from": at("2000-01-01"), "end": at("2006-01-01")}),
        ("1990/200X", {"end": at("2010-01-01"), "surely_until": at("2000-01-01")}),
    ],
)
def test_each_end_is_drawn_as_it_is_known(text, drawn):
    data = span_of(text).as_data()
    told = {name for name in data if name not in ("start", "end")}
    assert told == set(drawn) - {"start", "end"}
    assert {name: data[name] for name in drawn} == drawn


def test_what_has_no_date_has_no_span():
    assert span_of("") is None


def reaches_as_far_as_its_days(written):
    span = span_of(written.text)
    start = None if span.start is None else datetime.fromtimestamp(span.start / 1000, tz=UTC).date()
    end = None if span.end is None else datetime.fromtimestamp(span.end / 1000, tz=UTC).date()
    assert start == written.earliest
    assert end == (written.latest and written.latest + timedelta(days=1))


@pytest.mark.parametrize("written", EXAMPLES, ids=lambda written: written.text)
def test_a_span_reaches_as_far_as_the_days_of_its_date(written):
    reaches_as_far_as_its_days(written)


@settings(deadline=None)
@given(periods())
def test_a_span_reaches_as_far_as_the_days_of_any_period(written):
    reaches_as_far_as_its_days(written)
