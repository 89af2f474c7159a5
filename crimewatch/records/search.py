"""How words are looked for in the columns that every row keeps for search: letter by letter, by family, by likeness."""

from typing import Any

from django.contrib.postgres.lookups import TrigramStrictWordSimilar
from django.contrib.postgres.search import SearchQueryField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Left

#: What joins words and says nothing by itself, in English and Spanish.
FILLERS = frozenset(
    (
        *("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"),
        *("al", "con", "de", "del", "el", "en", "la", "las", "los", "o", "para", "por", "que", "un", "una", "y"),
    )
)


class Fold(models.Func):
    """``crimewatch_fold`` in an expression: no accents, lower case."""

    function = "crimewatch_fold"
    output_field = models.TextField()


class StemQuery(models.Func):
    """What finds a word and its family in English and Spanish."""

    function = "crimewatch_stem_query"
    output_field = SearchQueryField()

    def __init__(self, word: str) -> None:
        super().__init__(Value(word))


class Matches(models.Func):
    """Whether a text search vector matches a query."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class NameStems(models.Func):
    """What a record's stems hold of its name and aliases."""

    function = "ts_filter"
    template = "%(function)s(%(expressions)s, '{a}')"


def words_of(text: str) -> list[str]:
    """The words of a search, each once; those that only join others are left out unless there are no others."""
    words = list(dict.fromkeys(text.split()))
    return [word for word in words if word.casefold() not in FILLERS] or words


def phrase_of(text: str) -> Fold:
    """What is searched for, as it is compared: its words with one space between them, folded."""
    return Fold(Value(" ".join(text.split())))


def has_letters(word: str, path: str = "") -> Q:
    """The condition that ``word`` stands somewhere in the name, aliases and codes, be it in the middle of a word."""
    return Q(**{f"{path}search_key__contains": Fold(Value(word))})


def has_family(word: str, path: str = "") -> Q:
    """The condition that ``word`` or one of its family is among the texts."""
    return Q(Matches(F(f"{path}search_stems"), StemQuery(word)))


def has_word(word: str, path: str = "") -> Q:
    """The condition that a record has ``word`` in its names, codes or summary; ``path`` leads to the record."""
    return has_letters(word, path) | has_family(word, path)


def names_have_word(word: str) -> Q:
    """The condition that a record has ``word`` in its names or codes, wherever else."""
    return has_letters(word) | Q(Matches(NameStems("search_stems"), StemQuery(word)))


def is_like(text: str) -> Q:
    """The condition that something among names and codes, or in a claim's texts, is spelled much like ``text``.

    A code or key, which has signs or digits in it, is right or wrong: PE-PUN is not a misspelt PE-CUS.
    """
    if not all(word.isalpha() for word in text.split()):
        return Q(pk__in=[])
    return Q(TrigramStrictWordSimilar(F("search_key"), phrase_of(text)))


def is_like_together(words: list[str]) -> Q:
    """The condition that ``words`` are as a whole spelled much like a record's names.

    Of a short word one wrong letter leaves too little: Roza alone is not much like Rosa, Santa Roza is like Santa Rosa.
    So that Santa Ana is not, a word that is not there must begin like one that is.
    """
    return is_like(" ".join(words)) & all_of(has_word(word) | begins_like(word) for word in words)


def begins_like(word: str) -> Q:
    """The condition that a word of the names begins with the same two letters as ``word``."""
    return Q(search_key__regex=Concat(Value(r"\m"), Left(Fold(Value(word)), 2)))


def all_of(conditions: Any) -> Q:
    """All ``conditions`` together."""
    together = Q()
    for condition in conditions:
        together &= condition
    return together
