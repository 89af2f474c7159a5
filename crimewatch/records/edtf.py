"""A period as a researcher writes it: a date or an interval in EDTF (ISO 8601-2), levels 0 and 1.

What is read, and the days it covers:

========================  ==========================================================================
`2017`                    the year
`2017-03`, `2017-03-04`   the month, the day
`199X`, `19XX`            some year of that decade or century: all of its days
`2017-XX`, `2017-XX-XX`   some month or day of the year: all of its days
`2017-03-XX`              some day of the month: all of its days
`2017-21` to `2017-24`    spring, summer, autumn, winter. A season names no hemisphere (in Peru spring
                          begins in September), so it covers the whole year that it is written with
`2017?` `2017~` `2017%`   uncertain, approximate, both: noted, but no day is added to the range
`1990/1999`               an interval: from the earliest day of the start to the latest of the end
`2016-10/..`  `../2014`   an open end: the period goes on, or has no beginning; no bound on that side
`2015/`  `/2014`          an unknown end: there is one, nobody knows when; no bound on that side
========================  ==========================================================================

Each end of an interval has its own qualifier and may be any of these dates; `199X/2005`, with unspecified
digits, is the one thing read that the specification has on level 2 only. Every year a date may mean lies
in 0001 to 9998, the years that Python's dates and a half-open range can hold, so that negative years and
those of five digits are refused; so are times of day. Nothing is guessed: text that is not EDTF gets a
sentence that shows the nearest right form.

The database derives the same range from the same text: see `sql/edtf_daterange.sql`. Whatever changes
here changes there, and the tests compare the two.

Specification: Library of Congress, Extended Date/Time Format, https://www.loc.gov/standards/datetime/
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FIRST_YEAR = 1
LAST_YEAR = 9998
OPEN = ".."
UNKNOWN = ""

# More than the longest period (two whole days with qualifiers: 23 characters), so that an address with a
# megabyte in it is not searched for typing errors.
LONGEST_TEXT = 60


class EDTFError(ValueError):
    """The text is not a period of EDTF level 0 or 1; its message is one sentence for who typed it."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """One date as written, which may leave open the day, the month or the last digits of the year."""

    text: str
    earliest: date
    latest: date
    is_approximate: bool = False
    is_uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A date or an interval as written, with the days that it may cover.

    A single date is both `start` and `end`. An end that is open or unknown is None.
    """

    text: str
    start: PartialDate | None
    end: PartialDate | None

    def __str__(self) -> str:
        return self.text

    @property
    def is_interval(self) -> bool:
        return "/" in self.text

    @property
    def start_is_open(self) -> bool:
        return self.text.startswith(f"{OPEN}/")

    @property
    def start_is_unknown(self) -> bool:
        return self.text.startswith("/")

    @property
    def end_is_open(self) -> bool:
        return self.text.endswith(f"/{OPEN}")

    @property
    def end_is_unknown(self) -> bool:
        return self.text.endswith("/")

    @property
    def earliest(self) -> date | None:
        """The first day that the period may cover; None where its start is open or unknown."""
        return self.start.earliest if self.start else None

    @property
    def latest(self) -> date | None:
        """The last day that the period may cover; None where its end is open or unknown."""
        return self.end.latest if self.end else None

    @property
    def after_latest(self) -> date | None:
        """The day after the last, where a PostgreSQL daterange ends; None as for `latest`."""
        return self.latest + timedelta(days=1) if self.latest else None

    @property
    def is_approximate(self) -> bool:
        return any(each.is_approximate for each in (self.start, self.end) if each)

    @property
    def is_uncertain(self) -> bool:
        return any(each.is_uncertain for each in (self.start, self.end) if each)

    def overlaps(self, other: Period) -> bool:
        """Whether some day may belong to both periods, as `&&` does for the ranges in the database."""
        return _not_after(self.earliest, other.latest) and _not_after(other.earliest, self.latest)


def parse(text: str) -> Period:
    """The period that `text` writes down; EDTFError, with a sentence, where it is none.

    Nothing is stripped or corrected: `parse(text).text == text`.
    """
    period = _read(text)
    if period is None:
        raise EDTFError(_complaint(text))
    return period


# [0-9] and not \d: \d also takes the digits of other scripts.
_DATE = re.compile(
    r"""
    (?P<year> [0-9]{4} | [0-9]{3}X | [0-9]{2}XX )
    (?: (?<!X) - (?P<month> [0-9]{2} | XX )
        (?: - (?P<day> (?<!XX-)[0-9]{2} | XX ) )?
    )?
    (?P<qualifier> [?~%]? )
    """,
    re.VERBOSE,
)


def _read(text: str) -> Period | None:
    """The period; None where the text has not the shape of one; EDTFError where no calendar has it."""
    sides = text.split("/")
    if len(sides) > 2:
        return None
    dates = [_read_date(side, text) for side in sides]
    start, end = dates[0], dates[-1]
    if start is None and end is None:
        return None
    if any(found is None and side not in (OPEN, UNKNOWN) for side, found in zip(sides, dates, strict=True)):
        return None
    if start and end and end.latest < start.earliest:
        raise EDTFError(
            gettext(
                '%(date)s ends before it starts: "%(end)s" lies wholly before "%(start)s", '
                'so write "%(end)s/%(start)s" if the two were swapped.'
            )
            % {"date": _quoted(text), "start": start.text, "end": end.text}
        )
    return Period(text, start, end)


def _read_date(text: str, whole: str) -> PartialDate | None:
    """One date of the period `whole`; None and EDTFError as for `_read`."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    name = _quoted(text)
    if text != whole:
        name = gettext("%(date)s in %(period)s") % {"date": name, "period": _quoted(whole)}
    years = int(match["year"].replace("X", "0")), int(match["year"].replace("X", "9"))
    if years[0] < FIRST_YEAR or years[1] > LAST_YEAR:
        raise EDTFError(
            gettext('%(date)s reaches outside the years 0001 to 9998: write a year among them, as in "2017".')
            % {"date": name}
        )
    months = _months(match["month"], match["day"], name)
    earliest = date(years[0], months[0], 1)
    latest = date(years[1], months[1], calendar.monthrange(years[1], months[1])[1])
    if match["day"] not in (None, "XX"):
        earliest = latest = _day(years[0], months[0], int(match["day"]), name)
    return PartialDate(
        text,
        earliest,
        latest,
        is_approximate=match["qualifier"] in ("~", "%"),
        is_uncertain=match["qualifier"] in ("?", "%"),
    )


def _months(month: str | None, day: str | None, name: str) -> tuple[int, int]:
    """The first and the last month that the two digits after the year may mean."""
    if month is None or month == "XX":
        return 1, 12
    number = int(month)
    if 1 <= number <= 12:
        return number, number
    if 21 <= number <= 24 and day is None:
        return 1, 12
    if 21 <= number <= 24:
        raise EDTFError(
            gettext(
                "%(date)s gives a day to a season (%(month)s), which has none: "
                'write the season alone, as in "2017-21", or a month from 01 to 12, as in "2017-03-04".'
            )
            % {"date": name, "month": month}
        )
    if 25 <= number <= 41:
        raise EDTFError(
            gettext(
                "%(date)s has the code %(month)s of EDTF level 2, and only levels 0 and 1 are read: write a season "
                'from 21 (spring) to 24 (winter), as in "2017-21", or the months, as in "2017-01/2017-03".'
            )
            % {"date": name, "month": month}
        )
    raise EDTFError(
        gettext(
            '%(date)s has %(month)s where the month stands: write a month from 01 to 12, as in "2017-03", '
            'or an interval with both years in full, as in "2016/2017".'
        )
        % {"date": name, "month": month}
    )


def _day(year: int, month: int, day: int, name: str) -> date:
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        written_month = f"{year:04}-{month:02}"
        raise EDTFError(
            gettext(
                "%(date)s has %(day)s where the day stands: write a day from 01 to %(last)s, "
                'as in "%(month)s-%(last)s", or "%(month)s" if the day is not known.'
            )
            % {"date": name, "day": f"{day:02}", "last": days, "month": written_month}
        )
    return date(year, month, day)


def _not_after(start: date | None, end: date | None) -> bool:
    return start is None or end is None or start <= end


class _Slip(NamedTuple):
    """A way in which people write a date that is not EDTF, and what to tell them.

    `problem` ends in an example: the text after `repair` (as for `re.sub`) if that is EDTF, and
    `example` if not. A slip without an example speaks only where its repair succeeds.
    """

    pattern: str
    problem: StrOrPromise
    repair: str | Callable[[re.Match[str]], str] | None = None
    example: str | None = None


def _with_hyphens(match: re.Match[str]) -> str:
    return "-".join(part.zfill(2) for part in match.groups() if part)


def _digit(match: re.Match[str]) -> str:
    return str(unicodedata.decimal(match[0]))


def _one_qualifier(match: re.Match[str]) -> str:
    return match[0][0] if len(set(match[0])) == 1 else "%"


def _qualifier_last(match: re.Match[str]) -> str:
    qualifiers = re.sub(r"[^?~%]", "", match[0])
    return re.sub(r"[?~%]", "", match[0]) + re.sub(r"[?~%]+", _one_qualifier, qualifiers)


def _with_slash(match: re.Match[str]) -> str:
    return f"{match[1] or OPEN}/{match[2] or OPEN}"


_LEVEL_2_X = _(
    "has an X in a place that is EDTF of level 2, and only levels 0 and 1 are read: "
    "write X for the last digits alone, as in"
)

# The first slip that has something to say is told, so that the order matters: what is most telling first.
_SLIPS = (
    _Slip(r"\A\s*\Z", _("is empty: write a year, a month or a day, as in"), None, "2017-03-04"),
    _Slip(
        rf"(?s)\A.{{{LONGEST_TEXT}}}",
        _("is too long for a date in EDTF: write one date or one interval, as in"),
        None,
        "2016-10-01/2017-03-31",
    ),
    _Slip(r"(?![0-9])\d", _("has digits other than 0 to 9: write those, as in"), _digit),
    _Slip(r"(?![0-9])\d", _("has digits other than 0 to 9: write those, as in"), None, "2017-03-04"),
    _Slip(r"[\s\u200b-\u200f\u2060\ufeff]+", _("has white space in it: write it without, as in"), ""),
    _Slip(r"\s*[\u2010-\u2015\u2212]\s*", _("has a dash where EDTF has a hyphen: write it as in"), "-"),
    _Slip(
        r"\s*[\u2010-\u2015\u2212]\s*",
        _("has a dash where EDTF has a slash: write an interval with whole dates, as in"),
        "/",
        "2016/2017",
    ),
    _Slip(
        r"\A([0-9]{4}(?:-[0-9]{2}){0,2})\s*-\s*([0-9]{4}(?:-[0-9]{2}){0,2})\Z",
        _("has a hyphen where EDTF has a slash: write the interval as in"),
        r"\1/\2",
        "1990/1999",
    ),
    _Slip(
        r"(?i)(?:t|(?<=[0-9])\s+)[0-9]{1,2}[:h][^/]*|(?<=[0-9])t[0-9]{2}[^/]*",
        _("has a time of day, and only whole days are kept: write the day alone, as in"),
        "",
        "2017-03-04",
    ),
    _Slip(
        r"[\[\]{}]",
        _(
            "has brackets, which are EDTF of level 2, and only levels 0 and 1 are read: "
            "write one date, or one interval as in"
        ),
        None,
        "2016/2017",
    ),
    _Slip(
        r"(?<![0-9A-Z])([0-9]{4})([0-9]{2})([0-9]{2})?(?![0-9])",
        _("has no hyphens: write year, month and day with hyphens, as in"),
        _with_hyphens,
        "2017-03-04",
    ),
    _Slip(
        r"(?i)(?:\A|/)(?:y[-+]?[0-9]|[-+][0-9]|[0-9]{5})",
        _("does not begin with a year of four digits from 0001 to 9998: write it as in"),
        None,
        "2017",
    ),
    _Slip(
        r"[0-9]S[0-9]",
        _(
            "has significant digits (S), which are EDTF of level 2, and only levels 0 and 1 are read: "
            "write an interval, as in"
        ),
        None,
        "1950/1959",
    ),
    _Slip(
        r"(?<=[0-9Xx-])x(?![a-wyz])",
        _("has a lower-case x: write a capital X for a digit not known, as in"),
        "X",
        "199X",
    ),
    _Slip(
        r"(?<=[0-9UuXx-])u(?![a-tv-z])",
        _("has a u, from an old draft of EDTF: write a capital X for a digit not known, as in"),
        "X",
        "199X",
    ),
    _Slip(
        r"(?i)\A(?:\.\.|open|unknown)?/?(?:\.\.|open|unknown)?\Z",
        _("has no date in it: leave a period that nobody knows empty, or write at least one end, as in"),
        None,
        "2016-10/..",
    ),
    _Slip(
        r"(?i)(?<=/)(?:unknown|[?~%])\Z|\A(?:unknown|[?~%])(?=/)",
        _("has an unknown end: leave that side of the slash empty, as in"),
        "",
        "2015/",
    ),
    _Slip(
        r"(?i)(?<=/)(?:open|present)\Z|\Aopen(?=/)",
        _("has an open end: write two dots on that side of the slash, as in"),
        OPEN,
        "2016-10/..",
    ),
    _Slip(
        r"\A([^/.]*)\.\.([^/.]*)\Z",
        _("has no slash: write an interval with one, as in"),
        _with_slash,
        "2016/2017",
    ),
    _Slip(
        r"(?<=\.\.)[?~%]+",
        _("has a qualifier on an open end, which takes none: write it as in"),
        "",
        "2016-10/..",
    ),
    _Slip(
        r"\A([0-9]{4})/([0-9]{1,2})(?:/([0-9]{1,2}))?\Z",
        _(
            "has a slash, which in EDTF stands between the two ends of an interval: "
            "write month and day with hyphens, as in"
        ),
        _with_hyphens,
    ),
    _Slip(
        r"\A([0-9]{2}|[0-9]{4}-(?:[0-9]{2}-)?)([0-9]{2})/([0-9]{2})\Z",
        _("cuts the end of the interval short: write both dates in full, as in"),
        r"\1\2/\1\3",
        "2016/2017",
    ),
    _Slip(
        r"\A[0-9]{1,2}([-./\s])(?:[0-9]{1,2}\1[0-9]{2}(?:[0-9]{2})?|[0-9]{4})\Z",
        _(
            "does not begin with the year: write year, month and day in this order with hyphens, "
            "so that 4 March 2017 is"
        ),
        None,
        "2017-03-04",
    ),
    _Slip(
        r"\A([0-9]{4})[./\s]([0-9]{1,2})(?:[./\s]([0-9]{1,2}))?\Z",
        _("has other signs than hyphens in it: write year, month and day with hyphens, as in"),
        _with_hyphens,
        "2017-03-04",
    ),
    _Slip(
        r"(?<=-)([0-9])(?![0-9X])",
        _("has a month or day of one digit: write two, as in"),
        r"0\1",
        "2017-03-04",
    ),
    _Slip(
        r"\A[0-9]{4}-(?:W[0-9]|[0-9]{3}\Z)",
        _("has a week or a day counted through the year: write month and day, as in"),
        None,
        "2017-03-04",
    ),
    _Slip(
        r"[?~%]{2,}(?=/|\Z)",
        _("has more than one qualifier: write one of ? ~ %, where % means both others, as in"),
        _one_qualifier,
        "2017%",
    ),
    _Slip(
        r"[0-9X?~%-]+",
        _(
            "has a qualifier before or inside a date, which is EDTF of level 2, and only levels 0 and 1 "
            "are read: write it after the date, as in"
        ),
        _qualifier_last,
    ),
    _Slip(r"(?<=X)([?~%]?)(?:-XX)+", _LEVEL_2_X, r"\1"),
    _Slip(r"-[0-9]X(?![0-9X])", _LEVEL_2_X, "-XX"),
    _Slip(r"-[0-9]?X", _LEVEL_2_X, None, "2017-XX"),
    _Slip(r"(?<=[0-9X-])X|X(?=[0-9X-])", _LEVEL_2_X, None, "199X"),
    _Slip(r"\b([0-9]{3})0['\u2019]?s\b", _("names a decade in words: write it as in"), r"\1X", "199X"),
    _Slip(
        r"(?i)\A(?:c\.?|ca\.?|circa)\s*([0-9-]+)\Z",
        _("marks an approximate date in words: write a tilde after it, as in"),
        r"\1~",
        "2017~",
    ),
    _Slip(
        r"(?:\A|/)[0-9]{1,3}(?:\Z|/)",
        _("has a year of fewer than four digits: write it in full, as in"),
        None,
        "2017",
    ),
    _Slip(
        r"[^\W\d_]",
        _("is not a date in EDTF: write the year first and the month in digits, so that March 2017 is"),
        None,
        "2017-03",
    ),
    _Slip(r"/[^/]*/", _("has more than one slash: write an interval with one, as in"), None, "2016/2017"),
    _Slip(
        r"\A",
        _('is not a date in EDTF: write the year first, in digits, as in "2017", "2017-03" or'),
        None,
        "2017-03-04",
    ),
)


def _complaint(text: str) -> str:
    """One sentence on what keeps `text` from being EDTF, with a right form."""
    return next(filter(None, (_sentence(slip, text) for slip in _SLIPS)))


def _sentence(slip: _Slip, text: str) -> str | None:
    if not re.search(slip.pattern, text):
        return None
    repaired = re.sub(slip.pattern, slip.repair, text) if slip.repair is not None else ""
    example = repaired if _is_period(repaired) else slip.example
    if not example:
        return None
    words = {"date": _quoted(text), "problem": slip.problem, "example": example}
    return gettext('%(date)s %(problem)s "%(example)s".') % words


def _is_period(text: str) -> bool:
    try:
        return _read(text) is not None
    except EDTFError:
        return False


def _quoted(text: str) -> str:
    """The text between quotation marks: not longer than a line, and with nothing invisible in it."""
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}…"
    seen = (sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    # Translators: the quotation marks around a date as it was typed.
    return gettext('"%(date)s"') % {"date": "".join(seen)}
