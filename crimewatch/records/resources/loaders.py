"""The stored rows that the rows of a file are about, fetched some hundreds at a time."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from import_export.instance_loaders import BaseInstanceLoader

CHUNK = 500


class KeyLoader(BaseInstanceLoader):
    """Finds the instance of each row by its key, in the order of the file, with one query for many rows."""

    def __init__(self, resource: Any, dataset: Any = None) -> None:
        super().__init__(resource, dataset)
        self._pks = resource.survey.stored
        self._ahead = iter([self._pks[key] for key in resource.survey.keys_in_order if key in self._pks])
        self._loaded: dict[int, Any] = {}

    def get_instance(self, row: Mapping[str, Any]) -> Any:
        """The stored instance of `row`; None for a new one."""
        pk = self._pks.get(str(row[self.resource.key] or "").strip())
        while pk is not None and pk not in self._loaded:
            chunk = list(islice(self._ahead, CHUNK))
            if not chunk:  # the row was deleted by someone else a moment ago
                return None
            self._loaded = self.resource.fetch(chunk)
        return self._loaded.get(pk) if pk is not None else None
