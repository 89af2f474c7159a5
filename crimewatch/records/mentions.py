"""How many claims name each record, counted for many records at once."""

import json
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Func, Q, Value

from crimewatch.records.prepared import KEPT, Asking, Statement
from crimewatch.records.querysets import IsAmong, claim_relations, together

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: So many claims are looked at one by one. To find out all that is hidden from somebody takes as long at a million.
FEW_CLAIMS = 2_000


def numbers_of_claims(
    model: type[models.Model], user: "Viewer", among: Collection[int] | None = None
) -> dict[int, int]:
    """How many claims that ``user`` may see name each record of ``model``, or each ``among`` some, by the record's id.

    A record that no such claim names is not there. Each kind of claim is read once; of records that are told by their
    ids the database knows which have very many claims, so that it finds those of the others by an index.

    The claims of some records are mostly few: these are looked at one by one, and only where there are more of them
    the database finds out beforehand everything that is hidden from ``user``.
    """
    asking = Asking(user)
    if among is None:
        return _counted(asking, model)
    keys = asking.keys("records", among)
    numbers = _counted(asking, model, keys, few=True)
    return numbers if sum(numbers.values()) <= FEW_CLAIMS else _counted(asking, model, keys)


def _counted(
    asking: Asking, model: type[models.Model], keys: str | None = None, *, few: bool = False
) -> dict[int, int]:
    return dict(_numbers(asking.viewer, model, keys, few=few).rows(asking.values))


@lru_cache(maxsize=4 * KEPT)
def _numbers(viewer: Any, model: type[models.Model], keys: str | None, *, few: bool) -> Statement:
    """How often each record is named; of a ``few`` at most one claim more than are looked at one by one."""
    parts = []
    for relation in claim_relations(model):
        name = f"{relation.field.name}_id"
        claims = relation.related_model._default_manager.visible_to(viewer, few=few).order_by()
        named = Q(**{f"{name}__isnull": False}) if keys is None else Q(IsAmong(name, keys))
        parts.append(claims.filter(named).values_list(name))
    mentions = Statement.of(together(parts))
    if not mentions.sql:  # the viewer sees nothing
        return mentions
    cut = f" LIMIT {FEW_CLAIMS + 1}" if few else ""
    sql = f"SELECT * FROM ({mentions.sql}) AS every{cut}"
    return Statement(f"SELECT record, count(*) FROM ({sql}) AS mention (record) GROUP BY record", mentions.parameters)


class NumberOf(Func):
    """The number that ``numbers`` have for a record's id, 0 where they have none."""

    template = "coalesce((%(expressions)s::text)::integer, 0)"
    arg_joiner = "::jsonb ->> "
    output_field = models.IntegerField()

    def __init__(self, numbers: Mapping[int, int]) -> None:
        super().__init__(Value(json.dumps(numbers)), F("pk"))
