"""Tables as CSV files, for import and export."""

from .files import ENCODINGS, CSVFormat, CSVTable, NotUnicodeError, csv_line
from .keys import AnyKey, VisibleKeys
from .records import RECORD_COLUMNS, RecordResource, unsupported
from .results import Problem, RefusedError, TableResult
from .tables import TableResource

__all__ = [
    "ENCODINGS",
    "RECORD_COLUMNS",
    "AnyKey",
    "CSVFormat",
    "CSVTable",
    "NotUnicodeError",
    "Problem",
    "RecordResource",
    "RefusedError",
    "TableResource",
    "TableResult",
    "VisibleKeys",
    "csv_line",
    "unsupported",
]
