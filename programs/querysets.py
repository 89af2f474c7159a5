"""State responses by region, activity and the groups that they are aimed at."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef

from crimewatch.records.querysets import RecordQuerySet

_Model_co = TypeVar("_Model_co", bound=models.Model, covariant=True)


class ProgramQuerySet(RecordQuerySet[_Model_co]):
    """State responses by what they are aimed at and where."""

    def aimed_at(self, record: models.Model) -> Self:
        """Responses with a target that names ``record`` (a region, activity or group) or something within it."""
        from programs.models import Target

        return self.filter(Exists(Target.objects.about(record).filter(program=OuterRef("pk"))))

    def in_region(self, region: models.Model) -> Self:
        """Responses aimed at ``region``, something below it, or a zone over it."""
        return self.aimed_at(region)
