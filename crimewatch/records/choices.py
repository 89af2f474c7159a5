"""The choices of a filter as the page offers them: a box to tick for each, with how many rows it would leave."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crimewatch.records import readable
from crimewatch.records.facets import Counts
from crimewatch.records.filter_fields import NOT, NOTHING, WordsField


@dataclass(frozen=True)
class Choice:
    """One box: the word that it puts into the address, and how people read it."""

    word: str
    label: str
    is_chosen: bool
    #: How many rows it would leave; empty where that is not known.
    number: str = ""


class Choices:
    """What a filter offers and which of it is chosen."""

    def __init__(self, bound: Any, counts: Counts) -> None:
        field: WordsField = bound.field
        text = bound.data or ""
        words = [word.strip() for word in text.removeprefix(NOT).split(",")]
        self.is_inverted = text.startswith(NOT)
        self.field = bound
        self.options = [
            Choice(word, str(label), word in words, number_of(counts, word)) for word, label in named(field)
        ]

    @property
    def chosen(self) -> str:
        """What is chosen, in a few words."""
        labels = ", ".join(option.label for option in self.options if option.is_chosen)
        if not labels:
            return _("any")
        return _("not %(choices)s") % {"choices": labels} if self.is_inverted else labels

    @property
    def is_used(self) -> bool:
        return any(option.is_chosen for option in self.options)


def named(field: WordsField) -> list[tuple[str, Any]]:
    """The words of a field and their names, that for nothing at all among them."""
    return [*field.choices, *([(NOTHING, _("not given"))] if field.may_be_empty else [])]


def number_of(counts: Counts, word: str) -> str:
    if counts is None or (word == NOTHING and word not in counts):
        return ""
    return readable.number(counts.get(word, 0))


def choices_of(bound: Any, facets: dict[str, Counts]) -> Choices | None:
    """The choices of a bound field; None for a field that is typed into."""
    return Choices(bound, facets.get(bound.name)) if isinstance(bound.field, WordsField) else None
