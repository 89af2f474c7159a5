"""What of collections and tags one person may see: how much, and which rows."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Q, Value
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from crimewatch.collections.models import Collection, Member, Tag, Tagging
from crimewatch.records.models import Record

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: So many tags and so many collections stand on the page of a row; its page of both names all.
SHOWN_OF_ROW = 20


@cache
def kinds() -> dict[str, Any]:
    """Every kind of record and claim by its key, ``group``, ``presence``."""
    found = [each for each in apps.get_models() if issubclass(each, Record) or getattr(each, "is_claim", False)]
    return {str(model._meta.model_name): model for model in found if hasattr(model, "pgh_event_model")}


def kinds_of(places: Any) -> list[Any]:
    """The kinds of the rows of some places."""
    types = ContentType.objects.filter(pk__in=places.order_by().values("content_type")).order_by("pk")
    return [model for kind in types if (model := kind.model_class()) in kinds().values()]


def visible(model: Any, user: "Viewer") -> Any:
    """The primary keys of the rows of a kind that ``user`` may see, as a part of another query."""
    return model._default_manager.visible_to(user).order_by().values("pk")


def visible_places(places: Any, user: "Viewer") -> Any:
    """Those of ``places`` whose rows are there and may be seen by ``user``."""
    condition = Q(pk__in=[])
    for model in kinds_of(places):
        content_type = ContentType.objects.get_for_model(model)
        condition |= Q(content_type=content_type, object_id__in=visible(model, user))
    return places.filter(condition)


def numbers_by_kind(places: Any, user: "Viewer") -> dict[int, Counter[Any]]:
    """By collection or tag, how many rows of each kind ``user`` may see there. One query for all kinds."""
    where = f"{places.model.where}_id"
    models_ = kinds_of(places)
    parts = [
        places.of(model)
        .filter(object_id__in=visible(model, user))
        .order_by()
        .annotate(row_kind=Value(str(model._meta.model_name)))
        .values(where, "row_kind")
        .annotate(number=Count("pk"))
        for model in models_
    ]
    found: dict[int, Counter[Any]] = defaultdict(Counter)
    for row in parts[0].union(*parts[1:], all=True) if parts else ():
        found[row[where]][kinds()[row["row_kind"]]] += row["number"]
    return found


def visible_row(user: "Viewer", kind: str, pk: int) -> Any:
    """A record or claim that ``user`` may see; 404 where there is none."""
    model = kinds().get(kind)
    row = model._default_manager.visible_to(user).filter(pk=pk).first() if model else None
    if row is None:
        raise Http404
    return row


def may_tag(user: "Viewer", model: type[models.Model]) -> bool:
    """Whether ``user`` may put tags on rows of a kind: whoever may change them."""
    permission = f"{model._meta.app_label}.change_{model._meta.model_name}"
    return bool(getattr(user, "is_staff", False)) and user.has_perm(permission)  # type: ignore[union-attr]


def may_name_tags(user: "Viewer") -> bool:
    """Whether ``user`` may make tags, rename and delete them: whoever may put them on something."""
    return any(may_tag(user, model) for model in kinds().values())


class Listed(NamedTuple):
    """How many rows of a kind there are, how they are called, and the list that shows them; "" where there is none.

    ``label`` is how exports name the kind; they have no filters for claims.
    """

    kind: str
    names: str
    number: int
    address: str
    label: str
    is_record: bool


def lists_of(numbers: Counter[Any], filter_: str, key: str) -> Iterator[Listed]:
    """The kinds of which there are any, in the order of the models."""
    for kind, model in kinds().items():
        if numbers[model]:
            address, is_record = address_of_list(model, filter_, key), issubclass(model, Record)
            yield Listed(kind, names_of(model), numbers[model], address, model._meta.label_lower, is_record)


def names_of(model: Any) -> str:
    """What rows of a kind are called, at the beginning of a line."""
    return str(capfirst(model._meta.verbose_name_plural))


def address_of_list(model: Any, filter_: str, key: str) -> str:
    options = model._meta
    name, more = f"{options.app_label}:{options.model_name}_list", ""
    if not issubclass(model, Record):
        name, more = "explorer:claim_list", f"kind={options.model_name}&"
    try:
        return f"{reverse(name)}?{more}{filter_}={key}"
    except NoReverseMatch:
        return ""


class Whereabouts(NamedTuple):
    """A tag or a collection of a row, and the list of the row's kind narrowed to it."""

    name: str
    address: str


class OfRow(NamedTuple):
    """The tags of one row, and the collections that it is in; ``has_more`` says that some of either are left out."""

    tags: list[Whereabouts]
    collections: list[Whereabouts]
    has_more: bool


def of_row(row: models.Model, user: "Viewer") -> OfRow:
    """The tags of ``row``, and those of its collections that ``user`` may see: the first of each, in one query.

    It is for a row that ``user`` may see; the tags of another would tell of it.
    """
    found: dict[Any, list[Whereabouts]] = {Tag: [], Collection: []}
    parts = [
        kind.objects.visible_to(user)
        .filter(pk__in=place.objects.of_row(row).order_by().values(place.where))
        .order_by("name", "pk")
        .values_list(Value(kind._meta.model_name), "name", "slug")[: SHOWN_OF_ROW + 1]
        for kind, place in ((Tag, Tagging), (Collection, Member))
    ]
    kinds_ = {kind._meta.model_name: kind for kind in found}
    # The database keeps the order of each part.
    for kind, name, slug in parts[0].union(parts[1], all=True):
        address = address_of_list(type(row), kind, slug)
        found[kinds_[kind]].append(Whereabouts(name, address))
    has_more = any(len(each) > SHOWN_OF_ROW for each in found.values())
    tags, collections = (each[:SHOWN_OF_ROW] for each in found.values())
    return OfRow(tags, collections, has_more)
