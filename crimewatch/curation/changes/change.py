"""What a change is: a row that was added, changed or deleted, of a kind whose table keeps its history."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crimewatch.citations.models import Claim
from crimewatch.records.history import Link, links_of
from crimewatch.records.models import Record
from crimewatch.records.profiles import Piece

Model = type[models.Model]


class FieldChange(NamedTuple):
    """One field, as it was and as it became."""

    name: str
    label: str
    before: list[Piece]
    after: list[Piece]


@dataclass
class Change:
    """A row that was added, changed or deleted, by whom and why."""

    model: Model
    event: int
    row: int
    at: datetime
    action: str
    state: dict[str, Any]
    before: dict[str, Any] | None
    context: dict[str, Any]
    who: str = ""
    title: str = ""
    address: str = ""
    fields: list[FieldChange] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return kind_of_row(self.model)

    @property
    def link(self) -> Link | None:
        """The field whose link this row is; None for records and claims."""
        return tracked_link(self.model)

    @property
    def is_version(self) -> bool:
        """Whether there is anything to go back to: a link that was made is either there or was cut later."""
        return self.link is None or self.action == "delete"

    @property
    def model_name(self) -> str:
        return str(self.model._meta.model_name)

    @property
    def verb(self) -> str:
        """What happened to the row, in a word."""
        words = {
            "insert": pgettext("of a row", "added"),
            "update": pgettext("of a row", "changed"),
            "delete": pgettext("of a row", "deleted"),
        }
        return words.get(self.action, self.action)

    @property
    def why(self) -> str:
        """The reason that was given, and the file if it came by an import."""
        reason, file = (str(self.context.get(name) or "") for name in ("reason", "import_file"))
        imported = _("import of %(file)s") % {"file": file} if file else ""
        merged = pgettext("why a row was changed", "merge") if self.context.get("merge") else ""
        return " · ".join(filter(None, [imported, merged, reason]))


def tracked_models() -> list[Model]:
    """Every kind of record and claim, whose tables keep their history."""
    return [model for model in apps.get_models() if issubclass(model, Record | Claim)]


@cache
def all_links() -> dict[Model, Link]:
    """The links of many to many of all kinds of records, by their tables."""
    return {link.table: link for model in tracked_models() for link in links_of(model)}


def tracked_link(model: Model) -> Link | None:
    """The link that rows of ``model`` are, or None."""
    return all_links().get(model) if model._meta.proxy else None


def kind_of_row(model: Model) -> str:
    """What a row is called: a record or claim by its kind, a link by its field, as in *state response: partners*."""
    link = tracked_link(model)
    if link is None:
        return str(model._meta.verbose_name)
    return f"{link.owner.related_model._meta.verbose_name}: {link.field.verbose_name}"
