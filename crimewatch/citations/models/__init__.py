"""Sources, what figures measure, and the abstract sentences that other apps make of them."""

from .claims import Citation, Claim, ClaimStatus, Credibility, Estimate, LocatorType, Stance, Wording
from .indicators import Indicator
from .sources import Reliability, Source, SourceType

__all__ = [
    "Citation",
    "Claim",
    "ClaimStatus",
    "Credibility",
    "Estimate",
    "Indicator",
    "LocatorType",
    "Reliability",
    "Source",
    "SourceType",
    "Stance",
    "Wording",
]
