"""The claims on a record's page: grouped, in sentences, each with a numbered footnote to its source."""

from crimewatch.records.readable import period as in_words

from .reading import Naming, claim_of, claims_about, filled, rows_of, rows_with_keys
from .sentences import sentence
from .views import FILTERS, WIDER_SHOWN, IndicatorProfile, ProfileView, SourceProfile

__all__ = [
    "FILTERS",
    "WIDER_SHOWN",
    "IndicatorProfile",
    "Naming",
    "ProfileView",
    "SourceProfile",
    "claim_of",
    "claims_about",
    "filled",
    "in_words",
    "rows_of",
    "rows_with_keys",
    "sentence",
]
