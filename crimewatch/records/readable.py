"""Numbers and dates as people read them, in the way of their language. What programs read has plain ones."""

import re
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, gettext_lazy, pgettext

SEASONS = {
    "21": gettext_lazy("spring %(year)s"),
    "22": gettext_lazy("summer %(year)s"),
    "23": gettext_lazy("autumn %(year)s"),
    "24": gettext_lazy("winter %(year)s"),
}

QUALIFIERS = {
    "~": gettext_lazy("about %(date)s"),
    "?": gettext_lazy("perhaps %(date)s"),
    "%": gettext_lazy("perhaps about %(date)s"),
}


def number(value: Decimal | float) -> str:
    """``55000.0000`` as ``55,000`` in English and ``55 000`` in Spanish, without the zeros that say nothing."""
    return number_format(value.normalize() if isinstance(value, Decimal) else value, force_grouping=True)


def day(value: date) -> str:
    return date_format(value, "DATE_FORMAT")


def period(edtf: str) -> str:
    """An EDTF date or interval: ``2016-10/..`` as since October 2016, ``2017~`` as about 2017."""
    if "/" not in edtf:
        words = QUALIFIERS.get(edtf[-1:])
        return str(words) % {"date": _date(edtf[:-1])} if words else _date(edtf)
    start, end = edtf.split("/", 1)
    names = {"start": period(start), "end": period(end)}
    if end in ("..", ""):
        open_end = gettext("since %(start)s") if end else gettext("from %(start)s, end not known")
        return open_end % names if start not in ("..", "") else gettext("at all times")
    return (gettext("until %(end)s") if start in ("..", "") else gettext("%(start)s to %(end)s")) % names


def _date(edtf: str) -> str:
    """A date without a qualifier; text that is none stays as it is."""
    match = re.fullmatch(r"([0-9]{2})([0-9X]{2})(?:-([0-9]{2}|XX)(?:-([0-9]{2}|XX))?)?", edtf)
    if match is None:
        return edtf
    century, rest, month, day_of_month = match.groups()
    year = century + rest
    if "X" in year:
        return gettext("the %(year)ss") % {"year": year.replace("X", "0")}
    if month in SEASONS:
        return str(SEASONS[month]) % {"year": year}
    if month in (None, "XX"):
        return year
    first = date(int(year), int(month), 1)
    if day_of_month in (None, "XX"):
        return date_format(first, "YEAR_MONTH_FORMAT")
    # Translators: a day within a sentence, as in: since Oct. 4, 2016.
    return pgettext("day", "%(day)s") % {"day": day(first.replace(day=int(day_of_month)))}
