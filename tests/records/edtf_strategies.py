"""Periods in EDTF with the days they cover, and text that may not be EDTF at all."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


class Written(NamedTuple):
    """A period as typed, with the first and last day that it may cover (None: no bound on that side)."""

    text: str
    earliest: date | None
    latest: date | None


def _written(text: str, earliest: str | None, latest: str | None) -> Written:
    return Written(
        text,
        date.fromisoformat(earliest) if earliest else None,
        date.fromisoformat(latest) if latest else None,
    )


EXAMPLES = [
    _written("2017", "2017-01-01", "2017-12-31"),
    _written("0001", "0001-01-01", "0001-12-31"),
    _written("9998", "9998-01-01", "9998-12-31"),
    _written("2017-03", "2017-03-01", "2017-03-31"),
    _written("2017-12", "2017-12-01", "2017-12-31"),
    _written("9998-12", "9998-12-01", "9998-12-31"),
    _written("2016-02", "2016-02-01", "2016-02-29"),
    _written("1900-02", "1900-02-01", "1900-02-28"),
    _written("2000-02", "2000-02-01", "2000-02-29"),
    _written("2017-03-04", "2017-03-04", "2017-03-04"),
    _written("2016-02-29", "2016-02-29", "2016-02-29"),
    _written("9998-12-31", "9998-12-31", "9998-12-31"),
    _written("199X", "1990-01-01", "1999-12-31"),
    _written("19XX", "1900-01-01", "1999-12-31"),
    _written("001X", "0010-01-01", "0019-12-31"),
    _written("98XX", "9800-01-01", "9899-12-31"),
    _written("2017-XX", "2017-01-01", "2017-12-31"),
    _written("2017-XX-XX", "2017-01-01", "2017-12-31"),
    _written("2016-02-XX", "2016-02-01", "2016-02-29"),
    _written("2017-21", "2017-01-01", "2017-12-31"),
    _written("2017-22", "2017-01-01", "2017-12-31"),
    _written("2017-23", "2017-01-01", "2017-12-31"),
    _written("2017-24", "2017-01-01", "2017-12-31"),
    _written("2017?", "2017-01-01", "2017-12-31"),
    _written("2017-03~", "2017-03-01", "2017-03-31"),
    _written("2017-03-04%", "2017-03-04", "2017-03-04"),
    _written("199X?", "1990-01-01", "1999-12-31"),
    _written("2017-XX~", "2017-01-01", "2017-12-31"),
    _written("2017-21%", "2017-01-01", "2017-12-31"),
    _written("1990/1999", "1990-01-01", "1999-12-31"),
    _written("1990~/1999-06?", "1990-01-01", "1999-06-30"),
    _written("2016-02/2016-02-10", "2016-02-01", "2016-02-10"),
    _written("2017-03-04/2017-03-04", "2017-03-04", "2017-03-04"),
    _written("19XX/199X", "1900-01-01", "1999-12-31"),
    _written("2017-06/2017-XX", "2017-06-01", "2017-12-31"),
    _written("2017-XX/2017-06", "2017-01-01", "2017-06-30"),
    _written("2017-24/2017-21", "2017-01-01", "2017-12-31"),
    _written("2016-10/..", "2016-10-01", None),
    _written("../2014", None, "2014-12-31"),
    _written("2015/", "2015-01-01", None),
    _written("/2014", None, "2014-12-31"),
    _written("2015?/..", "2015-01-01", None),
    _written("/2014-02~", None, "2014-02-28"),
]

_years = st.one_of(st.integers(1900, 2030), st.integers(1, 9998))


@st.composite
def _whole_dates(draw: st.DrawFn) -> Written:
    """A year, a month or a day, with the last digits of it unspecified now and then."""
    year = draw(_years)
    month = draw(st.integers(1, 12))
    last = calendar.monthrange(year, month)[1]
    day = draw(st.integers(1, last))
    whole_year = date(year, 1, 1), date(year, 12, 31)
    whole_month = date(year, month, 1), date(year, month, last)
    return draw(
        st.sampled_from(
            [
                Written(f"{year:04}", *whole_year),
                Written(f"{year:04}-XX", *whole_year),
                Written(f"{year:04}-XX-XX", *whole_year),
                Written(f"{year:04}-{month:02}", *whole_month),
                Written(f"{year:04}-{month:02}-XX", *whole_month),
                Written(f"{year:04}-{month:02}-{day:02}", date(year, month, day), date(year, month, day)),
            ]
        )
    )


def _decade(decade: int) -> Written:
    return Written(f"{decade:03}X", date(decade * 10, 1, 1), date(decade * 10 + 9, 12, 31))


def _century(century: int) -> Written:
    return Written(f"{century:02}XX", date(century * 100, 1, 1), date(century * 100 + 99, 12, 31))


def _season(year: int, season: int) -> Written:
    return Written(f"{year:04}-{season}", date(year, 1, 1), date(year, 12, 31))


def _qualified(written: Written, qualifier: str) -> Written:
    return written._replace(text=f"{written.text}{qualifier}")


def dates() -> SearchStrategy[Written]:
    """One date of any shape."""
    return st.builds(
        _qualified,
        st.one_of(
            _whole_dates(),
            st.builds(_decade, st.integers(1, 998)),
            st.builds(_century, st.integers(1, 98)),
            st.builds(_season, _years, st.integers(21, 24)),
        ),
        st.sampled_from(["", "", "?", "~", "%"]),
    )


def _interval(one: Written, other: Written) -> Written:
    """The two dates with a slash between them, in an order in which the end is not before the start."""
    assert one.earliest is not None
    assert other.latest is not None
    start, end = (one, other) if one.earliest <= other.latest else (other, one)
    return Written(f"{start.text}/{end.text}", start.earliest, end.latest)


def _without_end(start: Written, end: str) -> Written:
    return Written(f"{start.text}/{end}", start.earliest, None)


def _without_start(start: str, end: Written) -> Written:
    return Written(f"{start}/{end.text}", None, end.latest)


def periods() -> SearchStrategy[Written]:
    """A date or an interval of any shape, with the days that it covers."""
    missing = st.sampled_from(["..", ""])
    return st.one_of(
        dates(),
        st.builds(_interval, dates(), dates()),
        st.builds(_without_end, dates(), missing),
        st.builds(_without_start, missing, dates()),
    )


def edtf_texts() -> SearchStrategy[str]:
    """The text of a period of any shape."""
    return periods().map(lambda written: written.text)


@st.composite
def _mistyped(draw: st.DrawFn) -> str:
    """A valid text with one character left out, put in or exchanged."""
    text: str = draw(edtf_texts())
    place: int = draw(st.integers(0, len(text)))
    typed: str = draw(st.sampled_from(["", *"0123456789X-/.?~%xu \nT:٣３\u2013é"]))
    return text[:place] + typed + text[place + draw(st.integers(0, 1)) :]


def _touching(day: date) -> list[str]:
    """Intervals that end on the day, in the month and in the year before they start."""
    before = day - timedelta(days=1)
    return [
        f"{day:%Y-%m-%d}/{before:%Y-%m-%d}",
        f"{day:%Y-%m-01}/{day.replace(day=1) - timedelta(days=1):%Y-%m}",
        f"{day.year:04}/{day.year - 1:04}",
    ]


def any_texts() -> SearchStrategy[str]:
    """Text of every kind that PostgreSQL can hold, much of it nearly EDTF and some of it EDTF."""
    return st.one_of(
        _mistyped(),
        st.builds("{:04}-{:02}-{:02}".format, st.integers(0, 9999), st.integers(0, 45), st.integers(0, 33)),
        st.builds("{:04}-{:02}".format, st.integers(0, 9999), st.integers(0, 99)),
        st.dates(date(1000, 1, 1)).map(_touching).flatmap(st.sampled_from),
        st.builds("{}/{}".format, edtf_texts(), edtf_texts()),
        st.text(alphabet="0123456789X-/.?~%xu \n", max_size=24),
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")),
    )
