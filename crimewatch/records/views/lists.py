"""Lists: what an address asks for, as a page, as the part of it that changed, or as a file."""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from crimewatch.records import readable
from crimewatch.records.access import AnsweredMixin
from crimewatch.records.choices import Choices, choices_of
from crimewatch.records.copies import Copy
from crimewatch.records.downloads import FORMATS, download, streamed
from crimewatch.records.facets import Counts
from crimewatch.records.filter_fields import joined
from crimewatch.records.filters import OPTIONS, ChoiceFilter, ListFilterSet
from crimewatch.records.kept import Answers, answers_for
from crimewatch.records.options import NUMBERED_PAGES, PLACE, ListOptions, place_of
from crimewatch.records.paging import Order, Place
from crimewatch.records.tables import ListRow, ListTable

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

_Answer = TypeVar("_Answer")

PAGE_SIZE = 50

#: How many rows are counted. Past that the list says “more than”, or about how many: to count a million takes longer
#: than to show a page.
COUNTED = 10_000

#: The filters that are in view, the first five of these that a list has; the others unfold.
MAIN_FILTERS = ("q", "kind", "region", "activity", "during", "indicator", "author")

#: So many are counted where each row takes a look at what is said of it.
COUNTED_LABORIOUSLY = 1_000

#: In so many parts, each larger than the one before, candidates are looked at closely before all rows are.
SIFTED_PARTS = 2

#: How many rows a download reads at a time.
CHUNK = 2_000


@dataclass(frozen=True)
class Page:
    """A page of a list: its rows, its number where it has one, and the addresses that lead on from it."""

    rows: list[Any]
    number: int = 0
    first: str = ""
    previous: str = ""
    next: str = ""


@dataclass(frozen=True)
class ShownFilter:
    """A filter as the page shows it: a field to type into, or choices to tick."""

    field: Any
    choices: Choices | None
    is_main: bool

    @property
    def is_used(self) -> bool:
        return bool(self.field.data or self.field.errors)


class SeenBy(NamedTuple):
    """Who asks: all that filters need of a request."""

    user: "Viewer"


class ListView(AnsweredMixin, View):
    """A list: filters beside a table, page by page, and the same rows as files."""

    title: ClassVar[Any]
    name: ClassVar[str]
    filterset_class: ClassVar[type[ListFilterSet]]
    table_class: ClassVar[type[ListTable]]
    template_name: ClassVar[str] = "site/list.html"
    #: What is sent anew as somebody types.
    part_template_name: ClassVar[str] = "site/_table.html"
    main_filters: ClassVar[tuple[str, ...]] = MAIN_FILTERS
    #: The files that it can be downloaded as, and how each is called.
    formats: ClassVar[dict[str, str]] = FORMATS
    #: As many pages have numbers.
    numbered_pages: ClassVar[int] = NUMBERED_PAGES

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if request.GET.urlencode() != self._given().urlencode() and not self.is_partial:
            return HttpResponseRedirect(self._at(self._given()))  # a form by itself sends its empty fields too
        if self.chosen_options.format and self.makes_sense:
            return self.file()
        template = self.part_template_name if self.is_partial else self.template_name
        # Whoever asks for a file, be it a script, must not take the page that says why there is none for it.
        refused = 400 if "format" in request.GET else None
        response = render(request, template, self.get_context_data(), status=refused)
        patch_vary_headers(response, ["HX-Request"])
        if self.is_partial:
            response["HX-Push-Url"] = self._at(self._given())
        return response

    def file(self) -> HttpResponseBase:
        """All rows in the form that the address asks for."""
        form = self.chosen_options.format
        copy = self.copy() if form == "csv" else None
        if copy:
            return streamed(form, self.name, copy)
        return download(form, self.name, self.chosen_options.columns, self.cells())

    def copy(self) -> Copy | None:
        """All rows as CSV that the database writes itself; None where it does not know what some column shows."""
        return None

    @cached_property
    def is_partial(self) -> bool:
        """Whether only the table is asked for, as somebody types."""
        headers = self.request.headers
        return "HX-Request" in headers and "HX-History-Restore-Request" not in headers

    @cached_property
    def columns(self) -> dict[str, Any]:
        """The columns that this viewer may choose from."""
        hidden = frozenset() if self.sees_drafts() else self.table_class.for_staff
        known = self.table_class.base_columns
        return {name: known[name] for name in dict.fromkeys((*self.table_class.shown, *known)) if name not in hidden}

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The columns that stand there until the reader chooses others."""
        return tuple(name for name in self.columns if name in self.table_class.shown)

    @cached_property
    def chosen_options(self) -> ListOptions:
        return ListOptions(self._given(), self.name, self.columns, self.shown, self.formats)

    @cached_property
    def filterset(self) -> ListFilterSet:
        return self.filterset_class(self._given(), queryset=self.get_queryset(), request=SeenBy(self.viewer))

    @cached_property
    def problems(self) -> list[str]:
        """What is wrong with the address, apart from the filters, which say it beside their fields."""
        options = self.chosen_options
        problems = [*self.filterset.misplaced(), *options.problems]
        if not problems and self.order is None and (options.after or options.before):
            problems.append(_("Pages have numbers in this order: give “page” instead."))
        if not problems and options.page > self.last_page:
            problems.append(self._no_such_page())
        return problems

    def _no_such_page(self) -> str:
        asked = {"page": self.chosen_options.page, "last": self.last_page}
        if self.count <= self.last_page * PAGE_SIZE:
            return _("There is no page %(page)s: the last is %(last)s.") % asked
        return (
            _("Pages have numbers up to %(last)s; %(page)s is past that. Go on by the links below the table.") % asked
        )

    @cached_property
    def facets(self) -> dict[str, Counts]:
        """How many rows each choice would leave."""
        if self.chosen_options.problems:
            return {}
        if self.count > self.most_counted:
            return dict.fromkeys(self.filterset.counted_choices())
        return self.answer("facets", lambda: self.filterset.facets(at_least=self.count))

    def shown_filters(self) -> list["ShownFilter"]:
        """The filters as the page shows them, those first that are in view."""
        form = self.filterset.form
        main = [name for name in self.main_filters if name in form.fields][:5]
        return [
            ShownFilter(form[name], choices_of(form[name], self.facets), is_main=name in main)
            for name in dict.fromkeys((*main, *form.fields))
        ]

    @cached_property
    def rows(self) -> Any:
        """The rows that the address asks for, in its order; none where it makes no sense."""
        fitting = self.filterset.qs
        return fitting.none() if self.chosen_options.problems else fitting

    @property
    def most_counted(self) -> int:
        """Up to how many rows are counted."""
        return min(COUNTED, COUNTED_LABORIOUSLY) if self.filterset.is_laborious else COUNTED

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most one more than are counted."""
        if self._first_keys is not None:
            return min(len(self._first_keys), self.most_counted + 1)
        return self.answer("count", self.counted)

    def counted(self) -> int:
        """The count as the database gives it."""
        return int(self.rows.order_by()[: self.most_counted + 1].count())

    @cached_property
    def answers(self) -> Answers:
        """What is known already of what the pages of a list ask for: to sort it and leaf through it changes little."""
        user = self.request.user
        return Answers(user) if self.is_personal else answers_for(user)

    @property
    def is_personal(self) -> bool:
        """Whether others who may see the same would find something else at this address."""
        filters = self.filterset_class.base_filters
        return any(getattr(filters.get(name), "is_personal", False) for name in self.request.GET)

    def answer(self, question: str, find: Callable[[], _Answer], *more: Any) -> _Answer:
        """The answer to a question about the rows that the filters leave, with whatever ``more`` it depends on."""
        if self.chosen_options.problems:
            return find()  # there are no rows, whatever the filters leave
        return self.answers.to((type(self), self.given_filters(), question, *more), find)

    @cached_property
    def estimate(self) -> int | None:
        """About how many rows there are, for a list that is too long to be counted; None where nobody knows."""
        return None

    @property
    def last_page(self) -> int:
        """The last page that has a number."""
        return min(max(1, -(-self.count // PAGE_SIZE)), self.numbered_pages)

    @property
    def is_numbered(self) -> bool:
        """Whether the pages have numbers, all of them: they have in a short list, and in an order of likeness."""
        return self.order is None or self.count <= self.numbered_pages * PAGE_SIZE

    @cached_property
    def page(self) -> "Page":
        """The page that the address names, with what leads on from it."""
        if self.problems or not self.count:
            return Page([])
        options, order = self.chosen_options, self.order
        if order and options.after:
            rows = self.rows_beyond(options.after)
            return self._page(rows[:PAGE_SIZE], has_previous=True, has_next=len(rows) > PAGE_SIZE)
        if order and options.before:
            rows = self.rows_beyond(options.before, backwards=True)[::-1]
            if len(rows) > PAGE_SIZE:
                return self._page(rows[1:], has_previous=True, has_next=True)
            # The first page, in full.
        first = (options.page - 1) * PAGE_SIZE
        rows = self.rows_from(first)
        return self._page(rows[:PAGE_SIZE], has_previous=first > 0, has_next=len(rows) > PAGE_SIZE)

    def _page(self, rows: list[Any], *, has_previous: bool, has_next: bool) -> "Page":
        options, order = self.chosen_options, self.order
        is_by_place = options.after is not None or options.before is not None
        if self.is_numbered and not is_by_place:
            number = options.page
            return Page(
                rows,
                number,
                previous=self.address(page=number - 1) if number > 1 else "",
                next=self.address(page=number + 1) if number < self.last_page else "",
            )
        if order is None or not rows:
            return Page(rows, first=self.address())
        before, after = (order.place_of(row).signed(options.salt) for row in (rows[0], rows[-1]))
        return Page(
            rows,
            first=self.address() if has_previous else "",
            previous=self.address(before=before) if has_previous else "",
            next=self.address(after=after) if has_next else "",
        )

    def rows_from(self, start: int) -> list[Any]:
        """A page of rows and one more, from the number ``start`` on, counted from 0."""
        stop = start + PAGE_SIZE + 1
        keys = self._first_keys
        if keys is None and self.is_sorted_laboriously():
            keys = self.answer("first in order", self._first_in_order, self.chosen_options.sort)
        if keys is None:
            return self._in_full(self._keys(self.in_order(self.rows)[start:stop]))
        return self._in_full(keys[start:stop])

    def rows_beyond(self, place: Place, *, backwards: bool = False) -> list[Any]:
        """A page of rows and one more behind a place or, backwards, before it; the nearest comes first."""
        order: Any = self.order  # rows by likeness have no places
        candidates = self._candidates()
        if candidates is not None:
            keys = self._sifted(order.beyond(candidates, place, backwards=backwards), PAGE_SIZE + 1)
            if keys is not None:
                return self._in_full(keys)
        return self._in_full(self._keys(order.beyond(self.rows, place, backwards=backwards)[: PAGE_SIZE + 1]))

    def are_found_at_once(self) -> bool:
        """Whether to bring the first rows in order takes no longer than to count them."""
        return False

    def _first_in_order(self) -> list[dict[str, Any]]:
        """The rows of the pages that have numbers."""
        return self._keys(self.in_order(self.rows)[: self.numbered_pages * PAGE_SIZE + 1])

    def is_sorted_laboriously(self) -> bool:
        """Whether each row takes a look elsewhere before it is known which come first."""
        return False

    def _candidates(self) -> Any:
        """The rows of which only a few need be looked at closely; None where all are, or there is nothing to look for.

        The number of claims, as an order, is another thing that is found out of all rows.
        """
        if self.chosen_options.sorted_by == "claims" or not self.makes_sense_so_far:
            return None
        return self.filterset.candidates()

    @property
    def makes_sense_so_far(self) -> bool:
        """Whether the address asks for something, though perhaps for a page that is not there."""
        return not self.chosen_options.problems and self.filterset.makes_sense()

    @cached_property
    def _first_keys(self) -> list[dict[str, Any]] | None:
        """The first rows, as many as are counted or have a page with a number; None where ``rows`` has to tell.

        Where they are told, they are found once, and not once for their number, once for the page and once for the
        choices.
        """
        most = max(self.most_counted, self.numbered_pages * PAGE_SIZE)
        candidates = self._candidates()
        keys: list[dict[str, Any]] | None
        if candidates is not None:
            find = partial(self._sifted, self.in_order(candidates), most + 1)
            keys = self.answer("first keys", find, self.chosen_options.sort)
        elif self.are_found_at_once() and self.order:
            keys = self.answer("first keys", lambda: self._keys(self.in_order(self.rows)[: most + 1]))
        elif self.are_found_at_once():  # by likeness, which may be of ten thousand rows
            alike = self.rows.values_list("pk", flat=True)
            keys = [{"pk": pk} for pk in self.answer("alike", lambda: array("q", alike[: most + 1]))]
        else:
            return None
        if keys is not None and len(keys) <= most:
            self.filterset.known_keys = [key["pk"] for key in keys]
        return keys

    def _sifted(self, candidates: Any, number: int) -> list[dict[str, Any]] | None:
        """The first so many rows among sorted ``candidates``; None where the first of them do not tell."""
        found: list[dict[str, Any]] = []
        start, stop = 0, number + number // 4
        for _part in range(SIFTED_PARTS):
            keys = self._keys(candidates[start:stop])
            fitting = self.filterset.sifted([key["pk"] for key in keys])
            found += [key for key in keys if key["pk"] in fitting]
            if len(found) >= number or len(keys) < stop - start:
                return found[:number]
            start, stop = stop, 4 * stop
        return None

    def _keys(self, rows: Any) -> list[dict[str, Any]]:
        """Which rows there are, in their order, and by what they are sorted."""
        return list(rows.values("pk", *(["order_key"] if self.order else [])))

    def _in_full(self, rows: list[dict[str, Any]]) -> list[Any]:
        """All that is shown of the rows of a page, which are known by their keys.

        Asked for at once, the database would find out what a row shows, such as the number of its claims, of every row
        that it has to sort.
        """
        keys = {row["pk"]: row for row in rows}
        visible: Any = self.filterset.queryset
        found = self.dressed(visible.order_by(), keys).in_bulk(keys)
        shown = [found[pk] for pk in keys if pk in found]  # somebody may have deleted or hidden one in between
        for row in shown:
            row.order_key = keys[row.pk].get("order_key")
        return shown

    def cells(self) -> Iterator[list[Any]]:
        """All rows, a list of plain values each, read as they are needed."""
        table = self.table([])
        rows = self.dressed(self.in_order(self.rows))
        for record in self.read(rows):
            row = ListRow(record, table)
            yield [row.get_cell_value(name) for name in self.chosen_options.columns]

    def table(self, rows: Iterable[Any]) -> ListTable:
        hidden = [name for name in self.table_class.base_columns if name not in self.chosen_options.columns]
        # Without the request, by which the table would sort the page's rows once more, and in another way.
        table: ListTable = self.table_class(rows, exclude=hidden, sequence=self.chosen_options.columns)
        return table

    @property
    def makes_sense(self) -> bool:
        """Whether the address asks for something; where it does not, nothing is shown but why."""
        return not self.problems and not self.filterset.errors

    def address(self, **changes: Any) -> str:
        """The address of this list from its first page on, with other options."""
        query = self._given()
        for option in ("format", "page", "after", "before"):
            query.pop(option, None)
        for option, value in changes.items():
            query[option] = value
        return self._at(query)

    def _at(self, query: QueryDict) -> str:
        text = query.urlencode(safe="/:,!")
        return f"{self.request.path}?{text}" if text else self.request.path

    def _given(self) -> QueryDict:
        """The parameters of the address that say something: none that is empty, no columns that stand there anyway."""
        given = QueryDict(mutable=True)
        places = [f"{PLACE}{name}" for name in self.columns if place_of(self.request.GET, name) is not None]
        for name, values in self.request.GET.lists():
            filled = [value for value in values if value.strip()]
            if name == "columns":
                filled = [text for text in [self._columns_of(filled)] if text != ",".join(self.shown)]
            elif name in places:
                filled = []  # it has done its work
            elif isinstance(self.filterset_class.base_filters.get(name), ChoiceFilter):
                filled = [text for text in [joined(filled)] if text]
            if filled:
                given.setlist(name, filled)
        return given

    def _columns_of(self, values: list[str]) -> str:
        """The columns that the address names, those first whose places it gives as numbers."""
        names = [name for value in values for name in value.split(",") if name]
        places = {name: place_of(self.request.GET, name) for name in names}
        first = sorted((place, names.index(name)) for name, place in places.items() if place is not None)
        return ",".join(dict.fromkeys((*(names[number] for _place, number in first), *names)))

    def get_context_data(self) -> dict[str, Any]:
        page = self.page
        table = self.table(page.rows)
        filters = self.shown_filters()
        chosen_from = self.chosen_from()
        return {
            "view": self,
            "title": self.title,
            "name": self.name,
            "saved_query": self.address().partition("?")[2],
            "filterset": self.filterset,
            "main_filters": [each for each in filters if each.is_main],
            "more_filters": [each for each in filters if not each.is_main],
            "more_is_open": any(each.is_used for each in filters if not each.is_main),
            "choice_filters": [each for each in filters if each.choices],
            "is_counted": all(counts is not None for counts in self.facets.values()),
            "table": table,
            "headings": [self._heading(column) for column in table.columns],
            "problems": self.problems,
            "makes_sense": self.makes_sense,
            "count": self.count,
            "count_text": self.count_text(),
            "page": page,
            "last_page": self.last_page,
            "ends_early": self.order is None and self.count > self.numbered_pages * PAGE_SIZE,
            "choices": [
                (name, self.columns[name].verbose_name or name)
                for name in dict.fromkeys((*self.chosen_options.columns, *self.columns))
            ],
            "chosen": self.chosen_options.columns,
            "sort": self.chosen_options.sort,
            "downloads": [(label, self.address(format=form)) for form, label in self.formats.items()],
            "is_partial": self.is_partial,
            "is_filtered": self.is_filtered,
            "rows": list(self._cells_of(page.rows, table, marked=bool(chosen_from))),
            "chosen_from": chosen_from,
            "may_edit": self.may_edit(),
        }

    def _cells_of(self, rows: list[Any], table: ListTable, *, marked: bool) -> Iterator[tuple[str, list[Any]]]:
        """By what each row is chosen, if it is ``marked``, and its cells: of each the class and what it shows."""
        classes = {column.name: column.attrs["td"].get("class", "") for column in table.columns}
        for record in rows:
            row = ListRow(record, table)
            yield self.choice_of(record) if marked else "", [(classes[name], row.get_cell(name)) for name in classes]

    def given_filters(self) -> str:
        """The filters of the address, without what else stands in it."""
        filters = self._given()
        for option in OPTIONS:
            filters.pop(option, None)
        return filters.urlencode()

    def chosen_from(self) -> dict[str, str]:
        """What the pages for many rows at once have to know of this list; empty where it has none to choose."""
        return {}

    def may_edit(self) -> bool:
        """Whether the viewer may change some of the rows."""
        return False

    def choice_of(self, row: Any) -> str:  # noqa: ARG002 - lists of which rows are chosen need it
        """By what a row is chosen: its kind and its number there."""
        return ""

    @property
    def is_filtered(self) -> bool:
        return any(name in self.filterset.filters for name in self._given())

    def count_text(self) -> str:
        """How many rows there are, in words: to the last one up to ``most_counted``, more or less past that."""
        if self.count <= self.most_counted:
            return ngettext("%(number)s entry", "%(number)s entries", self.count) % {
                "number": readable.number(self.count)
            }
        if self.estimate and self.estimate > self.most_counted:
            places = 2 - len(str(self.estimate))  # two digits that count
            return _("About %(number)s entries") % {"number": readable.number(round(self.estimate, places))}
        return _("More than %(number)s entries") % {"number": readable.number(self.most_counted)}

    def _heading(self, column: Any) -> dict[str, Any]:
        """A column's head: its address sorts by it, and a second time the other way round."""
        ascends = self.chosen_options.sort == column.name
        direction = ("ascending" if ascends else "descending") if self.chosen_options.sorted_by == column.name else ""
        link = self.address(sort=f"-{column.name}" if ascends else column.name) if column.orderable else ""
        return {"column": column, "direction": direction, "link": link}

    def sees_drafts(self) -> bool:
        raise NotImplementedError

    def get_queryset(self) -> Any:
        """All rows that the viewer may see."""
        raise NotImplementedError

    @cached_property
    def order(self) -> Order | None:
        """The order of the rows; None where they come by likeness to what is searched for."""
        raise NotImplementedError

    def in_order(self, rows: Any) -> Any:
        return self.order.sort(rows) if self.order else rows

    def dressed(self, rows: Any, keys: Collection[int] | None = None) -> Any:  # noqa: ARG002 - lists of records need it
        """``rows`` with what the chosen columns show beside the row itself; of a few rows the ``keys`` are told."""
        return rows

    def read(self, rows: Any) -> Iterable[Any]:
        iterated: Iterable[Any] = rows.iterator(chunk_size=CHUNK)
        return iterated
