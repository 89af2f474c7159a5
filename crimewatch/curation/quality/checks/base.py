"""What a check is: a sentence, and the rows of each kind that it finds."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.core.exceptions import EmptyResultSet

from crimewatch.citations.models import Claim
from crimewatch.records.models import Record, Status
from crimewatch.records.querysets import claim_relations, sees_drafts

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: The apps as a researcher meets them.
APP_ORDER = ("regions", "actors", "programs", "citations")


class Check:
    """Something that can be wrong with rows. A concrete one says of which kinds, and finds them in one query a kind.

    It looks at what its viewer may see and at nothing else: neither what it finds nor that it finds nothing tells of a
    draft or restricted record of others.
    """

    #: As it stands in addresses and reports.
    name: ClassVar[str]
    title: ClassVar[Any]
    #: What is meant, and what there is to do about it.
    sentence: ClassVar[Any]
    #: What the button says that takes a row off the list.
    dismiss: ClassVar[Any] = None
    #: How long a row stays off it though nothing changes; None for ever.
    lasts: timedelta | None = None

    def models(self) -> list[Any]:
        """The kinds of rows that the check is about."""
        raise NotImplementedError

    def found(self, model: Any, user: "Viewer") -> Any:
        """The rows of ``model`` that are wrong, as far as ``user`` may see, those dismissed among them."""
        raise NotImplementedError

    def dressed(self, rows: Any, _user: "Viewer") -> Any:
        """``rows`` with what ``detail`` needs beside them."""
        return rows

    def detail(self, _row: Any) -> str:
        """What is wrong with a row, where the title of the check does not say it all."""
        return ""

    def list_address(self, _model: Any) -> str:
        """A list of the site that shows the same rows, those dismissed among them; empty where there is none."""
        return ""


def record_models() -> list[Any]:
    """Every kind of record, in the order in which a reader meets them."""
    kinds = [model for model in apps.get_models() if issubclass(model, Record)]
    return sorted(kinds, key=lambda model: APP_ORDER.index(model._meta.app_label))


def claim_models() -> list[Any]:
    return [model for model in apps.get_models() if issubclass(model, Claim)]


def worked_on(model: Any, user: "Viewer") -> Any:
    """The rows of ``model`` that may need work: all that ``user`` may see but withdrawn records."""
    rows = model.objects.visible_to(user).order_by()
    return rows.exclude(status=Status.WITHDRAWN) if issubclass(model, Record) else rows


def claims_naming(model: Any, user: "Viewer") -> Iterator[tuple[str, Any]]:
    """For each way in which claims name records of ``model``: the foreign key, and the claims that ``user`` may see."""
    for relation in claim_relations(model):
        name = relation.field.name
        claims = relation.related_model.objects.visible_to(user).order_by()
        yield name, claims.filter(**{f"{name}__isnull": False}) if relation.field.null else claims


def as_sql(rows: Any) -> tuple[str, tuple[Any, ...]]:
    """The SQL of a query and its values; empty for one that Django knows to find nothing."""
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return "", ()
    return sql, parameters


def united(parts: list[Any]) -> Any:
    """The rows of all ``parts``, which have the same columns, in one query."""
    first, *others = parts
    return first.union(*others, all=True) if others else first


def works_on(user: "Viewer", models: list[Any]) -> list[Any]:
    """Those of ``models`` whose drafts ``user`` sees."""
    return [model for model in models if sees_drafts(user, model)]
