"""Lists as tables: columns that can be chosen and sorted, and the same cells in a download."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from inspect import signature
from typing import Any, ClassVar

import django_tables2 as tables
from django.db import models
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django_tables2.rows import BoundRow

from crimewatch.records import copies, readable
from crimewatch.records.copies import SaidInSQL
from crimewatch.records.models import Record


class NameColumn(SaidInSQL, tables.Column):
    """The record's name, leading to its page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(verbose_name=_("name"), linkify=True, order_by="name_key", **kwargs)


class ListColumn(SaidInSQL, tables.Column):
    """Several words or names, such as authors or aliases."""

    def render(self, value: list[str]) -> str:
        return ", ".join(value)

    def sql(self, value: str) -> str:
        return copies.joined(value)


class RecordColumn(SaidInSQL, tables.Column):
    """Another record, leading to its page. The view fetches it, and leaves out what the viewer may not see."""

    def render(self, value: Record) -> str:
        return format_html('<a href="{}">{}</a>', value.get_absolute_url(), value.name)

    def value(self, value: Record) -> str:
        return value.name


class RecordsColumn(SaidInSQL, tables.Column):
    """Several other records. The view fetches them, and leaves out what the viewer may not see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(orderable=False, empty_values=(None,), **kwargs)

    def render(self, value: Any) -> str:
        linked = ((record.get_absolute_url(), record.name) for record in value.all())
        return format_html_join(", ", '<a href="{}">{}</a>', linked)

    def value(self, value: Any) -> str:
        return ", ".join(record.name for record in value.all())

    def sql(self, value: str) -> str:
        return copies.joined(value)


class NumberColumn(SaidInSQL, tables.Column):
    """A number, aligned to the right."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(attrs={"td": {"class": "number"}, "th": {"class": "number"}}, **kwargs)

    def render(self, value: Any) -> str:
        """The number without zeros that say nothing."""
        return readable.number(value)

    def value(self, value: Any) -> Any:
        return value

    def sql(self, value: str) -> str:
        return copies.plain_number(value)


class DayColumn(SaidInSQL, tables.Column):
    """The day of a time, as the language writes it; in files as ISO 8601 does."""

    def render(self, value: datetime) -> str:
        return readable.day(timezone.localtime(value))

    def value(self, value: datetime) -> date:
        return timezone.localtime(value).date()

    def sql(self, value: str) -> str:
        return copies.day(value)


class ListRow(BoundRow):
    """A row of a list. Which arguments its columns take to show a value is looked up once, and not for every cell."""

    def _call_render(self, bound_column: Any, value: Any = None) -> Any:
        given = self._optional_cell_arguments(bound_column, value)
        content = call(bound_column.render, given)
        return bound_column.link(content, **given) if bound_column.link else content

    def _call_value(self, bound_column: Any, value: Any = None) -> Any:
        return call(bound_column.value, self._optional_cell_arguments(bound_column, value))


def call(method: Any, given: dict[str, Any]) -> Any:
    """What ``method`` makes of those of the arguments ``given`` that it takes."""
    taken, takes_all = _taken_by(getattr(method, "__func__", method))
    return method(**given) if takes_all else method(**{name: given[name] for name in given if name in taken})


@cache
def _taken_by(function: Callable[..., Any]) -> tuple[frozenset[str], bool]:
    """The names of the arguments of a function, and whether it takes any others."""
    parameters = signature(function).parameters
    return frozenset(parameters), any(each.kind is each.VAR_KEYWORD for each in parameters.values())


class ListTable(tables.Table):
    """A list whose columns the reader chooses. ``shown`` are those that stand there until somebody does."""

    shown: ClassVar[tuple[str, ...]]
    #: Columns that only those see who may see more than what is published.
    for_staff: ClassVar[frozenset[str]] = frozenset({"status"})

    def sql_of(self, name: str, value: str) -> str | None:
        """What a column writes into a file of `value`, the SQL of what its row has; None where only Python knows.

        A table with a `render_` or `value_` of its own for a column may have a `sql_` beside it.
        """
        said = getattr(self, f"sql_{name}", None)
        if said:
            text: str = said(value)
            return text
        if hasattr(self, f"render_{name}") or hasattr(self, f"value_{name}"):
            return None
        return copies.cell_sql(self.base_columns[name], value)

    class Meta:
        attrs = {"class": "list"}
        empty_text = _("Nothing fits.")


class RecordTable(ListTable):
    """The columns of records of all kinds."""

    name = NameColumn()
    slug = tables.Column(_("key"))
    aliases = ListColumn(verbose_name=_("aliases"), orderable=False)
    summary = tables.Column(_("summary"), orderable=False)
    status = tables.Column(_("status"))
    claims = NumberColumn(verbose_name=_("claims"))
    updated_at = DayColumn(verbose_name=_("last changed"))

    def sql_of(self, name: str, value: str) -> str | None:
        column = self.base_columns[name]
        if type(column) is not tables.Column:
            return super().sql_of(name, value)
        field: Any = self._meta.model._meta.get_field(column.accessor or name)
        is_words = bool(field.flatchoices) or isinstance(field, models.CharField | models.TextField)
        return copies.in_words(value, dict(field.flatchoices)) if is_words else None
