"""Every check of the quality desk, in the order of the page."""

from .base import Check, works_on
from .documents import DeadLinks, NoCopy
from .lives import EndBeforeStart, OutsideLife, TakenAndActive
from .places import NoPoint, OutsideParent
from .support import DependentSources, OneSource, OpenClaims, Rivals, Uncited
from .texts import NotLookedAt, Variants, WideDates

CHECKS: tuple[Check, ...] = (
    Uncited(),
    OneSource(),
    DependentSources(),
    Rivals(),
    OpenClaims(),
    OutsideLife(),
    EndBeforeStart(),
    TakenAndActive(),
    OutsideParent(),
    WideDates(),
    NoPoint(),
    NoCopy(),
    DeadLinks(),
    Variants(),
    NotLookedAt(),
)

__all__ = ["CHECKS", "Check", "works_on"]
