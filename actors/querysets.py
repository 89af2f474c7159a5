"""Groups and people by region, activity and date."""

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef

from crimewatch.records.querysets import RecordQuerySet

if TYPE_CHECKING:
    from actors.models import Group
    from regions.models import IllicitActivity, Region

_Model_co = TypeVar("_Model_co", bound=models.Model, covariant=True)


class GroupQuerySet(RecordQuerySet[_Model_co]):
    """Groups by where they are and what they do."""

    def in_region(self, region: "Region") -> Self:
        """Groups that a claim places in ``region``, below it, or in a zone over it."""
        from actors.models import Involvement, Presence

        present = Presence.objects.about(region).filter(group=OuterRef("pk"))
        involved = Involvement.objects.about(region).filter(group=OuterRef("pk"))
        return self.filter(Exists(present) | Exists(involved))

    def involved_in(self, activity: "IllicitActivity") -> Self:
        """Groups that a claim involves in ``activity`` or one below it."""
        from actors.models import Involvement

        return self.filter(Exists(Involvement.objects.about(activity).filter(group=OuterRef("pk"))))

    def during(self, text: str) -> Self:
        """Groups with a presence or involvement whose days may overlap those of the EDTF ``text``."""
        from actors.models import Involvement, Presence

        present = Presence.objects.during(text).filter(group=OuterRef("pk"))
        involved = Involvement.objects.during(text).filter(group=OuterRef("pk"))
        return self.filter(Exists(present) | Exists(involved))


class PersonQuerySet(RecordQuerySet[_Model_co]):
    """People by the groups that they belong or belonged to."""

    def members_of(self, group: "Group") -> Self:
        from actors.models import Membership

        return self.filter(Exists(Membership.objects.about(group).filter(person=OuterRef("pk"))))
