"""Lists of groups and people narrowed."""

from django.utils.translation import gettext_lazy as _

from actors.models import ActivityState, Group, GroupKind, MembershipRole, Person
from crimewatch.citations.filters import AboutFilter, CitedFilterSet, ClaimChoice
from crimewatch.records.filters import ChoiceFilter, LinkedFilter, YesNoFilter
from regions.filters import PlacedFilterSet
from regions.models import Region


class GroupFilterSet(PlacedFilterSet):
    """Groups by kind and state, where they are and what they do."""

    kind = ChoiceFilter(label=_("kind"), choices=GroupKind.choices)
    state = ChoiceFilter(label=_("state"), choices=ActivityState.choices)
    collective = YesNoFilter("is_collective", label=_("collective"))

    class Meta:
        model = Group
        fields: list[str] = []


class PersonFilterSet(CitedFilterSet):
    """People by nationality and by the groups that they belong or belonged to."""

    nationality = LinkedFilter(Region, "nationality", label=_("nationality"))
    group = AboutFilter(Group)
    role = ClaimChoice(label=_("role"), choices=MembershipRole.choices)

    class Meta:
        model = Person
        fields: list[str] = []
