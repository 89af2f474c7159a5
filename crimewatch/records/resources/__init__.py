"""Tables as CSV files, for import and export."""

from .files import CSVFormat, CSVTable, csv_line
from .keys import AnyKey
from .outcomes import CellChange, RowKind, RowOutcome, RowSink, Stage, Watcher
from .records import RECORD_COLUMNS, RecordResource, unsupported
from .results import Problem, RefusedError, TableResult
from .sources import RowSource, UnreadableSource
from .tables import TableResource

__all__ = [
    "RECORD_COLUMNS",
    "AnyKey",
    "CSVFormat",
    "CSVTable",
    "CellChange",
    "Problem",
    "RecordResource",
    "RefusedError",
    "RowKind",
    "RowOutcome",
    "RowSink",
    "RowSource",
    "Stage",
    "TableResource",
    "TableResult",
    "UnreadableSource",
    "Watcher",
    "csv_line",
    "unsupported",
]
