"""By what lists are sorted that show words: as people read them, and what has nothing comes last."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, TextField, Value, When
from django.db.models.functions import NullIf

from crimewatch.records.search import Fold


def as_read(text: Any) -> Any:
    """A text, accents and case aside; NULL for one that is empty."""
    return NullIf(Fold(text), Value("", output_field=TextField()))


def ranks(labels: Iterable[tuple[Any, Any]]) -> dict[Any, int]:
    """The places of the words of a vocabulary, from 0, in the order of their ``labels`` in the viewer's language.

    Numbers have an order of their own: grades are sorted as grades.
    """
    words = dict(labels)
    if all(isinstance(word, int) for word in words):
        return {word: word for word in words}
    return {word: place for place, word in enumerate(sorted(words, key=lambda word: _plain(str(words[word]))))}


def by_rank(word: Any, places: Mapping[Any, int]) -> Any:
    """The place of a column's word; NULL for none."""
    cases = [When(**{word: value}, then=Value(place)) for value, place in places.items() if value not in ("", None)]
    return Case(*cases, default=None, output_field=IntegerField())


def of_column(field: Any) -> Any:
    """By what a column of a table is sorted."""
    if field.flatchoices:
        return by_rank(field.name, ranks(field.flatchoices))
    if isinstance(field, CharField | TextField) and not field.unique:
        return as_read(F(field.name))
    return F(field.name)


def _plain(text: str) -> str:
    """A text without accents, in small letters."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter)
    )
