"""How words are looked for in claims: in their own texts, and in the records and the source that they name."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q, QuerySet, Value

from crimewatch.records.search import all_of, has_family, has_word, is_like, words_of

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: Up to so many records that have a word, the claims on them are looked up by an index.
FEW_RECORDS = 500

#: Among so many claims words that are misspelt are looked for in their texts too; among more, in names alone.
FEW_CLAIMS = 50_000

#: So many claims are asked for where one would do: to find any row the planner would read a table from its beginning.
ENOUGH = 100


class Sought:
    """The words of a search, and where they are among records: asked once, however many kinds of claims are searched.

    ``claims`` are all that are searched, of every kind and as far as the viewer may see them; records count as far as
    ``user`` may see them, or all of them where there is no user. So what is hidden changes nothing in what is found.
    """

    def __init__(self, text: str, claims: Iterable[Any], user: "Viewer | None" = None) -> None:
        self.text = text
        self.words = words_of(text)
        self.claims = list(claims)
        self.user = user
        self._claims_are_few = True
        kinds = {field.related_model: None for rows in self.claims for field in rows.record_fields()}
        self.kinds: list[Any] = list(kinds)

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

    def is_named_by(self, claims: Any) -> bool:
        """Whether ``claims`` are of a kind that can name a record with one of the words."""
        kinds = {kind for word in self.words for kind in self.records[word]}
        return any(field.related_model in kinds for field in claims.record_fields())

    def _uid(self) -> Q:
        return Q(uid=self.text.strip())

    def _own(self, word: str) -> Q:
        return is_like(word) if word in self.misspelt and self._claims_are_few else has_family(word)

    def _named(self, word: str, claims: Any) -> Q:
        """The condition that a record has the word: few are known by their keys, of many each is looked at.

        Of many that are only spelled like it a few will do.
        """
        condition = Q()
        for field in claims.record_fields():
            keys = self.records[word].get(field.related_model, [])
            if len(keys) > FEW_RECORDS and word not in self.misspelt:
                condition |= has_word(word, f"{field.name}__")
            elif keys:
                condition |= Q(**{f"{field.name}__in": keys})
        return condition

    @cached_property
    def misspelt(self) -> frozenset[str]:
        """The words that no record and no claim has: of those, what is spelled like them is found."""
        missing = [word for word in self.words if word not in self._exact]
        return frozenset(missing) - self._in_texts_of_claims(missing) if missing else frozenset()

    def _in_texts_of_claims(self, words: Iterable[str]) -> set[str]:
        """Those of ``words`` that a claim has in its own texts; beside it asks how many claims there are.

        The server's own estimate will do; a table that it has never looked at is new, and small.
        """
        parts = (
            claims.filter(has_family(word)).order_by().annotate(row_word=Value(word)).values_list("row_word")[:ENOUGH]
            for claims in self.claims
            for word in words
        )
        tables = [claims.model._meta.db_table for claims in self.claims]
        sql, parameters = _together(parts).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT row_word, 0 FROM ({sql}) AS found UNION "
                "SELECT '', sum(reltuples) FROM pg_class WHERE oid = ANY(%s::regclass[])",
                [*parameters, tables],
            )
            found = dict(cursor.fetchall())
        self._claims_are_few = found.pop("") < FEW_CLAIMS
        return set(found)

    @cached_property
    def records(self) -> dict[str, dict[Any, list[int]]]:
        """For each word the records that have it, by kind: their keys, at most one more than are few."""
        found = self._exact
        if self.misspelt:
            found.update(self._look_up(self.misspelt, is_like))
        return found

    @cached_property
    def _exact(self) -> dict[str, dict[Any, list[int]]]:
        return self._look_up(self.words, has_word)

    def _look_up(self, words: Iterable[str], condition: Callable[[str], Q]) -> dict[str, dict[Any, list[int]]]:
        parts = (
            self._visible(kind)
            .filter(condition(word))
            .order_by()
            .annotate(row_word=Value(word), row_kind=Value(number))
            .values_list("row_word", "row_kind", "pk")[: FEW_RECORDS + 1]
            for word in words
            for number, kind in enumerate(self.kinds)
        )
        found: defaultdict[str, dict[Any, list[int]]] = defaultdict(dict)
        for word, number, pk in _together(parts):
            found[word].setdefault(self.kinds[number], []).append(pk)
        return found

    def _visible(self, kind: Any) -> Any:
        return kind.objects.all() if self.user is None else kind.objects.visible_to(self.user)


def _together(parts: Iterable[QuerySet[Any]]) -> QuerySet[Any]:
    first, *others = parts
    return first.union(*others, all=True)
