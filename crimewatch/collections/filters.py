"""Lists narrowed to what is in a collection, or has a tag."""

from typing import Any

from django.db import models
from django.db.models import Q

from crimewatch.collections.models import Collection, Member, Tag, Tagging
from crimewatch.records.filter_fields import LONGEST_TEXT, RecordField
from crimewatch.records.filters import AskedFilter


class PlacedFilter(AskedFilter):
    """Rows that are in a collection with one of some keys, or under a tag; ``none`` finds those in no visible one."""

    field_class = RecordField
    is_personal = True
    kind: Any
    place: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label=self.kind._meta.verbose_name, max_length=LONGEST_TEXT, **kwargs)

    @property
    def field(self) -> RecordField:
        field: RecordField = super().field
        field.queryset = self.visible
        return field

    @property
    def visible(self) -> Any:
        return self.kind.objects.visible_to(self.parent.request.user)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return Q(pk__in=self.places(value).of(model).numbers())

    def places(self, value: Any) -> Any:
        """The places in some collections or, where ``value`` is None, in any that the viewer may see."""
        meant = self.visible.order_by().values("pk") if value is None else [each.pk for each in value]
        return self.place.objects.filter(**{f"{self.place.where}__in": meant})


class CollectionFilter(PlacedFilter):
    """Rows in a collection."""

    kind, place = Collection, Member


class TagFilter(PlacedFilter):
    """Rows with a tag."""

    kind, place = Tag, Tagging
