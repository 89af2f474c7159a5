"""The same claim about each of many records: typed once, and written as many times as there are records."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.exchange.models import ImportBatch
from crimewatch.exchange.rights import may_add
from crimewatch.records.querysets import claim_relations
from crimewatch.records.resources.widgets import BooleanWidget, ChoiceWidget
from crimewatch.records.workflow import LONGEST_REASON

from .rows import CHUNK, begin, kept_rows


def roles_of(table: Table, user: Any) -> dict[str, tuple[Table, str]]:
    """The ways in which claims that ``user`` may add name records of a table, by a word for each: ``presence.group``.

    A source is not among them: it is what a claim rests on, and not what it is about.
    """
    by_model = {each.model: each for each in TABLES}
    found = {}
    for relation in claim_relations(table.model):
        claims, field = by_model.get(relation.related_model), relation.field.name
        if claims is not None and field != "source" and field in claims.resource().columns and may_add(user, claims):
            found[f"{claims.model._meta.model_name}.{field}"] = (claims, field)
    return found


def label_of(claims: Table, field: str) -> str:
    """A way to name records, in words: presence (group)."""
    words = {"claim": claims.model._meta.verbose_name, "field": claims.model._meta.get_field(field).verbose_name}
    return str(capfirst(_("%(claim)s, as its %(field)s") % words))


class ClaimForm(forms.Form):
    """A claim without the record that it is about, and why it is added. ``cells`` is what was typed, by column."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("Why they are added. It stands in the history of every row."),
    )

    def __init__(self, *args: Any, claims: Table, field: str, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "use_required_attribute": False, **kwargs})
        self.cells: dict[str, str] = {}
        resource = claims.resource()
        self._widgets = {
            name: resource.fields[name].widget for name in resource.columns if name not in {resource.key, field}
        }
        for name, widget in self._widgets.items():
            if hasattr(widget, "index"):
                widget.index.user = user
            self.fields[name] = self._field(resource.model._meta.get_field(name), widget)
        self.order_fields([*self._widgets, "reason"])

    @staticmethod
    def _field(field: Any, widget: Any) -> forms.Field:
        label, default = capfirst(str(field.verbose_name)), field.get_default() if field.has_default() else ""
        if isinstance(widget, ChoiceWidget | BooleanWidget):
            labels = dict(field.flatchoices) if field.choices else {True: _("yes"), False: _("no")}
            choices = [(widget.render(value), text) for value, text in labels.items()]
            offered = choices if widget.is_required else [("", "–"), *(each for each in choices if each[0])]
            return forms.ChoiceField(label=label, required=False, choices=offered, initial=widget.render(default))
        box = forms.Textarea(attrs={"rows": 2}) if isinstance(field, models.TextField) else forms.TextInput()
        help_text = "" if isinstance(field, models.TextField) else capfirst(widget.expects)
        return forms.CharField(label=label, required=False, strip=False, widget=box, help_text=help_text)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, widget in self._widgets.items():
            if name not in cleaned:
                continue
            try:
                self.cells[name] = widget.render(widget.clean(cleaned[name]))
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned


def begin_claims(
    table: Table, rows: QuerySet[Any], claims: Table, field: str, cells: dict[str, str], *, user: Any, reason: str
) -> ImportBatch:
    """A batch that will add a claim about each of the rows. Nothing is written yet."""
    batch = begin({table: rows}, [], user=user, reason=reason)
    batch.options |= {"claim": {"table": claims.name, "field": field, "cells": cells}}
    batch.findings = {"tables": [claims.name]}
    batch.save(update_fields=["options", "findings"])
    return batch


class AddedClaims:
    """The claims that are to be added, one about each chosen record, by the key that the record has now."""

    notes: Sequence[str] = ()

    def __init__(self, batch: ImportBatch, chosen: Table, table: Table, number: int) -> None:
        claim = batch.options["claim"]
        self.chosen, self.table, self.name = chosen, table, table.name
        self._uid, self._number = batch.uid, number
        self._key, self._cells = table.resource._meta.import_id_fields[0], claim["cells"]
        self.headers = [self._key, claim["field"], *self._cells]

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[list[str]]:
        lines = kept_rows(self._uid, self.chosen)
        while chunk := list(islice(lines, CHUNK)):
            rows = self.chosen.model._default_manager.filter(pk__in=[pk for pk, _key in chunk]).order_by()
            keys = dict(rows.values_list("pk", "slug"))
            for pk, key in chunk:
                # What is gone has a key that nothing has, so that the import says so of it.
                yield ["", keys.get(pk, f"{key} (#{pk})"), *self._cells.values()]
