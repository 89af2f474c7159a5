"""What curation keeps of its own: the journal, what the quality desk has counted and been told, pairs and merges."""

from crimewatch.curation.duplicates.models import Likeness, Look, Verdict
from crimewatch.curation.merging.models import Merge
from crimewatch.curation.quality.models import DailyCount, Dismissal, LinkCheck, LinkOutcome

from .journal import LONGEST_TEXT, JournalEntry, JournalMention, may_read

__all__ = [
    "LONGEST_TEXT",
    "DailyCount",
    "Dismissal",
    "JournalEntry",
    "JournalMention",
    "Likeness",
    "LinkCheck",
    "LinkOutcome",
    "Look",
    "Merge",
    "Verdict",
    "may_read",
]
