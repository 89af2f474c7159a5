"""The claims on a record's page: grouped, in sentences, each with a numbered footnote to its source."""

from crimewatch.records.readable import period as in_words

from .reading import Naming, claims_about, claims_with_keys, filled, rows_of
from .sentences import sentence
from .views import FILTERS, WIDER_SHOWN, IndicatorProfile, ProfileView, SourceProfile

__all__ = [
    "FILTERS",
    "WIDER_SHOWN",
    "IndicatorProfile",
    "Naming",
    "ProfileView",
    "SourceProfile",
    "claims_about",
    "claims_with_keys",
    "filled",
    "in_words",
    "rows_of",
    "sentence",
]
