"""The table of docs/roles.md as tests read it."""

from functools import cache

from django.conf import settings

ROW = "| **"


@cache
def documented_rights() -> dict[tuple[str, str], frozenset[str]]:
    """The actions that each role may take on each kind of row, by role and the plural of the kind."""
    lines = (settings.BASE_DIR / "docs" / "roles.md").read_text(encoding="utf-8").splitlines()
    header = next(line for line in lines if line.startswith("| kind"))
    columns = [cell.strip() for cell in header.strip("|").split("|")][1:]
    rights = {}
    for line in lines:
        if line.startswith(ROW):
            name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            for role, cell in zip(columns, cells, strict=True):
                words = frozenset(cell.split(", ")) if cell != "–" else frozenset()
                rights[role, name.strip("*")] = words
    return rights
