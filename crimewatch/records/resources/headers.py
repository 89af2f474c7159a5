"""The first row of a file: which columns it has, and what is wrong with them."""

from collections.abc import Container, Sequence
from difflib import get_close_matches

from django.utils.translation import gettext as _


def name_column(column: str) -> str:
    """The column with the names of the records whose keys stand in `column`: for people, and checked by an import."""
    return f"{column}:name"


def unreadable(headers: Sequence[str], key: str) -> list[str]:
    """A sentence for each mistake on account of which the rows below the header cannot be read."""
    repeated = sorted({name for name in headers if name and headers.count(name) > 1})
    mistakes = [_("The column “%(name)s” stands in the header more than once.") % {"name": name} for name in repeated]
    if "" in headers:
        place = headers.index("") + 1
        mistakes.append(_("Column %(place)s has no name in the header: name it or leave it out.") % {"place": place})
    if key not in headers:
        sentence = _("The column “%(key)s” is missing: it names the row, and its cell may be empty for a new one.")
        mistakes.append(sentence % {"key": key})
    return mistakes


def unknown(headers: Sequence[str], columns: Sequence[str], names: Container[str] = ()) -> list[str]:
    """A sentence for each column that is none of `columns` nor `names`; the others can be read in spite of it."""
    return [_unknown(name, columns) for name in headers if name and name not in columns and name not in names]


def _unknown(name: str, columns: Sequence[str]) -> str:
    nearest = get_close_matches(name.lower(), columns, n=3, cutoff=0.6)
    if nearest:
        words = {"name": name, "nearest": ", ".join(nearest)}
        return _("There is no column “%(name)s”; the nearest are: %(nearest)s.") % words
    return _("There is no column “%(name)s”; there are: %(columns)s.") % {"name": name, "columns": ", ".join(columns)}
