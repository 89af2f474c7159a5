"""What an address says of a list beside its filters: order, columns, page and form, and what of it makes no sense."""

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from crimewatch.records.downloads import FORMATS
from crimewatch.records.filter_fields import LONGEST_TEXT
from crimewatch.records.paging import Place

#: Longer than any place of a row that a page begins behind.
LONGEST_PLACE = 2_000

#: Pages are numbered as far as this; beyond it they are named by the row that they begin behind, as no number of rows
#: is then read only to be passed over.
NUMBERED_PAGES = 20

#: Stands before a column's name where a form gives its place, ``place-kind=1``; addresses name the columns in order.
PLACE = "place-"
PLACE_DIGITS = 2


def place_of(data: QueryDict, column: str) -> int | None:
    """The place among the columns that is given to one of them; None where there is none, or no number."""
    text = data.get(PLACE + column, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= PLACE_DIGITS else None


class ListOptions:
    """The options of one list, from an address: ``sort``, ``columns``, ``page``, ``after``, ``before``, ``format``."""

    def __init__(
        self,
        data: QueryDict,
        list_name: str,
        columns: dict[str, Any],
        shown: tuple[str, ...],
        formats: Iterable[str] = FORMATS,
    ) -> None:
        self.problems: list[str] = []
        self.known = columns
        self.columns = self._columns(data) or list(shown)
        self._check_places(data)
        self.sort = self._one_of(
            data, "sort", [name for name, column in columns.items() if column.orderable is not False]
        )
        self.format = self._one_of(data, "format", list(formats))
        self.salt = f"{list_name} by {self.sort}"
        self.page = self._page(data)
        self.after, self.before = self._place(data, "after"), self._place(data, "before")
        if sum(name in data for name in ("page", "after", "before")) > 1:
            self.problems.append(_("“page”, “after” and “before” each name a page: give one of them."))

    @property
    def sorted_by(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descends(self) -> bool:
        return self.sort.startswith("-")

    def _columns(self, data: QueryDict) -> list[str]:
        names = [name for value in data.getlist("columns") for name in value.split(",") if name]
        unknown = [name for name in names if name not in self.known]
        if unknown:
            self._complain("columns", unknown[0], list(self.known))
        return list(dict.fromkeys(name for name in names if name in self.known))

    def _check_places(self, data: QueryDict) -> None:
        for name in (name.removeprefix(PLACE) for name in data if name.startswith(PLACE)):
            if name not in self.known:
                self._complain("columns", name, list(self.known))
            elif place_of(data, name) is None:
                sentence = _("“%(value)s” is no place for a column: write a whole number from 0 to 99, as in 1.")
                self.problems.append(sentence % {"value": data[PLACE + name][:LONGEST_TEXT]})

    def _one_of(self, data: QueryDict, option: str, known: list[str]) -> str:
        value = data.get(option, "")
        if not value or (value.removeprefix("-") if option == "sort" else value) in known:
            return value
        self._complain(option, value, known)
        return ""

    def _page(self, data: QueryDict) -> int:
        text = data.get("page", "") or "1"
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
            sentence = _("“%(value)s” is not a page: pages are counted from 1.")
            self.problems.append(sentence % {"value": text[:LONGEST_TEXT]})
            return 1
        return int(text)

    def _place(self, data: QueryDict, option: str) -> Place | None:
        text = data.get(option, "")
        if not text:
            return None
        place = Place.read(text, self.salt) if len(text) <= LONGEST_PLACE else None
        if place is None:
            sentence = _("“%(value)s” is no place in this list as it is sorted now: begin at the first page.")
            shown = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
            self.problems.append(sentence % {"value": f"{option}={shown}"})
        return place

    def _complain(self, option: str, value: str, known: list[str]) -> None:
        sentences = {
            "columns": _("There is no column “%(value)s” here; there are: %(known)s."),
            "sort": _("The list cannot be sorted by “%(value)s”; it can by: %(known)s."),
            "format": _("There is no download as “%(value)s”; there are: %(known)s."),
        }
        self.problems.append(sentences[option] % {"value": value[:LONGEST_TEXT], "known": ", ".join(known)})
