"""How words are looked for in claims: in their own texts, and in the records and the source that they name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.utils.functional import cached_property

from crimewatch.records.prepared import Asking, ViewerLike, prepared
from crimewatch.records.querysets import IsAmong, array_of, together
from crimewatch.records.search import all_of, has_family, has_word, is_like, words_of

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: Up to so many records that have a word, the claims on them are looked up by an index.
FEW_RECORDS = 500

#: Among so many claims words that are misspelt are looked for in their texts too; among more, in names alone.
FEW_CLAIMS = 50_000

#: So many claims are asked for where one would do: to find any row the planner would read a table from its beginning.
ENOUGH = 100

#: Stands where keys would, had not too many records a word.
MANY = ""


@dataclass(frozen=True)
class Places:
    """Where the words of a search are among the records, and so what a claim must have that is found by them.

    It asks nothing and says only what is the condition, so that one of stand-ins can be made as of words.
    """

    text: str
    words: tuple[str, ...]
    #: The words that no record and no claim has: of those, what is spelled like them is found.
    misspelt: frozenset[str]
    #: Whether what is spelled like a word is looked for in the claims' own texts too.
    claims_are_few: bool
    #: By word and kind of record the keys of those that have it, as an array is written; ``MANY`` where they are many.
    records: tuple[tuple[tuple[str, Any], str], ...]

    @cached_property
    def _keys(self) -> dict[tuple[str, Any], str]:
        return dict(self.records)

    def in_texts(self) -> Q:
        """The condition that a claim has all words in its own texts, or is the one with this uid."""
        return all_of(map(self._own, self.words)) | self._uid()

    def anywhere(self, claims: Any) -> Q:
        """The condition that each word is in a claim's own texts, or in a record or the source that it names."""
        return all_of(self._own(word) | self._named(word, claims) for word in self.words) | self._uid()

    def beyond_texts(self, claims: Any) -> Q:
        """The condition that each word is there, but not all are in a claim's own texts."""
        (word, *others) = self.words
        # Said of one word in full, this would have the texts looked through as well, only to leave out what has it.
        matching = self.anywhere(claims) if others else self._named(word, claims)
        return matching & ~self.in_texts()

    def are_named_by(self, claims: Any) -> bool:
        """Whether ``claims`` are of a kind that can name a record with one of the words."""
        kinds = {kind for _word, kind in self._keys}
        return any(field.related_model in kinds for field in claims.record_fields())

    def _uid(self) -> Q:
        return Q(uid=self.text.strip())

    def _own(self, word: str) -> Q:
        return is_like(word) if word in self.misspelt and self.claims_are_few else has_family(word)

    def _named(self, word: str, claims: Any) -> Q:
        """The condition that a record has the word: few are known by their keys, of many each is looked at."""
        condition = Q()
        for field in claims.record_fields():
            keys = self._keys.get((word, field.related_model))
            if keys == MANY:
                condition |= has_word(word, f"{field.name}__")
            elif keys is not None:
                condition |= Q(IsAmong(f"{field.name}_id", keys))
        return condition


class Sought:
    """The words of a search, and where they are among records: asked once, however many kinds of claims are searched.

    ``kinds`` are those of the claims that are searched; records and claims count as far as ``user`` may see them, or
    all of them where there is no user. So what is hidden changes nothing in what is found.
    """

    def __init__(self, text: str, kinds: Iterable[type[models.Model]], user: "Viewer | None" = None) -> None:
        self.text = text
        self.words = words_of(text)
        self.asking = Asking(user, text)
        self.claims = tuple(kinds)
        rows: Any = [model._default_manager.all() for model in self.claims]
        self.records = tuple(dict.fromkeys(field.related_model for claims in rows for field in claims.record_fields()))

    @cached_property
    def places(self) -> Places:
        """Where the words are."""
        keys = {place: array_of(found) if self._are_few(place, found) else MANY for place, found in self._found.items()}
        return Places(self.text, tuple(self.words), self.misspelt, self._claims_are_few, tuple(keys.items()))

    @cached_property
    def places_like(self) -> Places:
        """The same of the stand-ins for the words, for statements that are kept."""
        words = self.asking.words
        keys = {
            (words[word], kind): self.asking.keys(f"{words[word]}.{kind._meta.model_name}", found)
            if self._are_few((word, kind), found)
            else MANY
            for (word, kind), found in self._found.items()
        }
        return Places(
            self.asking.text,
            tuple(words.values()),
            frozenset(words[word] for word in self.misspelt),
            self._claims_are_few,
            tuple(keys.items()),
        )

    def _are_few(self, place: tuple[str, Any], found: list[int]) -> bool:
        """Whether records are looked up by their keys; of many that are only spelled like a word a few will do."""
        return len(found) <= FEW_RECORDS or place[0] in self.misspelt

    @cached_property
    def misspelt(self) -> frozenset[str]:
        """The words that no record and no claim has."""
        having = {word for word, _kind in self._exact}
        missing = [word for word in self.words if word not in having]
        return frozenset(missing) - self._in_texts(missing) if missing else frozenset()

    @cached_property
    def _claims_are_few(self) -> bool:
        return True  # until words are missing, and it is asked how many there are

    def _in_texts(self, words: Iterable[str]) -> set[str]:
        """Those of ``words`` that a claim has in its own texts; beside it asks how many claims there are."""
        asking = self.asking
        rows = _claims_having(asking, asking.viewer, self.claims, tuple(asking.words[word] for word in words))
        found = dict(rows)
        self._claims_are_few = found.pop("") < FEW_CLAIMS
        return set(found)

    @cached_property
    def _found(self) -> dict[tuple[str, Any], list[int]]:
        """For each word the records that have it, by kind: their keys, at most one more than are few."""
        if not self.misspelt:
            return self._exact
        return self._exact | self._look_up(sorted(self.misspelt), alike=True)

    @cached_property
    def _exact(self) -> dict[tuple[str, Any], list[int]]:
        return self._look_up(self.words, alike=False)

    def _look_up(self, words: Iterable[str], *, alike: bool) -> dict[tuple[str, Any], list[int]]:
        asking = self.asking
        rows = _records_having(asking, asking.viewer, self.records, tuple(asking.words[word] for word in words), alike)
        found: defaultdict[tuple[str, Any], list[int]] = defaultdict(list)
        for word, number, pk in rows:
            found[word, self.records[number]].append(pk)
        return dict(found)


@prepared
def _records_having(viewer: ViewerLike | None, kinds: Any, words: tuple[str, ...], alike: bool) -> QuerySet[Any]:
    """The word, the number of the kind and the key of records that have a word or, ``alike``, something like it."""
    condition = is_like if alike else has_word
    return together(
        _visible(kind, viewer)
        .filter(condition(word))
        .order_by()
        .annotate(row_word=Value(word), row_kind=Value(number))
        .values_list("row_word", "row_kind", "pk")[: FEW_RECORDS + 1]
        for word in words
        for number, kind in enumerate(kinds)
    )


@prepared
def _claims_having(viewer: ViewerLike | None, kinds: Any, words: tuple[str, ...]) -> QuerySet[Any]:
    """The words that a claim has, some of them more than once; and, behind no word, about how many claims there are.

    The server's own estimate will do; a table that it has never looked at is new, and small.
    """
    tables = [model._meta.db_table for model in kinds]
    total = RawSQL("(SELECT sum(reltuples) FROM pg_class WHERE oid = ANY(%s::regclass[]))", [tables])
    number = ContentType.objects.order_by().annotate(row_word=Value(""), row_total=total)  # a table that has a row
    return together(
        [
            number.values_list("row_word", "row_total")[:1],
            *(
                _visible(model, viewer)
                .filter(has_family(word))
                .order_by()
                .annotate(row_word=Value(word), row_total=Value(0.0))
                .values_list("row_word", "row_total")[:ENOUGH]
                for model in kinds
                for word in words
            ),
        ]
    )


def _visible(model: Any, viewer: ViewerLike | None) -> Any:
    return model._default_manager.all() if viewer is None else model._default_manager.visible_to(viewer)
