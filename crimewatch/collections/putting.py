"""Putting many rows into collections and under tags, or taking them out: all of it or nothing, and back again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pghistory
from django.db import transaction
from django.db.models import Exists, OuterRef

from crimewatch.collections.models import Collection, Member, Tagging, free_key, put, take_out
from crimewatch.records.history import bring_back, events_of, take_away


@dataclass
class Done:
    """To how many rows what was done."""

    put: int = 0
    taken: int = 0
    tagged: int = 0
    untagged: int = 0
    collection: Collection | None = None
    #: By which it is taken back: what the history calls all of it.
    context: UUID | None = None


def put_all(rows: Mapping[type[Any], list[int]], asked: Mapping[str, Any], user: Any) -> Done:
    """Do what a ``PutForm`` asks with rows, primary keys by kind, in one transaction."""
    done = Done(collection=asked.get("collection"))
    with pghistory.context(reason=asked.get("reason", "")) as context, transaction.atomic():
        done.context = context.id
        if asked.get("new_collection"):
            name = asked["new_collection"]
            done.collection = Collection.objects.create(name=name, slug=free_key(Collection, name), owner=user)
        for model, pks in rows.items():
            if done.collection:
                named = {"collection": done.collection, "note": asked.get("note", ""), "added_by": user}
                done.put += put(Member, model, pks, **named)
            if asked.get("take_collection"):
                done.taken += take_out(Member, model, pks, asked["take_collection"])
            if asked.get("add_tag"):
                done.tagged += put(Tagging, model, pks, tag=asked["add_tag"])
            if asked.get("take_tag"):
                done.untagged += take_out(Tagging, model, pks, asked["take_tag"])
    return done


def take_back(context: UUID) -> int:
    """Undo what was put and taken in one context of the history; returns how many places are as they were before.

    What somebody has put there again, or taken out, meanwhile stays as it is.
    """
    number = 0
    with transaction.atomic():
        for model in (Member, Tagging):
            events = events_of(model).objects.filter(pgh_context_id=context)
            put_there = set(events.filter(pgh_label="insert").values_list("pgh_obj_id", flat=True))
            taken = events.filter(pgh_label="delete").exclude(pgh_obj_id__in=put_there)
            number += take_away(model, sorted(put_there))
            number += bring_back(model, _free(model, taken))
    return number


def _free(model: type[Member | Tagging], taken: Any) -> list[int]:
    """Those of the events by which a place was given up that nothing stands in the way of."""
    there = model.objects.filter(
        **{f"{model.where}_id": OuterRef(f"{model.where}_id")},
        content_type_id=OuterRef("content_type_id"),
        object_id=OuterRef("object_id"),
    )
    kept = model._meta.get_field(model.where).related_model._default_manager.values("pk")  # type: ignore[union-attr]
    found = taken.filter(~Exists(there), **{f"{model.where}_id__in": kept})
    return list(found.values_list("pgh_id", flat=True))
