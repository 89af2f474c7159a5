"""Pages of curation: the history, the way to the readers, and the journal."""

from .history import ChangesView, CompareView, RecordHistoryView, RestoreView
from .journal import EntryView, JournalView, MentionsView, QuestionsView
from .review import ReviewView, StepView

__all__ = [
    "ChangesView",
    "CompareView",
    "EntryView",
    "JournalView",
    "MentionsView",
    "QuestionsView",
    "RecordHistoryView",
    "RestoreView",
    "ReviewView",
    "StepView",
]
