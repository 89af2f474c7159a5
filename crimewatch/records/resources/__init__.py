"""Tables as CSV files, for import and export."""

from .files import CSVFormat, CSVTable, csv_line
from .keys import AnyKey
from .records import RECORD_COLUMNS, RecordResource, unsupported
from .results import Problem, RefusedError, TableResult
from .tables import TableResource

__all__ = [
    "RECORD_COLUMNS",
    "AnyKey",
    "CSVFormat",
    "CSVTable",
    "Problem",
    "RecordResource",
    "RefusedError",
    "TableResource",
    "TableResult",
    "csv_line",
    "unsupported",
]
