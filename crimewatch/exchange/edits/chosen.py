"""Which rows a person has ticked in a list, or that they mean all that the list shows."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.exchange.outgoing import EmptySelectionError, Selection
from crimewatch.exchange.outgoing.selection import request_of
from crimewatch.exchange.rights import may_edit
from crimewatch.records import readable
from crimewatch.records.workflow import MOST_AT_ONCE

BY_NAME = {str(table.model._meta.model_name): table for table in TABLES}
#: Lists of claims of many kinds, by the word that an address has for each.
OF_MANY_KINDS = {"claims": "explorer:claim_list", "estimates": "explorer:estimate_list"}


def rows_to_change(data: QueryDict, user: Any) -> dict[Table, QuerySet[Any]]:
    """The chosen rows; raises ``EmptySelectionError`` also where there are some that ``user`` may not change."""
    rows = chosen_rows(data, user)
    for table in rows:
        if not may_edit(user, table):
            kinds = table.model._meta.verbose_name_plural
            raise EmptySelectionError(_("You may not change %(kinds)s.") % {"kinds": kinds})
    return rows


def chosen_rows(data: QueryDict, user: Any) -> dict[Table, QuerySet[Any]]:
    """The rows that ``data`` names and ``user`` sees, by table, with at least one of each.

    ``row`` is ``group:12`` for each that is ticked; or with ``all`` there are ``list`` (see `Selection`, and
    `OF_MANY_KINDS`), ``model`` and ``filters``. Raises ``EmptySelectionError``, whose message is a sentence, where
    there are none, or too many.
    """
    rows = _all_of_the_list(data, user) if "all" in data else _ticked(data.getlist("row"), user)
    numbers = {table: found.order_by().count() for table, found in rows.items()}
    rows = {table: found for table, found in rows.items() if numbers[table]}
    total = sum(numbers.values())
    if not total:
        raise EmptySelectionError(_("Nothing is chosen: tick rows in a list, or take all that it shows."))
    if total > MOST_AT_ONCE:
        words = {"most": readable.number(MOST_AT_ONCE), "number": readable.number(total)}
        sentence = _("At most %(most)s rows are changed at once, and these are %(number)s: narrow the list down.")
        raise EmptySelectionError(sentence % words)
    return rows


def _ticked(marks: list[str], user: Any) -> dict[Table, QuerySet[Any]]:
    keys: dict[Table, set[int]] = defaultdict(set)
    for mark in marks:
        name, _colon, number = mark.partition(":")
        if name not in BY_NAME or not (number.isascii() and number.isdigit() and len(number) < 18):
            raise EmptySelectionError(_("“%(mark)s” is no row of a list: tick the rows anew.") % {"mark": mark[:60]})
        keys[BY_NAME[name]].add(int(number))
    return {table: _visible(table, user).filter(pk__in=pks) for table, pks in keys.items()}


def _visible(table: Table, user: Any) -> Any:
    return table.model._default_manager.visible_to(user)


def _all_of_the_list(data: Mapping[str, Any], user: Any) -> dict[Table, QuerySet[Any]]:
    name, filters = data.get("list", ""), data.get("filters", "")
    if name in OF_MANY_KINDS:
        return _claims(OF_MANY_KINDS[name], filters, user)
    table = next((table for table in TABLES if table.model._meta.label_lower == data.get("model", "")), None)
    if table is None:
        raise EmptySelectionError(_("It is not said which list is meant: choose the rows anew."))
    selection = Selection.of([table.name], form="csv", list_of=name, filters=filters)
    return {table: selection.queryset(table, user)}


def _claims(address: str, filters: str, user: Any) -> dict[Table, QuerySet[Any]]:
    request = request_of(user, filters)
    filterset = resolve(reverse(address)).func.view_class.filterset_class(request.GET, request=request)  # type: ignore[attr-defined]
    problems = [*filterset.misplaced(), *(str(each) for errors in filterset.errors.values() for each in errors)]
    if problems:
        raise EmptySelectionError(" ".join(problems))
    return {table: filterset.claims(table.model) for table in TABLES if table.model in filterset.kinds}
