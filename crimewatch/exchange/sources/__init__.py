"""Rows from the files that people have: CSV, workbooks, JSON lines, folders and ZIP archives of these.

All of them become *row sources*: something with a `name`, `headers`, `notes` and a length, whose rows can be gone
through again and again, each a list of texts.
"""

from .archives import Archive
from .opening import ENDINGS, EVERYTHING, FORMATS, TableSource, opened
from .remapped import HELP_COLUMNS, Remapped

__all__ = [
    "ENDINGS",
    "EVERYTHING",
    "FORMATS",
    "HELP_COLUMNS",
    "Archive",
    "Remapped",
    "TableSource",
    "opened",
]
