"""How many claims name each record, counted for many records at once."""

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import F, Func, Value

from crimewatch.records.querysets import claim_relations, together

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


def numbers_of_claims(
    model: type[models.Model], user: "Viewer", among: Collection[int] | None = None
) -> dict[int, int]:
    """How many claims that ``user`` may see name each record of ``model``, or each ``among`` some, by the record's id.

    A record that no such claim names is not there. Each kind of claim is read once; of records that are told by their
    ids the database knows which have very many claims, so that it finds those of the others by an index.
    """
    parts = []
    for relation in claim_relations(model):
        key = f"{relation.field.name}_id"
        named: dict[str, Any] = {f"{key}__isnull": False} if among is None else {f"{key}__in": among}
        claims = relation.related_model._default_manager.visible_to(user).order_by()
        parts.append(claims.filter(**named).values_list(key))
    try:
        sql, parameters = together(parts).query.sql_with_params()
    except EmptyResultSet:  # the viewer sees nothing, or nothing is asked for
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT record, count(*) FROM ({sql}) AS mention (record) GROUP BY record", parameters)
        return dict(cursor.fetchall())


class NumberOf(Func):
    """The number that ``numbers`` have for a record's id, 0 where they have none."""

    template = "coalesce((%(expressions)s::text)::integer, 0)"
    arg_joiner = "::jsonb ->> "
    output_field = models.IntegerField()

    def __init__(self, numbers: Mapping[int, int]) -> None:
        super().__init__(Value(json.dumps(numbers)), F("pk"))
