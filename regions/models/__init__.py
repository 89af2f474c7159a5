"""Where it happens and what happens: regions, illicit activities and routes, and the claims that tie them together."""

from .activities import ActivityCitation, IllicitActivity, Intensity, Market, Occurrence, Stage, Trend
from .regions import PlacePrecision, Region, RegionCitation, RegionEstimate, RegionKind
from .routes import Commodity, Mode, Route, RouteCitation, RouteLeg

__all__ = [
    "ActivityCitation",
    "Commodity",
    "IllicitActivity",
    "Intensity",
    "Market",
    "Mode",
    "Occurrence",
    "PlacePrecision",
    "Region",
    "RegionCitation",
    "RegionEstimate",
    "RegionKind",
    "Route",
    "RouteCitation",
    "RouteLeg",
    "Stage",
    "Trend",
]
