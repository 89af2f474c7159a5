"""The stored rows that the rows of a file are about, fetched a hundred at a time."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Protocol

from import_export.instance_loaders import BaseInstanceLoader

CHUNK = 100


class Loader(Protocol):
    """Whatever finds the stored instance of a row."""

    def get_instance(self, row: Mapping[str, Any]) -> Any: ...


class KeyLoader(BaseInstanceLoader):
    """Finds the instance of each row by its key, in the order of the file, with one query for many rows."""

    def __init__(self, resource: Any, dataset: Any = None) -> None:
        super().__init__(resource, dataset)
        self._pks = resource.survey.stored
        self._ahead = (self._pks[key] for key in resource.survey.keys if key in self._pks)
        self._loaded: dict[int, Any] = {}

    def get_instance(self, row: Mapping[str, Any]) -> Any:
        """The stored instance of `row`; None for a new one."""
        pk = self._pks.get(str(row[self.resource.key] or "").strip())
        while pk is not None and pk not in self._loaded:
            # Nothing is ahead for a key that stands in the file a second time.
            chunk = list(islice(self._ahead, CHUNK)) or [pk]
            self._loaded = self.resource.fetch(chunk)
            if chunk == [pk]:
                break
        return self._loaded.get(pk)
