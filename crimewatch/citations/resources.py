"""Sources, indicators and claims as CSV files."""

from typing import Any

from crimewatch.citations.models import Estimate, Indicator, Source
from crimewatch.records.resources import RECORD_COLUMNS, RecordResource, TableResource

#: The columns that every table of claims ends with, after those of its own; `uid` begins the row.
CLAIM_COLUMNS = (
    "source",
    "locator_type",
    "locator",
    "quotation",
    "wording",
    "attributed_to",
    "credibility",
    "stance",
    "status",
    "when",
    "note",
)

#: The columns of a statement about one record.
CITATION_COLUMNS = ("uid", "record", "field", "statement", *CLAIM_COLUMNS)

#: The columns of a figure, after the record that it is about.
ESTIMATE_COLUMNS = (
    "indicator",
    "low",
    "best",
    "high",
    "unit",
    "basis",
    "cut_off",
    "is_series_break",
    "is_derived",
    "source_words",
    *CLAIM_COLUMNS,
)


class ClaimResource(TableResource):
    """A table of claims, named by their uid."""

    class Meta:
        import_id_fields = ("uid",)

    def look_around(self, *args: Any, **kwargs: Any) -> None:
        super().look_around(*args, **kwargs)
        self._indicators = Indicator.objects.in_bulk() if issubclass(self.model, Estimate) else {}

    def prepare(self, entry: Any) -> None:
        # An estimate without a unit asks its indicator for it: a query a row unless the indicator is at hand.
        indicator = self._indicators.get(getattr(entry.instance, "indicator_id", None))
        if indicator is not None:
            entry.instance.indicator = indicator


class SourceResource(RecordResource):
    class Meta:
        model = Source
        fields = (
            *RECORD_COLUMNS,
            "source_type",
            "authors",
            "container_title",
            "publisher",
            "publisher_place",
            "issued",
            "volume",
            "issue",
            "pages",
            "url",
            "archive_url",
            "accessed",
            "doi",
            "isbn",
            "language",
            "reliability",
            "note",
            "full_text",
            "summary",
        )


class IndicatorResource(RecordResource):
    class Meta:
        model = Indicator
        fields = (*RECORD_COLUMNS, "unit", "definition", "summary")
