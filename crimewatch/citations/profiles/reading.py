"""Claims of several kinds read together: as rows that look alike, in one query, and as claims again."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Cast, JSONObject

from crimewatch.citations.models import Claim, Estimate


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
    digits = Func(F("locator"), Value("[0-9]{1,18}"), function="substring", output_field=TextField())
    return claims.annotate(
        claim_type=Value(claims.model._meta.label_lower, output_field=TextField()),
        claim_pk=F("pk"),
        place=Cast(digits, models.BigIntegerField()),
        data=JSONObject(**values),
    ).values("claim_type", "claim_pk", "place", "locator_type", "locator", "data")


def together(rows: list[Any]) -> Any:
    """The rows of several kinds as one query."""
    return rows[0].union(*rows[1:], all=True) if rows[1:] else rows[0]


def fields_of(model: type[Claim]) -> list[Any]:
    """The columns that a page needs: all but what the database derives and when the row was written."""
    return [
        column
        for column in model._meta.concrete_fields
        if not column.generated and column.name not in ("created_at", "updated_at")
    ]


def claim_of(row: dict[str, Any]) -> Claim:
    """The claim in a row of ``rows_of``."""
    model: Any = apps.get_model(row["claim_type"])
    columns = fields_of(model)
    values = [column.to_python(row["data"][column.attname]) for column in columns]
    claim: Claim = model.from_db("default", [column.attname for column in columns], values)
    return claim
