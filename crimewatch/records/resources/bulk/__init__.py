"""The bulk engine: all rows of a file at once, by the same columns, widgets and rules as the row engine.

The rows are read by the widgets, once for each value, and copied to a temporary table; the database compares them with
what is stored, judges them by its own rules, and writes them with a few statements. A row about which there is any
doubt is left to the row engine, which is the one that says what is wrong: so both say the same.
"""

from .engine import BulkImport

__all__ = ["BulkImport"]
