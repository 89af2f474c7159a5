"""Rows from the files that people have: CSV, workbooks, JSON lines, folders and ZIP archives of these.

All of them become *row sources*: something with a `name`, `headers`, `notes` and a length, whose rows can be gone
through again and again, each a list of texts.
"""

from .archives import Archive
from .opening import EVERYTHING, FORMATS, TableSource, opened, tables_in
from .remapped import HELP_COLUMNS, Remapped

__all__ = [
    "EVERYTHING",
    "FORMATS",
    "HELP_COLUMNS",
    "Archive",
    "Remapped",
    "TableSource",
    "opened",
    "tables_in",
]
