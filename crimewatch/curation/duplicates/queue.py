"""The pairs that wait for somebody to say whether they are one, as far as a person may see both records."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _

from crimewatch.curation.duplicates.models import Likeness, Verdict
from crimewatch.records.models import Record
from crimewatch.records.querysets import claim_relations

#: What two records may have in common, as `finding` calls it.
GROUNDS = {
    "name": _("name, nearly"),
    "place": _("place"),
    "period": _("period"),
    "code": _("code"),
    "doi": "DOI",
    "address": _("address on the web"),
    "title_and_date": _("title and date"),
}

#: What is asked for: pairs that nobody has judged for sure, or those with one answer.
OPEN = "open"


@dataclass
class PairLine:
    """A pair as the page shows it."""

    likeness: Likeness
    records: list[Any]
    claims: list[int] = field(default_factory=list)
    verdict: Verdict | None = None

    @property
    def sides(self) -> list[tuple[Any, int]]:
        """Each record with the number of its claims."""
        return list(zip(self.records, self.claims, strict=True))

    @property
    def grounds(self) -> list[str]:
        """What the two have in common, in words."""
        return [str(GROUNDS.get(ground, ground)) for ground in self.likeness.grounds]


def pairs_of(model: Any, user: Any, answer: str = OPEN) -> Any:
    """The pairs of a kind of which ``user`` may see both records, by what was said of them, the strongest first."""
    verdicts = Verdict.objects.of_kind(model).filter(first_id=OuterRef("first_id"), second_id=OuterRef("second_id"))
    rows = Likeness.objects.of_kind(model).annotate(answer=Subquery(verdicts.values("answer")[:1]))
    rows = rows.filter(Q(answer=None) if answer == OPEN else Q(answer=answer))
    for key in ("first_id", "second_id"):
        rows = rows.filter(Exists(model.objects.visible_to(user).order_by().filter(pk=OuterRef(key))))
    return rows.order_by(F("strength").desc(), "pk")


def numbers_of_open(kinds: list[Any], user: Any) -> dict[Any, int]:
    """How many pairs of each kind wait; one query."""
    parts = [
        pairs_of(model, user)
        .order_by()
        .annotate(kind=Value(model._meta.label_lower, output_field=CharField()))
        .values("kind")
        .annotate(number=Count("pk"))
        .values_list("kind", "number")
        for model in kinds
    ]
    counts = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found = dict(counts)
    return {model: found.get(model._meta.label_lower, 0) for model in kinds}


def lines_of(model: Any, pairs: list[Likeness], user: Any) -> list[PairLine]:
    """Pairs with their records, the numbers of claims on these, and what was said; three queries."""
    keys = {pk for pair in pairs for pk in (pair.first_id, pair.second_id)}
    heavy = set(model.heavy_fields) - {"summary"}
    records = model.objects.visible_to(user).with_context().defer(*heavy).in_bulk(keys)
    claims = numbers_of_claims(model, keys, user)
    verdicts = {
        (verdict.first_id, verdict.second_id): verdict
        for verdict in Verdict.objects.of_kind(model).filter(first_id__in=keys).select_related("person")
    }
    return [
        PairLine(
            pair,
            [records[pair.first_id], records[pair.second_id]],
            [claims.get(pk, 0) for pk in (pair.first_id, pair.second_id)],
            verdicts.get((pair.first_id, pair.second_id)),
        )
        for pair in pairs
        if pair.first_id in records and pair.second_id in records
    ]


def numbers_of_claims(model: type[Record], keys: set[int], user: Any) -> dict[int, int]:
    """How many claims that ``user`` may see name each of some records; one query."""
    parts = [
        relation.related_model.objects.visible_to(user)
        .order_by()
        .filter(**{f"{relation.field.name}__in": keys})
        .values_list(relation.field.attname)
        .annotate(number=Count("pk"))
        for relation in claim_relations(model)
    ]
    found: dict[int, int] = {}
    for pk, number in parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]:
        found[pk] = found.get(pk, 0) + number
    return found


def kind_of(model: Any) -> ContentType:
    return ContentType.objects.get_for_model(model)
