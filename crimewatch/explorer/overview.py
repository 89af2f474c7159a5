"""What the start page tells: how much there is, what changed lately, and what waits for somebody's work."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef
from django.utils.functional import cached_property

from crimewatch.citations.models import Claim, ClaimStatus
from crimewatch.citations.profiles import claims_with_keys, filled
from crimewatch.explorer.kinds import claim_kinds, of_kind, record_kinds, unread
from crimewatch.records.models import Record, Status
from crimewatch.records.prepared import Asking
from crimewatch.records.querysets import claim_relations, sees_drafts, together

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: Claims are counted up to here; beyond it “more than” is enough, and the page stays quick.
CLAIMS_COUNTED = 10_000

RECENT_RECORDS = 8
RECENT_CLAIMS = 5


@dataclass(frozen=True)
class KindCount:
    """How many records of one kind the viewer may see."""

    kind: str
    total: int

    @property
    def name(self) -> str:
        return str(record_kinds()[self.kind]._meta.verbose_name_plural)

    @property
    def list_name(self) -> str:
        """The name of the address of the list of this kind."""
        options = record_kinds()[self.kind]._meta
        return f"{options.app_label}:{options.model_name}_list"

    @property
    def add_name(self) -> str:
        """The name of the address where a record of this kind is entered."""
        options = record_kinds()[self.kind]._meta
        return f"admin:{options.app_label}_{options.model_name}_add"


@dataclass(frozen=True)
class RecentRecord:
    """A record that was entered or changed lately."""

    record: Record
    updated_at: datetime

    @property
    def kind_name(self) -> str:
        return str(self.record._meta.verbose_name)


@dataclass(frozen=True)
class RecentClaim:
    """A claim that was entered lately."""

    claim: Claim

    @property
    def context(self) -> str:
        """What it is about, unless its text begins so, what kind of claim it is, and its source."""
        return " · ".join([*subject_of(self.claim), str(self.claim._meta.verbose_name), str(self.claim.source)])


class Overview:
    """The database as one viewer may see it. Each part is one query, however many kinds of records there are."""

    def __init__(self, user: "Viewer") -> None:
        self.user = user

    @cached_property
    def _counted(self) -> dict[tuple[str, str], int]:
        """How many visible records there are of each kind in each status."""
        parts = (
            of_kind(model.objects.visible_to(self.user).order_by(), kind)
            .values("row_kind", "status")
            .annotate(row_total=Count("pk"))
            .values_list("row_kind", "status", "row_total")
            for kind, model in record_kinds().items()
        )
        return {(kind, status): total for kind, status, total in together(parts)}

    @cached_property
    def records(self) -> list[KindCount]:
        """Every kind of record with the number of those that may be seen, the withdrawn aside."""
        totals: Counter[str] = Counter()
        for (kind, status), total in self._counted.items():
            if status != Status.WITHDRAWN:
                totals[kind] += total
        return [KindCount(kind, totals[kind]) for kind in record_kinds()]

    @cached_property
    def claims(self) -> int:
        """How many claims may be seen; anything over ``CLAIMS_COUNTED`` stands for more than that."""
        parts = (model.objects.visible_to(self.user).order_by().values("pk") for model in claim_kinds().values())
        return together(parts)[: CLAIMS_COUNTED + 1].count()

    @property
    def is_empty(self) -> bool:
        return not self._counted

    @cached_property
    def recent_records(self) -> list[RecentRecord]:
        """What was entered or changed last, newest first."""
        parts = (
            of_kind(self._shown(model).order_by("-updated_at", "-pk"), kind).values_list(
                "row_kind", "pk", "slug", "name", "status", "updated_at"
            )[:RECENT_RECORDS]
            for kind, model in record_kinds().items()
        )
        rows = together(parts).order_by("-updated_at")[:RECENT_RECORDS]
        return [
            RecentRecord(unread(kind, pk, slug, name, status), updated_at)
            for kind, pk, slug, name, status, updated_at in rows
        ]

    def _shown(self, model: type[Record]) -> Any:
        return model.objects.visible_to(self.user).exclude(status=Status.WITHDRAWN)

    @cached_property
    def recent_claims(self) -> list[RecentClaim]:
        """The claims that were entered last, newest first."""
        parts = (
            of_kind(model.objects.visible_to(self.user, few=True).order_by("-pk"), kind).values_list(
                "row_kind", "pk", "created_at"
            )[:RECENT_CLAIMS]
            for kind, model in claim_kinds().items()
        )
        rows = together(parts).order_by("-created_at")[:RECENT_CLAIMS]
        claims = fetch_claims([(kind, pk) for kind, pk, _ in rows], self.user)
        return [RecentClaim(claim) for claim in claims]

    # What waits

    @property
    def in_review(self) -> int:
        return sum(total for (_, status), total in self._counted.items() if status == Status.IN_REVIEW)

    @property
    def drafts(self) -> list[KindCount]:
        """How many drafts there are of each kind of record of which there are any."""
        totals = ((kind, self._counted.get((kind, Status.DRAFT), 0)) for kind in record_kinds())
        return [KindCount(kind, total) for kind, total in totals if total]

    @cached_property
    def uncited(self) -> list[KindCount]:
        """Of each kind of record that the viewer works on, how many no claim that may be seen speaks about."""
        parts = [
            of_kind(self._uncited(model), kind)
            .values("row_kind")
            .annotate(row_total=Count("pk"))
            .values_list("row_kind", "row_total")
            for kind, model in record_kinds().items()
            if sees_drafts(self.user, model)
        ]
        totals = dict(together(parts)) if parts else {}
        return [KindCount(kind, totals[kind]) for kind in record_kinds() if totals.get(kind)]

    def _uncited(self, model: type[Record]) -> Any:
        records = model.objects.visible_to(self.user).order_by()
        for relation in claim_relations(model):
            claims = relation.related_model.objects.visible_to(self.user).order_by()
            records = records.filter(~Exists(claims.filter(**{relation.field.name: OuterRef("pk")})))
        return records

    @cached_property
    def open_claims(self) -> dict[str, int]:
        """How many claims are in each status but the accepted."""
        parts = (
            model.objects.visible_to(self.user)
            .exclude(status=ClaimStatus.ACCEPTED)
            .order_by()
            .values("status")
            .annotate(row_total=Count("pk"))
            .values_list("status", "row_total")
            for model in claim_kinds().values()
        )
        totals: Counter[str] = Counter()
        for status, total in together(parts):
            totals[status] += total
        return dict(totals)

    @property
    def conflicts(self) -> int:
        return self.open_claims.get(ClaimStatus.CONFLICT, 0)

    @property
    def needing_work(self) -> int:
        return self.open_claims.get(ClaimStatus.WORK_NEEDED, 0)

    @property
    def with_issue(self) -> int:
        return self.open_claims.get(ClaimStatus.ISSUE, 0)

    @property
    def is_in_order(self) -> bool:
        """Whether nothing waits for anybody."""
        return not (self.open_claims or self.in_review or self.drafts or self.uncited)


def overview_of(user: "Viewer") -> Overview:
    """The database as ``user`` reads it, with all that a reader is shown of it asked for."""
    overview = Overview(user)
    overview.records, overview.claims, overview.recent_records, overview.recent_claims  # noqa: B018
    return overview


def subject_of(claim: Claim) -> list[str]:
    """The name of the record that ``claim`` belongs to; nothing where the claim's text has it, as sentences have."""
    name = str(claim.subject_record)
    return [] if name in str(claim) else [name]


def fetch_claims(keys: list[tuple[str, int]], user: "Viewer") -> list[Claim]:
    """The claims of these kinds and ids, which ``user`` may see, in this order, with what their texts need."""
    asking = Asking(user)
    return filled(asking, claims_with_keys(asking, [(claim_kinds()[kind], pk) for kind, pk in keys]), {}, _labelled)


def _labelled(model: type[Record]) -> Any:
    """The rows of a kind of record with what its label needs; None where the name will do."""
    rows = model.objects.with_context()
    return rows.defer(*model.heavy_fields) if rows.query.select_related else None
