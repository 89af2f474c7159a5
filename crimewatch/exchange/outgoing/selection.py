"""What somebody wants to have: tables, their columns in some order, the filters of a list, and the form of the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.records.resources import Export, TableResource, VisibleKeys

FORMS = {
    "csv": gettext_lazy("CSV"),
    "xlsx": gettext_lazy("Excel"),
    "jsonl": gettext_lazy("JSON lines"),
    "zip": gettext_lazy("ZIP package: CSV files with their description"),
}
#: Forms that hold several tables.
OF_SEVERAL = ("xlsx", "zip")
#: Whose filters a list has.
LISTS = ("", "site", "admin")


class EmptySelectionError(ValueError):
    """What was asked for cannot be exported; the message is a sentence."""


@dataclass(frozen=True)
class TableChoice:
    """A table and those of its columns that are wanted, in their order."""

    table: Table
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """What to export. `list_of` says whose filters `filters`, the query of an address, are; "" where there are none."""

    tables: tuple[TableChoice, ...]
    form: str
    list_of: str = ""
    filters: str = ""

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        *,
        form: str,
        columns: Sequence[str] = (),
        with_names: bool = False,
        list_of: str = "",
        filters: str = "",
    ) -> Self:
        """Check what a person has asked for; raises `EmptySelectionError`. Without `names` it is every table.

        `with_names` puts a column such as `region:name` behind each with keys.
        """
        unknown = [name for name in names if name not in TABLES_BY_NAME]
        if unknown:
            sentence = _("There is no table “%(name)s”; there are: %(names)s.")
            raise EmptySelectionError(sentence % {"name": unknown[0], "names": ", ".join(TABLES_BY_NAME)})
        tables = [table for table in TABLES if not names or table.name in names]
        if form not in FORMS:
            words = {"form": form, "forms": ", ".join(FORMS)}
            raise EmptySelectionError(_("There is no form “%(form)s”; there are: %(forms)s.") % words)
        if len(tables) > 1 and form not in OF_SEVERAL:
            sentence = _("A file of the form %(form)s holds one table: choose one, or take zip or xlsx.")
            raise EmptySelectionError(sentence % {"form": form})
        if len(tables) > 1 and (columns or filters):
            raise EmptySelectionError(_("Columns and filters are of one table: choose a single one."))
        choices = tuple(TableChoice(table, _columns(table, columns, with_names=with_names)) for table in tables)
        return cls(choices, form, list_of if list_of in LISTS else "", filters)

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Self:
        """The selection that `options` gave."""
        tables = tuple(TableChoice(TABLES_BY_NAME[name], tuple(columns)) for name, columns in options["tables"])
        return cls(tables, options["form"], options["list_of"], options["filters"])

    def options(self) -> dict[str, Any]:
        """The selection as JSON."""
        tables = [[choice.table.name, list(choice.columns)] for choice in self.tables]
        return {"tables": tables, "form": self.form, "list_of": self.list_of, "filters": self.filters}

    @property
    def file_name(self) -> str:
        stem = self.tables[0].table.name if len(self.tables) == 1 else "crimewatch"
        return f"{stem}.{self.form}"

    def rows(self, user: Any) -> "Iterator[Exported]":
        for choice in self.tables:
            yield Exported(choice, self.queryset(choice.table, user), user)

    def count(self, user: Any) -> int:
        return sum(exported.count for exported in self.rows(user))

    def queryset(self, table: Table, user: Any) -> QuerySet[Any]:
        """The rows that `user` may see, as the list is filtered; without a user, as on the command line, all rows."""
        rows: QuerySet[Any] = table.model._default_manager.all()
        if user is None:
            return rows
        visible: QuerySet[Any] = rows.visible_to(user)  # type: ignore[attr-defined]
        if not self.list_of or not self.filters:
            return visible
        found = of_the_admin if self.list_of == "admin" else of_the_site
        fitting = found(table, self.filters, user)
        return visible.filter(pk__in=fitting.order_by().values("pk"))


@dataclass(frozen=True)
class Exported:
    """The rows of one table on their way out."""

    choice: TableChoice
    queryset: QuerySet[Any]
    user: Any

    @cached_property
    def resource(self) -> TableResource:
        """The table's Resource, in which the keys of records that the user may not see are empty."""
        resource = self.choice.table.resource()
        for name in resource.reference_columns if self.user is not None else ():
            widget = resource.fields[name].widget
            widget.index = VisibleKeys(widget.model, self.user)
        return resource

    @cached_property
    def count(self) -> int:
        return self.queryset.order_by().count()

    def export(self) -> Export:
        return Export(self.resource, self.choice.columns, self.queryset)

    def cells(self) -> Iterator[list[str]]:
        """The rows as texts, in the order of the chosen columns."""
        return self.export().rows()


def of_the_site(table: Table, filters: str, user: Any) -> QuerySet[Any]:
    """The rows of a list of the reader's side. Raises `EmptySelectionError` where its filters make no sense."""
    try:
        view = resolve(reverse(f"{table.model._meta.app_label}:{table.model._meta.model_name}_list")).func.view_class  # type: ignore[attr-defined]
    except NoReverseMatch as error:
        raise EmptySelectionError(_("This table has no list with filters of its own.")) from error
    request = request_of(user, filters)
    visible = table.model._default_manager.visible_to(user)
    filterset = view.filterset_class(request.GET, queryset=visible, request=request)
    if filterset.errors:
        (name, sentences), *_rest = filterset.errors.items()
        raise EmptySelectionError(f"{name}: {' '.join(map(str, sentences))}")
    found: QuerySet[Any] = filterset.qs
    return found


def of_the_admin(table: Table, filters: str, user: Any) -> QuerySet[Any]:
    """The rows of a list of the admin, as it is filtered and searched."""
    list_admin = admin.site._registry[table.model]
    request = request_of(user, filters)
    if not list_admin.has_view_permission(request):
        return table.model._default_manager.none()
    try:
        found: QuerySet[Any] = list_admin.get_changelist_instance(request).get_queryset(request)
    except IncorrectLookupParameters as error:
        raise EmptySelectionError(_("The filters of the list make no sense: open the list again.")) from error
    return found


def request_of(user: Any, filters: str) -> HttpRequest:
    request = HttpRequest()
    request.method, request.user, request.GET = "GET", user, QueryDict(filters)
    return request


def _columns(table: Table, wanted: Sequence[str], *, with_names: bool) -> tuple[str, ...]:
    resource = table.resource()
    unknown = [name for name in wanted if name not in resource.every_column]
    if unknown:
        words = {"name": unknown[0], "names": ", ".join(resource.every_column)}
        raise EmptySelectionError(_("There is no column “%(name)s”; there are: %(names)s.") % words)
    columns = tuple(dict.fromkeys(wanted)) or resource.columns
    return resource.with_names(columns) if with_names else columns
