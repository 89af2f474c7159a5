"""Forms of curation: what is asked of the history, and the rights of logins."""

from .history import LAST_PAGE, ChangesForm, RecordHistoryForm, RestoreForm, end_of
from .rights import RightsField, in_words

__all__ = ["LAST_PAGE", "ChangesForm", "RecordHistoryForm", "RestoreForm", "RightsField", "end_of", "in_words"]
