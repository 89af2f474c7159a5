"""What curation keeps of its own: see `quality.models`."""

from crimewatch.curation.quality.models import DailyCount, Dismissal, LinkCheck, LinkOutcome

__all__ = ["DailyCount", "Dismissal", "LinkCheck", "LinkOutcome"]
