"""The kinds of records and claims that pages about everything go through, and rows of many kinds in one query."""

from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import QuerySet, Value

from crimewatch.citations.models import Claim
from crimewatch.records.models import Record

#: The apps as a researcher meets them: where and what, who, what is done about it, and where it is written.
APP_ORDER = ("regions", "actors", "programs", "citations")


@cache
def record_kinds() -> dict[str, type[Record]]:
    """Every kind of record by its key, ``group``, in the order in which a reader meets them."""
    kinds = [model for model in apps.get_models() if issubclass(model, Record)]
    kinds.sort(key=lambda model: APP_ORDER.index(model._meta.app_label))
    return {str(model._meta.model_name): model for model in kinds}


@cache
def claim_kinds() -> dict[str, type[Claim]]:
    """Every kind of claim by its key, ``presence``."""
    kinds = [model for model in apps.get_models() if issubclass(model, Claim)]
    return {str(model._meta.model_name): model for model in kinds}


def of_kind(rows: QuerySet[Any], kind: str) -> QuerySet[Any]:
    """``rows`` that say which kind they are, so that those of many kinds can stand in one list."""
    return rows.annotate(row_kind=Value(kind))


def unread(kind: str, pk: int, slug: str, name: str, status: str) -> Record:
    """A record as far as a list shows it, made of columns that were fetched without its long texts."""
    model: Any = record_kinds()[kind]
    record: Record = model(pk=pk, slug=slug, name=name, status=status)
    return record
