"""Lists: what an address asks for, as a page, as the part of it that changed, or as a file."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models import Count, F, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views import View
from django_tables2.rows import BoundRow

from crimewatch.records import readable
from crimewatch.records.access import VisibleMixin
from crimewatch.records.downloads import FORMATS, download
from crimewatch.records.filters import LONGEST_TEXT, ListFilterSet
from crimewatch.records.models import Record
from crimewatch.records.querysets import claim_relations, sees_drafts
from crimewatch.records.tables import ListTable, RecordColumn, RecordsColumn, RecordTable

PAGE_SIZE = 50

#: How many rows are counted and paged through. Past that the list says so: to count a million takes longer than to
#: show a page, and nobody turns two hundred pages.
COUNTED = 10_000

#: The filters that are in view, the first five of these that a list has; the others unfold.
MAIN_FILTERS = ("q", "kind", "region", "activity", "during", "indicator", "author")

#: How many rows a download reads at a time.
CHUNK = 2_000


class ListOptions:
    """What an address says beside its filters: order, columns, page and form of the list, and what is wrong with it."""

    def __init__(
        self, data: QueryDict, columns: dict[str, Any], shown: tuple[str, ...], formats: Iterable[str] = FORMATS
    ) -> None:
        self.problems: list[str] = []
        self.known = columns
        self.columns = self._columns(data) or list(shown)
        self.sort = self._one_of(
            data, "sort", [name for name, column in columns.items() if column.orderable is not False]
        )
        self.format = self._one_of(data, "format", list(formats))
        self.page = self._page(data)

    @property
    def sorted_by(self) -> str:
        return self.sort.removeprefix("-")

    def _columns(self, data: QueryDict) -> list[str]:
        names = [name for value in data.getlist("columns") for name in value.split(",") if name]
        unknown = [name for name in names if name not in self.known]
        if unknown:
            self._complain("columns", unknown[0], list(self.known))
        return list(dict.fromkeys(name for name in names if name in self.known))

    def _one_of(self, data: QueryDict, option: str, known: list[str]) -> str:
        value = data.get(option, "")
        if not value or (value.removeprefix("-") if option == "sort" else value) in known:
            return value
        self._complain(option, value, known)
        return ""

    def _page(self, data: QueryDict) -> int:
        text = data.get("page", "") or "1"
        if text.isascii() and text.isdigit() and len(text) <= len(str(COUNTED)) and int(text) > 0:
            return int(text)
        self.problems.append(_("“%(value)s” is not a page: pages are counted from 1.") % {"value": text[:LONGEST_TEXT]})
        return 1

    def _complain(self, option: str, value: str, known: list[str]) -> None:
        sentences = {
            "columns": _("There is no column “%(value)s” here; there are: %(known)s."),
            "sort": _("The list cannot be sorted by “%(value)s”; it can by: %(known)s."),
            "format": _("There is no download as “%(value)s”; there are: %(known)s."),
        }
        self.problems.append(sentences[option] % {"value": value[:LONGEST_TEXT], "known": ", ".join(known)})


class ListView(VisibleMixin, View):
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

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if request.GET.urlencode() != self._given().urlencode() and not self.is_partial:
            return HttpResponseRedirect(self._at(self._given()))  # a form by itself sends its empty fields too
        if self.chosen_options.format:
            return self.file()
        template = self.part_template_name if self.is_partial else self.template_name
        response = render(request, template, self.get_context_data())
        patch_vary_headers(response, ["HX-Request"])
        if self.is_partial:
            response["HX-Push-Url"] = self._at(self._given())
        return response

    def file(self) -> HttpResponseBase:
        """All rows in the form that the address asks for."""
        return download(self.chosen_options.format, self.name, self.chosen_options.columns, self.cells())

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
        return ListOptions(self._given(), self.columns, self.shown, self.formats)

    @cached_property
    def filterset(self) -> ListFilterSet:
        filters = self._given()
        return self.filterset_class(filters, queryset=self.get_queryset(), request=self.request)

    @cached_property
    def problems(self) -> list[str]:
        """What is wrong with the address, apart from the filters, which say it beside their fields."""
        problems = [*self.filterset.misplaced(), *self.chosen_options.problems]
        if not problems and self.chosen_options.page > self.last_page:
            problems.append(
                _("There is no page %(page)s: the last is %(last)s.")
                % {"page": self.chosen_options.page, "last": self.last_page}
            )
        return problems

    @cached_property
    def rows(self) -> Any:
        """The rows that the address asks for, in its order; none where it makes no sense."""
        fitting = self.filterset.qs
        return fitting.none() if self.chosen_options.problems else fitting

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most one more than are counted."""
        return self.rows.order_by()[: COUNTED + 1].count()

    @property
    def last_page(self) -> int:
        return max(1, -(-min(self.count, COUNTED) // PAGE_SIZE))

    def page(self) -> list[Any]:
        if self.problems or not self.count:
            return []
        first = (self.chosen_options.page - 1) * PAGE_SIZE
        return list(self.dressed(self.ordered(self.rows))[first : first + PAGE_SIZE])

    def cells(self) -> Iterator[list[Any]]:
        """All rows, a list of plain values each, read as they are needed."""
        table = self.table([])
        rows = self.dressed(self.ordered(self.rows))
        for record in self.read(rows):
            row = BoundRow(record, table)
            yield [row.get_cell_value(name) for name in self.chosen_options.columns]

    def table(self, rows: Iterable[Any]) -> ListTable:
        hidden = [name for name in self.table_class.base_columns if name not in self.chosen_options.columns]
        table: ListTable = self.table_class(
            rows, exclude=hidden, sequence=self.chosen_options.columns, request=self.request
        )
        return table

    @property
    def makes_sense(self) -> bool:
        """Whether the address asks for something; where it does not, nothing is shown but why."""
        return not self.problems and not self.filterset.errors

    def address(self, **changes: Any) -> str:
        """The address of this list from its first page on, with other options."""
        query = self._given()
        for option in ("format", "page"):
            query.pop(option, None)
        for option, value in changes.items():
            query[option] = value
        return self._at(query)

    def _at(self, query: QueryDict) -> str:
        text = query.urlencode(safe="/:,")
        return f"{self.request.path}?{text}" if text else self.request.path

    def _given(self) -> QueryDict:
        """The parameters of the address that say something: none that is empty, no columns that stand there anyway."""
        given = QueryDict(mutable=True)
        for name, values in self.request.GET.lists():
            filled = [value for value in values if value.strip()]
            if name == "columns":
                filled = [",".join(filled)] if filled and ",".join(filled) != ",".join(self.shown) else []
            if filled:
                given.setlist(name, filled)
        return given

    def get_context_data(self) -> dict[str, Any]:
        table = self.table(self.page())
        page = self.chosen_options.page
        form = self.filterset.form
        main = [name for name in self.main_filters if name in form.fields][:5]
        more = [field for field in form if field.name not in main]
        return {
            "title": self.title,
            "name": self.name,
            "filterset": self.filterset,
            "fields": [form[name] for name in main],
            "more_fields": more,
            "more_is_open": any(field.data or field.errors for field in more),
            "table": table,
            "headings": [self._heading(column) for column in table.columns],
            "problems": self.problems,
            "makes_sense": self.makes_sense,
            "count": self.count,
            "count_text": readable.number(min(self.count, COUNTED)),
            "count_is_exact": self.count <= COUNTED,
            "page": page,
            "last_page": self.last_page,
            "previous": self.address(page=page - 1) if 1 < page <= self.last_page else "",
            "next": self.address(page=page + 1) if page < self.last_page else "",
            "choices": [(name, column.verbose_name or name) for name, column in self.columns.items()],
            "chosen": self.chosen_options.columns,
            "sort": self.chosen_options.sort,
            "downloads": [(label, self.address(format=form)) for form, label in self.formats.items()],
            "is_partial": self.is_partial,
            "is_filtered": any(name in self.filterset.filters for name in self._given()),
        }

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

    def ordered(self, rows: Any) -> Any:
        raise NotImplementedError

    def dressed(self, rows: Any) -> Any:
        """``rows`` with what the chosen columns show beside the row itself."""
        return rows

    def read(self, rows: Any) -> Iterable[Any]:
        iterated: Iterable[Any] = rows.iterator(chunk_size=CHUNK)
        return iterated


class RecordListView(ListView):
    """The list of one kind of record. A concrete one names its model, filters and table."""

    model: ClassVar[type[Record]]
    table_class: ClassVar[type[RecordTable]]

    @property
    def title(self) -> str:
        return capfirst(str(self.model._meta.verbose_name_plural))

    @property
    def name(self) -> str:  # type: ignore[override]
        return str(self.model._meta.model_name)

    def sees_drafts(self) -> bool:
        return sees_drafts(self.request.user, self.model)

    def get_queryset(self) -> Any:
        return self.model.objects.visible_to(self.request.user)

    def get_context_data(self) -> dict[str, Any]:
        filters = self._given()
        for option in ("columns", "sort", "page", "format"):
            filters.pop(option, None)
        return {
            **super().get_context_data(),
            "export_model": self.model._meta.label_lower,
            "export_filters": filters.urlencode(),
        }

    def ordered(self, rows: Any) -> Any:
        if not self.chosen_options.sort:
            return rows  # by likeness where somebody searches, else by name
        key = self._sort_key(self.chosen_options.sorted_by)
        ordered = key.desc(nulls_last=True) if self.chosen_options.sort.startswith("-") else key.asc(nulls_last=True)
        return rows.order_by(ordered, "pk")

    def dressed(self, rows: Any) -> Any:
        chosen = self.chosen_options.columns
        if "claims" in chosen:
            rows = rows.annotate(claims=self._number_of_claims())
        linked = [name for name in chosen if isinstance(self.columns[name], RecordColumn | RecordsColumn)]
        return rows.prefetch_related(*map(self._visible, linked)).defer(*set(self.model.heavy_fields) - set(chosen))

    def _visible(self, name: str) -> Prefetch:
        """What a column links to; a record that the viewer may not see is not there."""
        related: Any = self.model._meta.get_field(name).related_model
        return Prefetch(name, related.objects.visible_to(self.request.user).defer(*related.heavy_fields))

    def _sort_key(self, name: str) -> Any:
        column = self.columns[name]
        if name == "claims":
            return self._number_of_claims()
        if isinstance(column, RecordColumn):
            return self._name_of(name)
        return F(column.order_by[0] if column.order_by else name)

    def _name_of(self, name: str) -> Any:
        """The name of the record that ``name`` links to: none where the viewer may not see that record."""
        related: Any = self.model._meta.get_field(name).related_model
        visible = related.objects.visible_to(self.request.user).order_by().filter(pk=OuterRef(f"{name}_id"))
        return Subquery(visible.values("name_key")[:1])

    def _number_of_claims(self) -> Any:
        """How many claims that the viewer may see name the record."""
        counts: list[Any] = []
        for relation in claim_relations(self.model):
            field = relation.field.name
            claims = relation.related_model.objects.visible_to(self.request.user).order_by()
            number = claims.filter(**{field: OuterRef("pk")}).values(field).annotate(number=Count("pk"))
            counts.append(Coalesce(Subquery(number.values("number"), output_field=models.IntegerField()), 0))
        return sum(counts[1:], counts[0])
