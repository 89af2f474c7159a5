"""Pages of long lists: each begins behind a row or ends before one, which an index finds however deep it lies."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThan, LessThan
from psycopg.types.range import Range


class Row(Func):
    """Several values compared as one: by the first, where that is equal by the second, and so on."""

    template = "ROW(%(expressions)s)"
    output_field = models.TextField()  # of no account: PostgreSQL compares part by part


@dataclass(frozen=True)
class Place:
    """A row's place in an order, as texts that the database reads: its key (None: it has none) and what breaks ties."""

    key: str | None
    ties: tuple[str, ...]

    def signed(self, salt: str) -> str:
        return Signer(salt=salt).sign_object([self.key, *self.ties])

    @classmethod
    def read(cls, text: str, salt: str) -> "Place | None":
        """The place that ``signed`` wrote under the same ``salt``; None for anything else."""
        try:
            key, *ties = Signer(salt=salt).unsign_object(text)
        except (BadSignature, ValueError, UnicodeError):
            return None
        return cls(key, tuple(ties))


@dataclass(frozen=True)
class Order:
    """The order of a list: by ``key``, rows without one at the end, and by ``ties`` among rows of one key."""

    key: Any
    ties: tuple[Any, ...] = ("pk",)
    descends: bool = False
    #: Whether rows may have no key. Where they all have one an index is of use in both directions.
    may_be_empty: bool = True

    def sort(self, rows: Any, *, backwards: bool = False) -> Any:
        """``rows`` in this order, each with its ``order_key``."""
        return rows.annotate(order_key=self.key).order_by(*self.by(F("order_key"), backwards=backwards))

    def by(self, key: Any, *, backwards: bool = False) -> list[Any]:
        """What rows are to be ordered by that have their key in ``key``."""
        descends = self.descends != backwards
        # Said only where it matters: an index is not used for an order of nulls that it was not made with.
        nulls = {"nulls_first" if backwards else "nulls_last": True} if self.may_be_empty else {}
        ties = [as_expression(tie) for tie in self.ties if not isinstance(tie, Value)]
        if descends:
            return [key.desc(**nulls), *(tie.desc() for tie in ties)]
        return [key.asc(**nulls), *(tie.asc() for tie in ties)]

    def beyond(self, rows: Any, place: Place, *, backwards: bool = False) -> Any:
        """Those of ``rows`` that come behind ``place``, or before it, in this order."""
        rows = self.sort(rows, backwards=backwards)
        compared = LessThan if self.descends != backwards else GreaterThan
        ties = list(map(as_expression, self.ties))
        field = rows.query.annotations["order_key"].output_field
        values = [_read(text, tie, rows) for text, tie in zip(place.ties, ties, strict=True)]
        if place.key is None:
            here = Q(order_key__isnull=True) & Q(compared(Row(*ties), Row(*values)))
            return rows.filter(here | Q(order_key__isnull=False) if backwards else here)
        key = Cast(Value(place.key), plain(field))
        further = Q(compared(Row(F("order_key"), *ties), Row(key, *values)))
        if self.may_be_empty and not backwards:
            further |= Q(order_key__isnull=True)
        return rows.filter(further)

    def place_of(self, row: Any) -> Place:
        """The place of a sorted row, a model's or a dictionary."""
        get = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
        ties = tuple(str(get(tie)) for tie in self.ties)
        return Place(as_literal(get("order_key")), ties)


def as_expression(tie: Any) -> Any:
    return F(tie) if isinstance(tie, str) else tie


def _read(text: str, tie: Any, rows: Any) -> Any:
    """The value that breaks ties, of the type of what it is compared with."""
    return Cast(Value(text), plain(tie.resolve_expression(rows.query).output_field))


def plain(field: Any) -> Any:
    """The type of a column; of one that the database derives, the type of what it derives."""
    if isinstance(field, models.GeneratedField):
        field = field.output_field
    return models.BigIntegerField() if isinstance(field, models.AutoField) else field


def as_literal(value: Any) -> str | None:
    """A value of a column as the database writes it."""
    if value is None:
        return None
    if isinstance(value, Range):
        if value.isempty:
            return "empty"
        lower, upper = ("" if bound is None else str(bound) for bound in (value.lower, value.upper))
        return f"{value.bounds[0]}{lower},{upper}{value.bounds[1]}"
    return value.isoformat() if isinstance(value, date) else str(value)
