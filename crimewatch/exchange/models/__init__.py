"""What is kept of imports and exports: who moved what, when and why, and what is needed to take it back."""

from .batches import BatchKind, BatchState, ImportBatch
from .exports import ExportFile, ExportState
from .mappings import ColumnMapping
from .previews import PreviewRow, RowKind
from .progress import Progress

__all__ = [
    "BatchKind",
    "BatchState",
    "ColumnMapping",
    "ExportFile",
    "ExportState",
    "ImportBatch",
    "PreviewRow",
    "Progress",
    "RowKind",
]
