"""Lists of regions, activities and routes narrowed, and the filters by place and activity that other lists share."""

from django.utils.translation import gettext_lazy as _

from crimewatch.citations.filters import AboutFilter, CitedFilterSet, ClaimChoice
from crimewatch.records.filters import ChoiceFilter, LinkedFilter, WithinFilter
from regions.models import Commodity, IllicitActivity, Intensity, Market, Mode, Region, RegionKind, Route, Stage, Trend


class PlacedFilterSet(CitedFilterSet):
    """Records that claims place in a region or tie to an activity, each with everything below it."""

    region = AboutFilter(Region, help_text=_("With what lies in it or overlaps it."))
    activity = AboutFilter(IllicitActivity, help_text=_("With everything below it."))


class RegionFilterSet(PlacedFilterSet):
    """Regions by place, kind and by what happens there."""

    region = WithinFilter(Region, help_text=_("With what lies in it or overlaps it."))
    kind = ChoiceFilter(label=_("kind"), choices=RegionKind.choices)

    class Meta:
        model = Region
        fields: list[str] = []


class ActivityFilterSet(PlacedFilterSet):
    """Illicit activities by market and stage, and by where and how they go on."""

    activity = WithinFilter(IllicitActivity, help_text=_("With everything below it."))
    market = ChoiceFilter(label=_("market"), choices=Market.choices, may_be_empty=True)
    stage = ChoiceFilter(label=_("stage"), choices=Stage.choices, may_be_empty=True)
    trend = ClaimChoice(label=_("trend"), choices=Trend.choices, may_be_empty=True)
    intensity = ClaimChoice(label=_("intensity"), choices=Intensity.choices, may_be_empty=True)

    class Meta:
        model = IllicitActivity
        fields: list[str] = []


class RouteFilterSet(PlacedFilterSet):
    """Routes by what is moved, how, and through which regions."""

    activity = LinkedFilter(IllicitActivity, "activity", help_text=_("With everything below it."))
    commodity = ChoiceFilter(label=_("commodity"), choices=Commodity.choices)
    mode = ClaimChoice(label=_("travelled by"), choices=Mode.choices)

    class Meta:
        model = Route
        fields: list[str] = []
