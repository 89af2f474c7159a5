"""The history: every inserted, changed and deleted row of every table, kept by the database itself."""

from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models

_Model = TypeVar("_Model", bound=models.Model)


def tracked(model: type[_Model]) -> type[_Model]:
    """Class decorator that keeps each state of ``model``'s rows in an event table.

    A row is kept after each insert and update and before it is deleted, all but what the database derives.
    Statement-level triggers write it, so bulk writes, SQL and COPY are in it too, and nobody can change it afterwards.
    """
    derived = [field.name for field in model._meta.concrete_fields if field.generated]
    # Trackers given by the setting are copied, and a copied operation no longer equals the one it was copied from.
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=derived,
        append_only=True,
        level=pgtrigger.Statement,
    )(model)
