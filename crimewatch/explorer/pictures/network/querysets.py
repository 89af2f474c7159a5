"""The ties that a viewer may see and filters leave: who has most, what lies next to a record, what joins two."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg, BoolAnd, BoolOr
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.functional import cached_property

from crimewatch.citations.models import Claim
from crimewatch.explorer.pictures.network.ties import NODE_KINDS, TIES, Tie
from crimewatch.records.querysets import together

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: A record as the database knows it: the key of its kind, and its id.
Key = tuple[str, int]

#: What tells links apart, in the order in which the columns come.
ENDS = ("tie_kind", "tie_word", "origin_kind", "tie_origin", "target_kind", "tie_target")

#: What is told of each link behind that.
TOLD = ("claims", "disputing", "source_ids", "wordings", "dates", "is_disputed", "is_ended")


class Ties:
    """The ties that a viewer may see, of the claims that ``claims`` has left of each kind.

    ``show`` are the kinds of records at both ends, ``relation`` is the word between them, and without ``unclaimed``
    those ties are left out that no claim tells but a record itself. Where ``newest`` is given, so many of the newest
    claims that tell of each tie are looked at.
    """

    def __init__(
        self,
        user: "Viewer",
        claims: Callable[[type[Claim]], Any] | None = None,
        *,
        show: Iterable[str] = tuple(NODE_KINDS),
        relation: str = "",
        unclaimed: bool = True,
        newest: int = 0,
    ) -> None:
        self.user = user
        self.claims = claims or (lambda model: model.objects.visible_to(user))
        self.show = frozenset(show)
        self.relation = relation
        self.unclaimed = unclaimed
        self.newest = newest

    @cached_property
    def _rows(self) -> list[tuple[Tie, Any]]:
        claims: dict[type[models.Model], Any] = {}
        found = []
        for tie in filter(self._is_wanted, TIES):
            if tie.model not in claims:
                claims[tie.model] = (
                    self.claims(tie.model) if issubclass(tie.model, Claim) else self._told_by_records(tie)
                )
            rows = tie.rows(claims[tie.model])
            if self.relation:
                rows = rows.filter(tie_word=self.relation)
            found.append((tie, rows))
        return self._newest_of(found) if self.newest else found

    def _newest_of(self, found: list[tuple[Tie, Any]]) -> list[tuple[Tie, Any]]:
        """Of each tie the rows that are looked at: those from the last of the newest on, which is asked for once."""
        lasts = [
            rows.annotate(tie_number=Value(number))
            .order_by("-pk")
            .values_list("tie_number", "pk")[self.newest - 1 : self.newest]
            for number, (tie, rows) in enumerate(found)
            if tie.is_claimed
        ]
        oldest = dict(together(lasts)) if lasts else {}
        return [
            (tie, rows.filter(pk__gte=oldest[number]) if number in oldest else rows)
            for number, (tie, rows) in enumerate(found)
        ]

    @cached_property
    def is_cut(self) -> bool:
        """Whether more claims tell of a tie than are looked at."""
        if not self.newest:
            return False
        claims: dict[type[models.Model], Any] = {tie.model: tie for tie, _rows in self if tie.is_claimed}
        beyond = [
            self.claims(model).order_by().values("pk")[self.newest : self.newest + 1]
            for model in claims
            if issubclass(model, Claim)
        ]
        return bool(beyond) and together(beyond).exists()

    def _is_wanted(self, tie: Tie) -> bool:
        return (
            {tie.origin_kind, tie.target_kind} <= self.show
            and (not self.relation or self.relation in tie.words.values)
            and (tie.is_claimed or self.unclaimed)
        )

    def _told_by_records(self, tie: Tie) -> Any:
        ends = {
            f"{name}__in": NODE_KINDS[kind].objects.visible_to(self.user).order_by()
            for name, kind in ((tie.origin, tie.origin_kind), (tie.target, tie.target_kind))
        }
        return tie.model._default_manager.filter(**ends)

    def __iter__(self) -> Iterator[tuple[Tie, Any]]:
        return iter(self._rows)

    # What the database is asked

    def most_connected(self, most: int) -> tuple[list[Key], int, int]:
        """The records tied to most others, at most so many, and how many records and links there are in all.

        Of those tied to as many, the ones that are tied to well-connected ones come first.
        """
        rows = self._ask(
            """
            WITH tied AS MATERIALIZED (SELECT DISTINCT * FROM ({rows}) AS tie),
            ends AS (
                SELECT origin_kind AS kind, tie_origin AS id, target_kind AS other_kind, tie_target AS other FROM tied
                UNION
                SELECT target_kind, tie_target, origin_kind, tie_origin FROM tied
            ),
            counted AS (SELECT kind, id, count(*) AS degree FROM ends GROUP BY kind, id)
            SELECT ends.kind, ends.id, count(*) OVER (), (SELECT count(*) FROM tied)
            FROM ends JOIN counted ON counted.kind = other_kind AND counted.id = other
            GROUP BY ends.kind, ends.id
            ORDER BY count(*) DESC, sum(counted.degree) DESC, ends.kind, ends.id
            LIMIT %s
            """,
            [rows.values_list(*ENDS) for _tie, rows in self],
            [most],
        )
        keys = [(kind, pk) for kind, pk, _records, _links in rows]
        return (keys, *rows[0][2:]) if rows else ([], 0, 0)

    def neighbours(self, keys: list[Key], known: set[Key], most: int) -> tuple[list[Key], int]:
        """Records tied to ``keys`` that are not ``known``, those with most ties first, and how many there are."""
        branches = []
        for tie, rows in self:
            branches += [
                _other_end(rows, tie.origin, tie.target, tie.target_kind, ids_of(keys, tie.origin_kind)),
                _other_end(rows, tie.target, tie.origin, tie.origin_kind, ids_of(keys, tie.target_kind)),
            ]
        rows = self._ask(
            """
            SELECT kind, id, count(*) OVER () FROM ({rows}) AS neighbour (kind, id, ties)
            WHERE (kind, id) NOT IN (SELECT * FROM unnest(%s::text[], %s::bigint[]))
            GROUP BY kind, id ORDER BY sum(ties) DESC, kind, id LIMIT %s
            """,
            [branch for branch in branches if branch is not None],
            [[kind for kind, _pk in known], [pk for _kind, pk in known], most],
        )
        return [(kind, pk) for kind, pk, _total in rows], rows[0][2] if rows else 0

    def links(self, keys: list[Key], most: int) -> tuple[list[tuple[Any, ...]], int]:
        """The links between ``keys``, those with most claims first, and how many there are in all."""
        branches = [
            _together(tie, rows.filter(**_both_in(tie, keys)))
            for tie, rows in self
            if ids_of(keys, tie.origin_kind) and ids_of(keys, tie.target_kind)
        ]
        rows = self._ask(
            f"""
            SELECT *, count(*) OVER () FROM ({{rows}}) AS link ({", ".join((*ENDS, *TOLD))})
            ORDER BY claims DESC, {", ".join(ENDS)} LIMIT %s
            """,
            branches,
            [most],
        )
        return [row[:-1] for row in rows], rows[0][-1] if rows else 0

    def _ask(self, sql: str, branches: list[Any], values: list[Any]) -> list[tuple[Any, ...]]:
        try:
            rows, parameters = together(branches).order_by().query.sql_with_params() if branches else ("", ())
        except EmptyResultSet:
            return []
        if not rows:
            return []
        with connection.cursor() as cursor:
            cursor.execute(sql.format(rows=rows), [*parameters, *values])
            return cursor.fetchall()


def ids_of(keys: Iterable[Key], kind: str) -> list[int]:
    return [pk for other, pk in keys if other == kind]


def _both_in(tie: Tie, keys: list[Key]) -> dict[str, Any]:
    return {
        f"{tie.origin}__in": ids_of(keys, tie.origin_kind),
        f"{tie.target}__in": ids_of(keys, tie.target_kind),
    }


def _other_end(rows: Any, near: str, far: str, kind: str, ids: list[int]) -> Any:
    """From the records ``ids`` at one end to those at the other, each with the number of ties."""
    if not ids:
        return None
    found = rows.filter(**{f"{near}__in": ids}).annotate(
        far_kind=Value(kind, models.TextField()), far_end=F(f"{far}_id")
    )
    return found.values("far_kind", "far_end").annotate(ties=Count("pk")).values_list("far_kind", "far_end", "ties")


def _together(tie: Tie, rows: Any) -> QuerySet[Any]:
    """All rows that say the same of the same two records as one: how many, from where, and how put."""
    told: dict[str, Any]  # by the names in TOLD, in their order
    if tie.is_claimed:
        over = Q(when__contains="/", period__endswith__lte=timezone.localdate()) | tie.ended
        told = {
            "claims": Count("pk"),
            "disputing": Count("pk", filter=Q(stance="disputes")),
            "source_ids": ArrayAgg("source_id", distinct=True),
            "wordings": ArrayAgg("wording", distinct=True),
            "dates": ArrayAgg("when", distinct=True),
            "is_disputed": BoolOr(Q(stance="disputes") | Q(status="conflict") | Q(wording="disputed")),
            "is_ended": BoolAnd(Case(When(over, then=True), default=False)),
        }
    else:
        told = {
            "claims": Value(0),
            "disputing": Value(0),
            "source_ids": Value([], ArrayField(models.BigIntegerField())),
            "wordings": Value([], ArrayField(models.TextField())),
            "dates": Value([], ArrayField(models.TextField())),
            "is_disputed": Value(value=False),
            "is_ended": Value(value=False),
        }
    return rows.values(*ENDS).annotate(**told).values_list(*ENDS, *TOLD)
