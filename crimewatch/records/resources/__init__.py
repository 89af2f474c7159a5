"""Tables as CSV files, for import and export."""

from .exports import Export
from .files import ENCODINGS, CSVTable, NotUnicodeError, csv_line
from .keys import AnyKey, VisibleKeys
from .outcomes import CellChange, RowKind, RowOutcome, RowSink, Stage, Watcher
from .records import RECORD_COLUMNS, RecordResource, unsupported
from .results import Problem, RefusedError, TableResult
from .sources import JoinedSource, RowSource, UnreadableSource
from .tables import TableResource

__all__ = [
    "ENCODINGS",
    "RECORD_COLUMNS",
    "AnyKey",
    "CSVTable",
    "CellChange",
    "Export",
    "JoinedSource",
    "NotUnicodeError",
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
    "VisibleKeys",
    "Watcher",
    "csv_line",
    "unsupported",
]
