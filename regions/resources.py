"""Regions, illicit activities and routes, and the claims about them, as CSV files."""

from crimewatch.citations.resources import CITATION_COLUMNS, CLAIM_COLUMNS, ESTIMATE_COLUMNS, ClaimResource
from crimewatch.records.resources import RECORD_COLUMNS, RecordResource
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


class RegionResource(RecordResource):
    class Meta:
        model = Region
        fields = (
            *RECORD_COLUMNS,
            "kind",
            "parent",
            "parts",
            "iso_3166",
            "ubigeo",
            "geonames_id",
            "wikidata_id",
            "latitude",
            "longitude",
            "precision",
            "outline",
            "summary",
        )


class IllicitActivityResource(RecordResource):
    class Meta:
        model = IllicitActivity
        fields = (*RECORD_COLUMNS, "parent", "market", "stage", "iccs", "note", "summary")


class RouteResource(RecordResource):
    class Meta:
        model = Route
        fields = (*RECORD_COLUMNS, "commodity", "activity", "summary")


class RegionEstimateResource(ClaimResource):
    class Meta:
        model = RegionEstimate
        fields = ("uid", "region", "activity", *ESTIMATE_COLUMNS)


class RegionCitationResource(ClaimResource):
    class Meta:
        model = RegionCitation
        fields = CITATION_COLUMNS


class ActivityCitationResource(ClaimResource):
    class Meta:
        model = ActivityCitation
        fields = CITATION_COLUMNS


class OccurrenceResource(ClaimResource):
    class Meta:
        model = Occurrence
        fields = ("uid", "activity", "region", "trend", "intensity", *CLAIM_COLUMNS)


class RouteLegResource(ClaimResource):
    class Meta:
        model = RouteLeg
        fields = ("uid", "route", "order", "origin", "destination", "mode", *CLAIM_COLUMNS)


class RouteCitationResource(ClaimResource):
    class Meta:
        model = RouteCitation
        fields = CITATION_COLUMNS
