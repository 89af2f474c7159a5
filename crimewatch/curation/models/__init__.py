"""What curation keeps of its own: the journal, and what the quality desk has counted and been told."""

from crimewatch.curation.quality.models import DailyCount, Dismissal, LinkCheck, LinkOutcome

from .journal import LONGEST_TEXT, JournalEntry, JournalMention, may_read

__all__ = [
    "LONGEST_TEXT",
    "DailyCount",
    "Dismissal",
    "JournalEntry",
    "JournalMention",
    "LinkCheck",
    "LinkOutcome",
    "may_read",
]
