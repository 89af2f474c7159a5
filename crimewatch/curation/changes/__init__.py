"""The history as people read it: who changed what, when and why, field by field and in words.

The database keeps each state of each row (``records.history``). A change is such a state beside the one before it.
"""

from .change import Change, FieldChange, Model, all_links, kind_of_row, tracked_link, tracked_models
from .history import History
from .names import Names, in_words, label_of

__all__ = [
    "Change",
    "FieldChange",
    "History",
    "Model",
    "Names",
    "all_links",
    "in_words",
    "kind_of_row",
    "label_of",
    "tracked_link",
    "tracked_models",
]
