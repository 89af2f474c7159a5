"""One Resource a table: the same columns, keys and rules for import and export, in the admin and in the commands."""

from .columns import Column
from .files import TableResource

__all__ = ["Column", "TableResource"]
