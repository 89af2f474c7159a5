"""What the tests of pictures share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from crimewatch.explorer import packages
from crimewatch.explorer.pictures.map.shapes import country_shapes, department_shapes


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """As on a machine on which nobody has run `npm ci`."""
    monkeypatch.setattr(packages, "FOLDER", tmp_path / "node_modules")
    forget()
    yield
    forget()


def forget() -> None:
    for found in (finders.get_finder, country_shapes, department_shapes):
        found.cache_clear()
