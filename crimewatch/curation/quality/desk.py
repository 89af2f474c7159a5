"""What the checks find for one viewer: how much, which rows, and how the numbers have changed day by day.

Numbers are kept for each circle of viewers who may see the same rows, so that a page need not count what takes long.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import OperationalError, connection, models, transaction
from django.db.models import Count, F, Func, Value
from django.utils import timezone
from django.utils.functional import cached_property

from crimewatch.citations.models import Claim
from crimewatch.curation.quality.checks import CHECKS, Check, works_on
from crimewatch.curation.quality.checks.base import claim_models, record_models, united
from crimewatch.curation.quality.models import DailyCount, Dismissal
from crimewatch.records import readable

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: How many days of numbers are drawn.
DAYS_SHOWN = 90

#: How many rows a download reads at a time.
CHUNK = 500

#: The circle of those who see everything.
EVERYTHING = "everything"


@dataclass(frozen=True)
class Finding:
    """A row that a check has found."""

    row: Any
    detail: str

    @property
    def model_name(self) -> str:
        return str(self.row._meta.model_name)

    @property
    def kind(self) -> str:
        return str(self.row._meta.verbose_name)

    @property
    def key(self) -> str:
        """What the row is called in CSV files."""
        return str(self.row.uid if isinstance(self.row, Claim) else self.row.slug)

    @property
    def title(self) -> str:
        return str(self.row)


@dataclass
class Line:
    """A check with its number now or, where that takes too long, when it was last counted; None where it never was."""

    check: Check
    number: int | None = None
    #: When it was counted, where that was not just now.
    counted_at: datetime | None = None
    numbers: list[tuple[date, int]] = field(default_factory=list)

    @property
    def number_text(self) -> str:
        return "" if self.number is None else readable.number(self.number)

    @property
    def points(self) -> str:
        """The numbers over time as points of a line in a picture 100 wide and 24 high; empty for a single one."""
        if len(self.numbers) < 2:
            return ""
        first, last = self.numbers[0][0], self.numbers[-1][0]
        days, most = (last - first).days or 1, max(number for _day, number in self.numbers) or 1
        return " ".join(
            f"{round((day - first).days / days * 96 + 2, 1)},{round(22 - number / most * 20, 1)}"
            for day, number in self.numbers
        )


def everyone() -> User:
    """A viewer who sees everything, for reports from the command line."""
    return User(username="", is_active=True, is_staff=True, is_superuser=True)


def audience_of(user: "Viewer") -> str:
    """The circle of viewers that ``user`` is in: who see drafts of the same kinds and the same restricted rows."""
    if user.is_active and getattr(user, "is_superuser", False):
        return EVERYTHING
    kinds = [model._meta.label_lower for model in works_on(user, [*record_models(), *claim_models()])]
    named = Func(F("restricted_to"), function="unnest", output_field=models.CharField())
    used = united(
        [
            model.objects.exclude(restricted_to=[]).order_by().annotate(group_name=named).values_list("group_name")
            for model in record_models()
        ]
    )
    own = set(Group.objects.filter(user=user.pk).order_by().values_list("name", flat=True))
    circle = sorted(own & {name for (name,) in used}) if own else []
    return hashlib.sha256(repr((kinds, circle)).encode()).hexdigest()


class Desk:
    """The checks as one viewer sees them; those about kinds of rows whose drafts the viewer sees."""

    def __init__(self, user: "Viewer") -> None:
        self.user = user
        self.checks = [check for check in CHECKS if self.models(check)]
        self._found: dict[tuple[Check, Any], Any] = {}

    @cached_property
    def audience(self) -> str:
        return audience_of(self.user)

    def check(self, name: str) -> Check | None:
        return next((check for check in self.checks if check.name == name), None)

    def models(self, check: Check) -> list[Any]:
        """The kinds of rows that a check is about and the viewer works on."""
        return works_on(self.user, check.models())

    # Which

    def rows(self, check: Check, model: Any) -> Any:
        """The rows of ``model`` that a check finds, but those that somebody has dismissed."""
        held = Dismissal.objects.of(check.name, model).holding(check.lasts)
        return self.found(check, model).filter(~held)

    def found(self, check: Check, model: Any) -> Any:
        """The same with those dismissed. Asked for once: a check may have to look at sources to say which."""
        if (check, model) not in self._found:
            self._found[check, model] = check.found(model, self.user)
        return self._found[check, model]

    def numbers(self, check: Check) -> dict[Any, int]:
        """How many rows of each kind a check finds, in one query."""
        kinds = {model._meta.label_lower: model for model in self.models(check)}
        parts = [
            self.rows(check, model)
            .annotate(row_kind=Value(label))
            .values("row_kind")
            .annotate(row_total=Count("pk"))
            .values_list("row_kind", "row_total")
            for label, model in kinds.items()
        ]
        totals = dict(united(parts))
        return {model: totals[label] for label, model in kinds.items() if totals.get(label)}

    def page(self, check: Check, models_: list[Any], start: int, stop: int) -> list[Finding]:
        """The findings from ``start`` to ``stop``, kind by kind, as they were typed: a query, and one for each kind."""
        if not models_:
            return []
        parts = [
            self.rows(check, model).annotate(row_place=Value(place), row_id=F("pk")).values_list("row_place", "row_id")
            for place, model in enumerate(models_)
        ]
        keys = list(united(parts).order_by("row_place", "row_id")[start:stop])
        found: dict[tuple[int, int], Any] = {}
        for place in sorted({place for place, _row in keys}):
            rows = self.dressed(check, models_[place]).filter(pk__in=[row for other, row in keys if other == place])
            found.update({(place, row.pk): row for row in rows})
        return [self.finding(check, found[key]) for key in keys if key in found]

    def all(self, check: Check, models_: list[Any]) -> Iterator[Finding]:
        """All findings, read as they are needed."""
        for model in models_:
            keys = self.rows(check, model).values("pk")
            rows = self.dressed(check, model).filter(pk__in=keys).order_by("pk")
            for row in rows.iterator(chunk_size=CHUNK):
                yield self.finding(check, row)

    def dressed(self, check: Check, model: Any) -> Any:
        return check.dressed(model.objects.visible_to(self.user).with_context().order_by(), self.user)

    @staticmethod
    def finding(check: Check, row: Any) -> Finding:
        return Finding(row, check.detail(row))

    def is_found(self, check: Check, model: Any, row: int) -> bool:
        """Whether a check finds the row, dismissed or not."""
        return bool(self.found(check, model).filter(pk=row).exists())

    # How many, day by day

    def lines(self) -> list[Line]:
        """Each check with its numbers; what is counted by the way is kept as the number of today."""
        kept = self._kept()
        lines, counted = [], []
        patience = time.monotonic() + settings.DESK_PATIENCE_SECONDS
        for check in self.checks:
            series = kept.get(check.name, [])
            last = series[-1] if series else None
            line = Line(check, numbers=[(each.day, each.number) for each in series])
            now = None
            if last is None:
                now = self._count_in_time(check, patience - time.monotonic())
            elif last.milliseconds <= settings.DESK_CHEAP_MILLISECONDS:
                now = self.count(check)
            if now is not None:
                line.number = now.number
                line.numbers = [
                    *((day, number) for day, number in line.numbers if day != now.day),
                    (now.day, now.number),
                ]
                if last is None or (last.day, last.number) != (now.day, now.number):
                    counted.append(now)
            elif last is not None:
                line.number, line.counted_at = last.number, last.counted_at
            lines.append(line)
        self._keep(counted)
        return lines

    def series(self, check: Check) -> list[tuple[date, int]]:
        """The numbers of a check that are kept, the earliest first."""
        return [(each.day, each.number) for each in self._kept().get(check.name, [])]

    def keep(self) -> list[DailyCount]:
        """Count everything, however long it takes, and keep the numbers as those of today."""
        counts = [self.count(check) for check in self.checks]
        self._keep(counts)
        return counts

    def count(self, check: Check) -> DailyCount:
        start = time.monotonic()
        number = sum(self.numbers(check).values())
        return DailyCount(
            audience=self.audience,
            check_name=check.name,
            day=timezone.localdate(),
            number=number,
            counted_at=timezone.now(),
            milliseconds=round((time.monotonic() - start) * 1000),
        )

    def _count_in_time(self, check: Check, seconds: float) -> DailyCount | None:
        """The number of a check; None where counting takes longer than so many seconds."""
        if seconds <= 0:
            return None
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(max(1, int(seconds * 1000)))])
                count = self.count(check)
                cursor.execute("SELECT set_config('statement_timeout', '0', true)")
                return count
        except OperationalError:
            return None

    def _kept(self) -> dict[str, list[DailyCount]]:
        since = timezone.localdate() - timedelta(days=DAYS_SHOWN)
        kept: dict[str, list[DailyCount]] = {}
        for count in DailyCount.objects.filter(audience=self.audience, day__gte=since).order_by("day"):
            kept.setdefault(count.check_name, []).append(count)
        return kept

    @staticmethod
    def _keep(counts: list[DailyCount]) -> None:
        DailyCount.objects.bulk_create(
            counts,
            update_conflicts=True,
            unique_fields=["audience", "check_name", "day"],
            update_fields=["number", "counted_at", "milliseconds"],
        )
