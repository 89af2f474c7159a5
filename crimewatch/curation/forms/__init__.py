"""Forms of curation: what is asked of the history, the queue and the journal, and the rights of logins."""

from .history import LAST_PAGE, ChangesForm, CompareForm, RecordHistoryForm, RestoreForm
from .journal import AnswerForm, AssignForm, EntryForm, PagedForm, QuestionsForm, ReviewForm
from .rights import RightsField, in_words

__all__ = [
    "LAST_PAGE",
    "AnswerForm",
    "AssignForm",
    "ChangesForm",
    "CompareForm",
    "EntryForm",
    "PagedForm",
    "QuestionsForm",
    "RecordHistoryForm",
    "RestoreForm",
    "ReviewForm",
    "RightsField",
    "in_words",
]
