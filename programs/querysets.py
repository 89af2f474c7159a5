"""State responses by region, activity and the groups that they are aimed at."""

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef

from crimewatch.records.querysets import RecordQuerySet

if TYPE_CHECKING:
    from crimewatch.records.models import Record
    from regions.models import Region

_Model_co = TypeVar("_Model_co", bound=models.Model, covariant=True)


class ProgramQuerySet(RecordQuerySet[_Model_co]):
    """State responses by what they are aimed at and where."""

    def aimed_at(self, record: "Record") -> Self:
        """Responses with a target that names ``record`` (a region, activity or group) or something within it."""
        from programs.models import Target

        return self.filter(Exists(Target.objects.about(record).filter(program=OuterRef("pk"))))

    def in_region(self, region: "Region") -> Self:
        """Responses aimed at ``region``, something below it, or a zone over it."""
        return self.aimed_at(region)
