"""Putting many rows into collections and under tags, or taking them out: seen first, all or nothing, and back."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import pghistory
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _

from crimewatch.collections.gathered import kinds, may_tag, names_of, visible_places
from crimewatch.collections.models import Collection, Member, Tag, Tagging, free_key, put, take_out
from crimewatch.records.history import bring_back, events_of, take_away

#: Primary keys of rows by their kind.
Rows = dict[type[Any], list[int]]

#: So many rows of each outcome are named before something is done, and so many past deeds stand with a collection.
NAMED = 8
LATELY = 5


class MovedError(Exception):
    """What would be done is not what was confirmed any more."""


# What would be done


@dataclass(frozen=True)
class Step:
    """One thing that is asked of rows: to put them to a collection or under a tag, or to take them out."""

    place: type[Member | Tagging]
    is_put: bool
    #: The collection or tag; None for a collection that is still to be made.
    where: Any
    name: str
    todo: Rows = field(default_factory=dict)
    #: Rows of which it is so already.
    already: Rows = field(default_factory=dict)
    #: Rows with which the person may not do it.
    refused: Rows = field(default_factory=dict)

    @property
    def title(self) -> str:
        words = {
            (Member, True): _("Put into “%(name)s”"),
            (Member, False): _("Take out of “%(name)s”"),
            (Tagging, True): _("Tag with “%(name)s”"),
            (Tagging, False): _("Take the tag “%(name)s” off"),
        }
        return words[self.place, self.is_put] % {"name": self.name}

    def outcomes(self) -> Iterator[tuple[str, int, list[str], list[Any]]]:
        """What becomes of the rows in words, of how many, of which kinds, and some of them; none that is empty."""
        already = _("It is so already") if self.is_put else _("It is not there")
        for words, rows in (
            (_("Will be done"), self.todo),
            (already, self.already),
            (_("Cannot be: you may not tag them"), self.refused),
        ):
            if number := sum(map(len, rows.values())):
                kinds_ = [f"{names_of(model)}: {len(pks)}" for model, pks in rows.items()]
                yield words, number, kinds_, list(some_of(rows))

    def do(self, where: Any, **more: Any) -> int:
        """Do it; returns with how many rows."""
        number = 0
        for model, pks in self.todo.items():
            if self.is_put:
                number += put(self.place, model, pks, **{self.place.where: where}, **more)
            else:
                number += take_out(self.place, model, pks, where)
        return number


def some_of(rows: Rows) -> Iterator[Any]:
    """The first few of ``rows``, with what their names are made of."""
    left = NAMED
    for model, pks in rows.items():
        if left > 0:
            found: Any = model._default_manager
            found = found.with_records() if hasattr(found, "with_records") else found.all()
            yield from found.filter(pk__in=pks[:left]).order_by("pk")
            left -= len(pks)


def plan(rows: Mapping[type[Any], list[int]], asked: Mapping[str, Any], user: Any) -> list[Step]:
    """What a ``PutForm`` asks with rows, primary keys by kind. One query for each step."""
    new = asked.get("new_collection")
    wanted: list[tuple[Any, bool, Any, Any]] = [
        (Member, True, asked.get("collection"), asked.get("collection") or new),
        (Member, False, asked.get("take_collection"), asked.get("take_collection")),
        (Tagging, True, asked.get("add_tag"), asked.get("add_tag")),
        (Tagging, False, asked.get("take_tag"), asked.get("take_tag")),
    ]
    return [_step(rows, Step(*each[:3], str(each[3])), user) for each in wanted if each[3]]


def _step(rows: Mapping[type[Any], list[int]], step: Step, user: Any) -> Step:
    there: dict[int, set[int]] = {}
    if step.where is not None:
        places: Any = step.place.objects.filter(**{step.place.where: step.where})
        for kind, pk in places.order_by().values_list("content_type_id", "object_id"):
            there.setdefault(kind, set()).add(pk)
    for model, pks in rows.items():
        if step.place is Tagging and not may_tag(user, model):
            step.refused[model] = pks
            continue
        present = there.get(ContentType.objects.get_for_model(model).pk, set())
        for found, is_done in ((step.todo, False), (step.already, True)):
            if chosen := [pk for pk in pks if ((pk in present) is step.is_put) is is_done]:
                found[model] = chosen
    return step


def stamp_of(steps: Iterable[Step]) -> str:
    """By which it is known at the confirmation that it would still be the same that is done."""
    digest = hashlib.sha256()
    for step in steps:
        for name, rows in (("todo", step.todo), ("already", step.already), ("refused", step.refused)):
            listed = [(model._meta.label, sorted(pks)) for model, pks in rows.items()]
            digest.update(repr((step.place.where, step.is_put, step.name, name, listed)).encode())
    return digest.hexdigest()


# The doing


class Done(NamedTuple):
    """What was done: with how many rows, and by which context of the history it is taken back."""

    number: int
    context: UUID


def put_all(rows: Mapping[type[Any], list[int]], asked: Mapping[str, Any], user: Any, stamp: str | None = None) -> Done:
    """Do what a ``PutForm`` asks with rows, primary keys by kind, in one transaction.

    Raises ``MovedError`` where that would not be what ``stamp`` was made of.
    """
    number = 0
    with pghistory.context(reason=asked.get("reason", "")) as context, transaction.atomic():
        steps = plan(rows, asked, user)
        if stamp is not None and stamp != stamp_of(steps):
            raise MovedError
        collection = asked.get("collection")
        if name := asked.get("new_collection"):
            collection = Collection.objects.create(name=name, slug=free_key(Collection, name), owner=user)
        for step in steps:
            if step.place is Member and step.is_put:
                number += step.do(collection, note=asked.get("note", ""), added_by=user)
            else:
                number += step.do(step.where)
    return Done(number, context.id)


# The way back


@dataclass(frozen=True)
class Deed:
    """What was done in one context with the rows of one collection or tag."""

    title: str
    number: int


def deeds(context: UUID, user: Any) -> list[Deed]:
    """What was put and taken in one context, of what ``user`` may see.

    A collection that is gone and does not come back with them, or is not for ``user``, has no name here.
    """
    found = []
    wheres: Any = ((Member, Collection.objects.visible_to(user)), (Tagging, Tag.objects.all()))
    for place, seen in wheres:
        rows = events_of(place).objects.filter(pgh_context_id=context, pgh_label__in=("insert", "delete")).order_by()
        counted = list(
            visible_places(rows, user)
            .values_list(f"{place.where}_id", "pgh_label")
            .annotate(number=Count("pgh_obj_id"))
            .order_by("pgh_label")
        )
        names = dict(seen.filter(pk__in={where for where, _label, _number in counted}).values_list("pk", "name"))
        if place is Member:
            names |= dict(collections_to_bring_back(context, user).values_list("pgh_obj_id", "name"))
        for where, label, number in counted:
            name = names.get(where, _("what is not there any more"))
            found.append(Deed(Step(place, label == "insert", None, name).title, number))
    return found


@dataclass
class WayBack:
    """What it takes to take back what was put and taken in one context, as far as one person may do that now."""

    away: dict[type[Any], list[int]]
    back: dict[type[Any], list[int]]
    #: How many places of rows that the person may see come to be as they were.
    number: int = 0
    #: How many of them stay as they are: somebody has changed them since, or they are not this person's to change.
    left: int = 0


def way_back(context: UUID, user: Any) -> WayBack:
    """What taking back would do. What somebody has put there again, or taken out, meanwhile stays as it is."""
    way = WayBack({}, {})
    mine: Any = Collection.objects.changeable_by(user).order_by().values("pk")
    coming = list(collections_to_bring_back(context, user).values_list("pgh_obj_id", flat=True))
    taggable = ContentType.objects.get_for_models(*(each for each in kinds().values() if may_tag(user, each)))
    allowed: dict[Any, Q] = {
        Member: Q(collection_id__in=mine) | Q(collection_id__in=coming),
        Tagging: Q(content_type_id__in=[t.pk for t in taggable.values()]),
    }
    for model, condition in allowed.items():
        events = events_of(model).objects.filter(pgh_context_id=context)
        put_there = set(events.filter(pgh_label="insert").values_list("pgh_obj_id", flat=True))
        taken = events.filter(pgh_label="delete").exclude(pgh_obj_id__in=put_there)
        places: Any = model.objects
        way.away[model] = list(places.filter(condition, pk__in=put_there).order_by("pk").values_list("pk", flat=True))
        free = dict(_free(model, taken.filter(condition), coming if model is Member else []))
        way.back[model] = list(free)
        touched = events.filter(pgh_label__in=("insert", "delete"))
        seen = set(visible_places(touched, user).order_by().values_list("pgh_obj_id", flat=True))
        number = len(seen & {*way.away[model], *free.values()})
        way.number, way.left = way.number + number, way.left + len(seen) - number
    return way


def collections_to_bring_back(context: UUID, user: Any) -> Any:
    """The events by which ``user`` has deleted collections there, of those whose key is free."""
    deleted = events_of(Collection).objects.filter(pgh_context_id=context, pgh_label="delete", owner_id=user.pk)
    same_key = Collection.objects.filter(Q(slug=OuterRef("slug")) | Q(pk=OuterRef("pgh_obj_id")))
    return deleted.filter(~Exists(same_key))


def take_back(context: UUID, user: Any) -> tuple[int, UUID]:
    """Undo what was put and taken in one context of the history, in one transaction.

    A collection that was made for it goes with it where nothing else is in it, and one that was deleted comes back.
    Returns how many places are as they were before, and the context by which that is taken back in turn.
    """
    with pghistory.context(takes_back_gathered=str(context)) as own, transaction.atomic():
        bring_back(Collection, collections_to_bring_back(context, user).values_list("pgh_id", flat=True))
        way = way_back(context, user)
        for model in (Member, Tagging):
            take_away(model, way.away[model])
            bring_back(model, way.back[model])
        _delete_made(context, user)
    return way.number, own.id


def _delete_made(context: UUID, user: Any) -> None:
    """Delete the collections that were made there, unless something is in them or they were changed since."""
    events = events_of(Collection).objects
    made = events.filter(pgh_context_id=context, pgh_label="insert").order_by().values("pgh_obj_id")
    changed = events.filter(pgh_label="update").order_by().values("pgh_obj_id")
    collections = Collection.objects.filter(pk__in=made, owner=user).exclude(pk__in=changed)
    collections.filter(members=None).delete()


def lately(collection: Collection, user: Any) -> list[dict[str, Any]]:
    """What ``user`` has put into a collection and taken out of it last: when, by which context, and how many rows.

    Those are counted that ``user`` may see.
    """
    if not user.is_authenticated:
        return []
    events = events_of(Member).objects.filter(collection_id=collection.pk, pgh_context__metadata__user=user.pk)
    seen = visible_places(events.filter(pgh_label__in=("insert", "delete")), user)
    found = (
        seen.order_by()
        .values("pgh_context_id")
        .annotate(
            at=Max("pgh_created_at"),
            put=Count("pgh_id", filter=Q(pgh_label="insert")),
            taken=Count("pgh_id", filter=Q(pgh_label="delete")),
        )
    )
    return list(found.order_by("-at")[:LATELY])


def _free(model: type[Member | Tagging], taken: Any, coming: list[int]) -> list[tuple[int, int]]:
    """Those of the events by which a place was given up that nothing stands in the way of, each with its place.

    What the place belongs to is there, or is one of ``coming``, which come back before.
    """
    there = model.objects.filter(
        **{f"{model.where}_id": OuterRef(f"{model.where}_id")},
        content_type_id=OuterRef("content_type_id"),
        object_id=OuterRef("object_id"),
    )
    kept = model._meta.get_field(model.where).related_model._default_manager.values("pk")  # type: ignore[union-attr]
    belongs = Q(**{f"{model.where}_id__in": kept}) | Q(**{f"{model.where}_id__in": coming})
    found = taken.filter(belongs, ~Exists(there))
    return list(found.values_list("pgh_id", "pgh_obj_id"))
