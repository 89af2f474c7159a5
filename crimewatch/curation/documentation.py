"""The table of docs/roles.md, made from the roles themselves."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.utils import translation

from crimewatch.citations.models import Claim
from crimewatch.curation.roles import ROLES, rights_of
from crimewatch.records.models import Record

BEGIN = "<!-- Made by `manage.py document_roles`: what is changed below this line is lost. -->"
ORDER = ("view", "add", "change", "delete", "publish", "restrict")


def with_rights(page: str) -> str:
    """`page` with its part below the marker made anew."""
    written, marker, _old = page.partition(BEGIN)
    if not marker:
        raise ValueError(f"The page has no line {BEGIN}")
    with translation.override("en"):
        return written + BEGIN + "\n\n" + "\n".join(table()) + "\n"


def table() -> Iterator[str]:
    """A row for each kind of record and claim, a column for each role."""
    yield "| kind | " + " | ".join(ROLES) + " |"
    yield "|---" * (len(ROLES) + 1) + "|"
    for model in kinds():
        cells = (", ".join(each for each in ORDER if each in rights_of(role, model)) or "–" for role in ROLES)
        yield f"| **{model._meta.verbose_name_plural}** | " + " | ".join(cells) + " |"


def kinds() -> list[Any]:
    """Every kind of record, then every kind of claim, by name."""
    models = [model for model in apps.get_models() if issubclass(model, Record | Claim)]
    return sorted(models, key=lambda model: (issubclass(model, Claim), str(model._meta.verbose_name_plural)))
