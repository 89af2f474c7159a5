"""Rows on their way out: which of them, with which columns, and in which form."""

from .selection import FORMS, EmptySelectionError, Selection, TableChoice
from .writing import write

__all__ = ["FORMS", "EmptySelectionError", "Selection", "TableChoice", "write"]
