"""The admin of regions, illicit activities and routes, and of the claims about them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.admin import CitationAdmin, CitedRecordAdmin, ClaimAdmin, EstimateAdmin
from crimewatch.citations.inlines import CitationInline, ClaimInline, EstimateInline
from regions.models import (
    ActivityCitation,
    IllicitActivity,
    Occurrence,
    Region,
    RegionCitation,
    RegionEstimate,
    Route,
    RouteCitation,
    RouteLeg,
)


class RegionOccurrenceInline(ClaimInline):
    model = Occurrence
    own_fields = ("activity", "trend", "intensity")


class RegionEstimateInline(EstimateInline):
    model = RegionEstimate
    more_fields = ("activity", *EstimateInline.more_fields)


class RegionCitationInline(CitationInline):
    model = RegionCitation


@admin.register(Region)
class RegionAdmin(CitedRecordAdmin):
    list_display = ("name", "kind", "path_shown", "ubigeo", "iso_3166")
    list_filter = ("kind",)
    own_fields = (("kind", "parent"), "parts", ("latitude", "longitude", "precision"))
    folded_fields = (("iso_3166", "ubigeo"), ("geonames_id", "wikidata_id"), "outline")
    inlines = (RegionOccurrenceInline, RegionEstimateInline, RegionCitationInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Region]:
        return super().get_queryset(request).with_context()  # type: ignore[attr-defined]

    @admin.display(description=_("lies in"))
    def path_shown(self, region: Region) -> str:
        return region.path()


class ActivityOccurrenceInline(ClaimInline):
    model = Occurrence
    own_fields = ("region", "trend", "intensity")


class ActivityCitationInline(CitationInline):
    model = ActivityCitation


@admin.register(IllicitActivity)
class IllicitActivityAdmin(CitedRecordAdmin):
    list_display = ("name", "parent", "market", "stage")
    list_filter = ("market", "stage")
    list_select_related = ("parent",)
    own_fields = ("parent", ("market", "stage"), "note")
    folded_fields = ("iccs",)
    inlines = (ActivityOccurrenceInline, ActivityCitationInline)


class RouteLegInline(ClaimInline):
    model = RouteLeg
    own_fields = ("order", "origin", "destination", "mode")


class RouteCitationInline(CitationInline):
    model = RouteCitation


@admin.register(Route)
class RouteAdmin(CitedRecordAdmin):
    list_display = ("name", "commodity", "activity")
    list_filter = ("commodity",)
    list_select_related = ("activity",)
    own_fields = (("commodity", "activity"),)
    inlines = (RouteLegInline, RouteCitationInline)


@admin.register(Occurrence)
class OccurrenceAdmin(ClaimAdmin):
    list_filter = ("trend", "intensity", *ClaimAdmin.list_filter)
    own_fields = ("activity", "region", ("trend", "intensity"))


@admin.register(RouteLeg)
class RouteLegAdmin(ClaimAdmin):
    list_filter = ("mode", *ClaimAdmin.list_filter)
    own_fields = (("route", "order"), ("origin", "destination"), "mode")


@admin.register(RegionEstimate)
class RegionEstimateAdmin(EstimateAdmin):
    own_fields = ("region", "activity")


@admin.register(RegionCitation)
class RegionCitationAdmin(CitationAdmin):
    pass


@admin.register(ActivityCitation)
class ActivityCitationAdmin(CitationAdmin):
    pass


@admin.register(RouteCitation)
class RouteCitationAdmin(CitationAdmin):
    pass
