"""Claims of several kinds read together: as rows that look alike, in one query, and as claims again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from crimewatch.citations.models import Claim, Estimate
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.records.models import Record
from crimewatch.records.prepared import RECORD, Asking, prepared
from crimewatch.records.querysets import IsAmong, together

#: Kinds of claims in the order of reading, each with the foreign keys by which it can name a record.
Naming = tuple[tuple[type[Claim], tuple[str, ...]], ...]


def claims_about(viewer: Any, naming: Naming) -> dict[type[Claim], Any]:
    """The claims of each kind that name the record which is asked about and that ``viewer`` may see."""
    return {
        model: model.objects.filter(reduce(or_, (Q(**{name: RECORD}) for name in names))).visible_to(viewer, few=True)
        for model, names in naming
    }


@prepared
def first_of_each(viewer: Any, naming: Naming, in_order: frozenset[Any], most: int) -> QuerySet[Any]:
    """``most`` rows of each kind: the first as they are read of the kinds that are ``in_order``, else the newest."""
    return together(
        [
            rows_of(claims.order_by(*(order_of(model) if model in in_order else ["-pk"])))[:most]
            for model, claims in claims_about(viewer, naming).items()
        ]
    )


@prepared
def by_place(viewer: Any, naming: Naming, most: int, page: tuple[int, int]) -> QuerySet[Any]:
    """Place, locator, kind and key of the claims on a source as they stand in it, from one number to before another.

    Of each kind there are ``most``, or all for 0.
    """
    branches = [
        # The first by their place as text, which an index has in order.
        places_of(model.objects.filter(pk__in=claims.order_by("locator", "pk").values("pk")[:most]).order_by())
        if most
        else places_of(claims)
        for model, claims in claims_about(viewer, naming).items()
    ]
    ordered = together(branches).order_by("place", "locator_type", "locator", "claim_type", "claim_pk")
    return ordered[slice(*page)]


@prepared
def _rows_with_keys(keys: tuple[tuple[type[Claim], str], ...]) -> QuerySet[Any]:
    """The rows of claims of several kinds with some keys, which are known to be for the viewer."""
    return together([rows_of(model.objects.filter(IsAmong("pk", ids)).order_by()) for model, ids in keys])


@prepared
def names_of_records(viewer: Any, keys: tuple[tuple[type[Record], str], ...]) -> QuerySet[Any]:
    """The number of the kind, the key, slug and name of records that ``viewer`` may see, of several kinds."""
    return together(
        [
            model._default_manager.visible_to(viewer)
            .filter(IsAmong("pk", ids))
            .order_by()
            .annotate(kind_number=Value(number))
            .values_list("kind_number", "pk", "slug", "name")
            for number, (model, ids) in enumerate(keys)
        ]
    )


def claims_with_keys(asking: Asking, keys: Sequence[tuple[type[Claim], int]]) -> list[Claim]:
    """The claims of these kinds and keys, which are known to be for the viewer, in this order."""
    by_kind: dict[type[Claim], list[int]] = {}
    for model, key in keys:
        by_kind.setdefault(model, []).append(key)
    if not by_kind:
        return []
    stand_ins = [(model, asking.keys(model._meta.label_lower, found)) for model, found in by_kind.items()]
    claims = map(claim_of, _rows_with_keys(asking, tuple(stand_ins)))
    found = {(type(claim), claim.pk): claim for claim in claims}
    return [found[key] for key in keys if key in found]


def filled(
    asking: Asking,
    claims: Iterable[Claim],
    known: Mapping[type[Record], Mapping[int, Any]],
    in_full: Callable[[type[Record]], Any],
) -> list[Claim]:
    """``claims`` with the records that they name: those ``known``, and others as far as they may be seen.

    Of most kinds what a link needs will do, in one query; ``in_full`` gives the rows of a kind of which more is needed,
    and None for the others. A claim one of whose records has been hidden or deleted meanwhile is left out.
    """
    claims = list(claims)
    wanted: dict[type[Record], set[int]] = {}
    for claim in claims:
        for key in mentioned_record_fields(type(claim)):
            wanted.setdefault(key.related_model, set()).add(getattr(claim, key.attname))
    found: dict[type[Record], dict[int, Any]] = {model: dict(known.get(model, {})) for model in wanted}
    names: dict[type[Record], str] = {}
    for model, keys in wanted.items():
        missing = keys - {None} - set(found[model])
        rows = in_full(model) if missing else None
        if rows is not None:
            found[model] |= rows.in_bulk(missing)
        elif missing:
            names[model] = asking.keys(str(model._meta.model_name), missing)
    kinds = list(names)
    for number, *values in names_of_records(asking, asking.viewer, tuple(names.items())) if names else ():
        model = kinds[number]
        found[model][values[0]] = model.from_db("default", ["id", "slug", "name"], values)
    return [claim for claim in claims if _is_filled(claim, found)]


def _is_filled(claim: Claim, records: Mapping[type[Record], Mapping[int, Any]]) -> bool:
    """Put to a claim the records that it names; whether all of them are there."""
    for key in mentioned_record_fields(type(claim)):
        value = getattr(claim, key.attname)
        if value and value not in records[key.related_model]:
            return False
        setattr(claim, key.name, records[key.related_model][value] if value else None)
    return True


def order_of(model: type[Claim]) -> list[Any]:
    """How claims of a kind are read: figures by what they measure, legs in their order, the rest from the latest."""
    latest = F("period").desc(nulls_last=True)
    if issubclass(model, Estimate):
        return ["indicator__name_key", "indicator_id", latest, "pk"]
    counted = any(column.name == "order" for column in model._meta.concrete_fields)
    return ["route_id", "order", "pk"] if counted else [latest, "pk"]


def rows_of(claims: Any) -> Any:
    """``claims`` as rows that look alike whatever the kind, so that those of several kinds come in one query."""
    values = {}
    for column in fields_of(claims.model):
        exact = isinstance(column, models.DecimalField)  # JSON would make an inexact number of it
        values[column.attname] = Cast(column.attname, TextField()) if exact else F(column.attname)
    return _of_kind(claims).annotate(data=JSONObject(**values)).values_list("claim_type", "claim_pk", "data")


def places_of(claims: Any) -> Any:
    """``claims`` as rows that say where each stands in its source, by the number in its locator at first."""
    digits = Func(F("locator"), Value("[0-9]{1,18}"), function="substring", output_field=TextField())
    placed = _of_kind(claims).annotate(place=Cast(digits, models.BigIntegerField()))
    return placed.values_list("place", "locator_type", "locator", "claim_type", "claim_pk")


def _of_kind(claims: Any) -> Any:
    kind = Value(claims.model._meta.label_lower, output_field=TextField())
    return claims.annotate(claim_type=kind, claim_pk=F("pk"))


def fields_of(model: type[Claim]) -> list[Any]:
    """The columns that a page needs: all but what the database derives and when the row was written."""
    return [
        column
        for column in model._meta.concrete_fields
        if not column.generated and column.name not in ("created_at", "updated_at")
    ]


def claim_of(row: tuple[Any, ...]) -> Claim:
    """The claim in a row of ``rows_of``."""
    kind, _key, data = row
    model: Any = apps.get_model(kind)
    columns = fields_of(model)
    values = [column.to_python(data[column.attname]) for column in columns]
    claim: Claim = model.from_db("default", [column.attname for column in columns], values)
    return claim
