"""What becomes of the rows that the bulk engine writes itself, for whoever wants to know of each."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from crimewatch.records.resources.expressions import cell_text, is_writable, key_texts
from crimewatch.records.resources.outcomes import CellChange, RowKind, RowOutcome

from .plans import Link, Plan
from .readers import default_of
from .staging import quote

TOLD_AT_ONCE = 1000

_UNCHANGED = "FROM {stage} AS s LEFT JOIN {plan} AS p USING (_row) WHERE p._row IS NULL"
_NEW = "FROM {stage} AS s JOIN {plan} AS p USING (_row) WHERE p._new AND NOT p._doubtful"
_CHANGED = (
    "FROM {stage} AS s JOIN {plan} AS p USING (_row) JOIN {table} AS t ON t.id = p._pk"
    " WHERE NOT p._new AND NOT p._doubtful"
)


def tell_of_planned(plan: Plan) -> None:
    """Tell of all rows without a doubt, before they are written and what was there before is gone."""
    teller, names = plan.resource.teller, plan.resource.columns
    for number, key in _rows(plan, _UNCHANGED, [_stored_key(plan, "s")]):
        teller.tell(RowOutcome(number, key, RowKind.UNCHANGED))
    news = [_new_cell(plan, name) for name in names]
    for number, key, *cells in _rows(plan, _NEW, [f"s.{plan.stage.key}", *(sql for sql, _ in news)], _parameters(news)):
        texts = zip(names, map(_text_of(plan), names, cells), strict=True)
        teller.tell(RowOutcome(number, key, RowKind.NEW, [CellChange(name, "", text) for name, text in texts if text]))
    both = [name for name in names if name in plan.stage.fields and name != plan.resource.key]
    columns = ["_changed", *(_cell(plan, name, alias) for name in both for alias in ("t", "s"))]
    for number, key, changed, *cells in _rows(plan, _CHANGED, [f"t.{plan.stage.key}", *columns]):
        texts_of = map(_text_of(plan), [name for name in both for _ in range(2)], cells)
        pairs = zip(both, zip(texts_of, texts_of, strict=True), strict=True)
        changes = [CellChange(name, before, after) for name, (before, after) in pairs if name in changed]
        teller.tell(RowOutcome(number, key, RowKind.CHANGED, changes))


def _stored_key(plan: Plan, alias: str) -> str:
    """The key that a stored row has, which for a record may be another than the file's."""
    return f"{alias}.{plan.stage.key}"


def _rows(plan: Plan, which: str, columns: Sequence[str], parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    source = which.format(stage=plan.stage.name, plan=plan.name, table=plan.table)
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT _row, {', '.join(columns)} {source} ORDER BY _row", parameters)
        while rows := cursor.fetchmany(TOLD_AT_ONCE):
            yield from rows


def _parameters(cells: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
    return [parameter for _sql, parameters in cells for parameter in parameters]


def _new_cell(plan: Plan, name: str) -> tuple[str, list[Any]]:
    """The text of a cell of a new row, with what it has by default where its file does not have the column."""
    stage, field = plan.stage, plan.model._meta.get_field(name)
    if name in stage.fields:
        return _cell(plan, name, "s"), []
    if plan.resource.fields[name].is_many:
        return "''", []
    kind = plan.resource.rules.checks.columns[field.column][0]
    value = f"%s::{kind}"
    if name in stage.made:
        value = f"COALESCE(s.{stage.column(name)}, {value})"
    widget = plan.resource.fields[name].widget
    text = cell_text(widget, f"given_{name}", lambda *_: "''") if is_writable(widget) else f"given_{name}::text"
    return f"(SELECT {text} FROM (SELECT {value} AS given_{name}) AS given)", [default_of(field)]


def _cell(plan: Plan, name: str, alias: str) -> str:
    """The text of a cell as it is staged (`s`) or stored (`t`); of JSON, the value itself."""
    stage, widget = plan.stage, plan.resource.fields[name].widget
    column = f"{alias}.{stage.column(name)}"
    if not is_writable(widget):
        return f"{column}::text"
    if not stage.is_many(name):
        return cell_text(widget, column, lambda model, pk: _key(plan, model, f"= {pk}"))
    if alias == "s":
        return key_texts(_keys(plan, widget.model, f"= ANY ({column})"))
    link = Link(plan.model._meta.get_field(name))
    linked = f"IN (SELECT {link.used} FROM {link.table} WHERE {link.owner} = t.id)"
    return key_texts(_keys(plan, widget.model, linked))


def _key(plan: Plan, model: Any, which: str) -> str:
    return f"({_keys(plan, model, which)} LIMIT 1)"


def _keys(plan: Plan, model: Any, which: str) -> str:
    """A query of the keys of the records whose primary keys are `which`, those that are not written yet among them."""
    stored = f"SELECT slug FROM {quote(model._meta.db_table)} WHERE id {which}"
    if model is not plan.model:
        return stored
    return (
        f"{stored} UNION ALL SELECT n.{plan.stage.key} FROM {plan.stage.name} AS n JOIN {plan.name} AS q USING (_row)"
        f" WHERE q._new AND n._pk {which}"
    )


def _text_of(plan: Plan) -> Any:
    """Makes the text of a cell of what the query gave for it."""
    fields = plan.resource.fields

    def text(name: str, found: str | None) -> str:
        widget = fields[name].widget
        if is_writable(widget):
            return found or ""
        return str(widget.render(plan.model._meta.get_field(name).from_db_value(found, None, connection)))

    return text
