"""Lists as pages, as parts of pages and as files: of anything, and of one kind of record."""

from .lists import COUNTED, PAGE_SIZE, ListView, Page
from .records import RecordListView, estimated_rows

__all__ = ["COUNTED", "PAGE_SIZE", "ListView", "Page", "RecordListView", "estimated_rows"]
