"""What waits for review, and what stands of the way to the readers on one record's page."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import DateTimeField, F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crimewatch.records.history import events_of
from crimewatch.records.models import Record, Status
from crimewatch.records.querysets import sees_drafts
from crimewatch.records.workflow import (
    may_publish,
    missing_for_publication,
    needs_reason,
    own_work,
    standings,
    steps_from,
    work_of,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from crimewatch.records.querysets import Viewer

Kind = type[Record]

#: The words on the button of each step, where nothing is saved beside it.
WORDS = {
    (Status.DRAFT, Status.IN_REVIEW): gettext_lazy("Send to review"),
    (Status.DRAFT, Status.PUBLISHED): gettext_lazy("Publish"),
    (Status.IN_REVIEW, Status.PUBLISHED): gettext_lazy("Publish"),
    (Status.IN_REVIEW, Status.DRAFT): gettext_lazy("Back to draft"),
    (Status.PUBLISHED, Status.WITHDRAWN): gettext_lazy("Withdraw"),
    (Status.WITHDRAWN, Status.PUBLISHED): gettext_lazy("Publish again"),
    (Status.WITHDRAWN, Status.DRAFT): gettext_lazy("Back to draft"),
}


def kinds_seen(user: "Viewer") -> list[Kind]:
    """The kinds of record whose drafts ``user`` sees."""
    return [model for model in apps.get_models() if issubclass(model, Record) and sees_drafts(user, model)]


# The queue


@dataclass
class Waiting:
    """A record in review: since when, sent by whom, and what is missing before the viewer may publish it."""

    model: Kind
    record: Record
    since: datetime
    sent_by: str = ""
    reason: str = ""
    missing: list[str] = field(default_factory=list)
    may_decide: bool = False

    @property
    def kind(self) -> str:
        return capfirst(str(self.model._meta.verbose_name))


class Queue:
    """What is in review and ``user`` may see, the longest waiting first.

    A page takes one query for the rows of all kinds, and one each for their number, names, claims, authors and people.
    """

    def __init__(self, user: Any, *, kind: Kind | None = None, sent_by: "User | None" = None, mine: str = "") -> None:
        self.user, self.sent_by, self.mine = user, sent_by, mine
        self.kinds = [model for model in kinds_seen(user) if kind is None or model is kind]
        if mine == "decide":
            self.kinds = [model for model in self.kinds if may_publish(user, model)]

    def count(self) -> int:
        rows = self._rows()
        return rows.count() if rows is not None else 0

    def page(self, start: int, stop: int) -> list[Waiting]:
        rows = self._rows()
        if rows is None:
            return []
        found = list(rows.order_by("since", "row_kind", "pk")[start:stop])
        waiting = [waiting_row(row) for row in found]
        self._tell(waiting)
        return waiting

    def _rows(self) -> Any:
        parts = [self._in_review(model) for model in self.kinds]
        if not parts:
            return None
        return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]

    def _in_review(self, model: Kind) -> Any:
        """Keys and names of the records of a kind in review, with the moment at which they got there and by whom."""
        events: Any = events_of(model).objects.order_by()
        of_record = events.filter(pgh_obj_id=OuterRef("pk"))
        before = of_record.exclude(status=Status.IN_REVIEW).order_by("-pgh_id").values("pgh_id")[:1]
        sent = events.filter(pgh_obj_id=OuterRef("pk"), pgh_id__gt=OuterRef("before")).order_by("pgh_id")
        at = sent.values("pgh_created_at")[:1]
        rows = (
            model.objects.visible_to(self.user)
            .filter(status=Status.IN_REVIEW)
            .order_by()
            .alias(before=Coalesce(Subquery(before), 0))
            .annotate(
                since=Coalesce(Subquery(at), F("updated_at"), output_field=DateTimeField()),
                row_kind=Value(model._meta.label_lower, output_field=TextField()),
                sender=Subquery(sent.values("pgh_context__metadata__user")[:1], output_field=models.JSONField()),
            )
        )
        if self.sent_by is not None:
            rows = rows.filter(sender=self.sent_by.pk)
        if self.mine:
            rows = self._mine(model, rows)
        return rows.annotate(sender_text=Cast("sender", TextField())).values_list(
            "row_kind", "pk", "slug", "name", "since", "sender_text"
        )

    def _mine(self, model: Kind, rows: Any) -> Any:
        """Those that the viewer may publish as they are, or those that the viewer has sent or worked on."""
        if self.mine == "decide":
            rows = rows.supported()
        keys = list(rows.values_list("pk", flat=True))
        if self.mine == "sent":
            keys = [pk for _model, pk in work_of(self.user, {model: keys})]
            return rows.filter(pk__in=keys)
        return rows.exclude(pk__in=[pk for _model, pk in own_work(self.user, {model: keys})])

    def _tell(self, waiting: list[Waiting]) -> None:
        """Put people's names and what is missing to the rows of a page."""
        keys: dict[Kind, list[int]] = {}
        for each in waiting:
            keys.setdefault(each.model, []).append(each.record.pk)
        names = names_of_people({int(each.sent_by) for each in waiting if each.sent_by.isdigit()})
        supported, own = supported_among(keys), own_work(self.user, keys)
        for each in waiting:
            each.sent_by = names.get(int(each.sent_by), "") if each.sent_by.isdigit() else ""
            key = (each.model, each.record.pk)
            if key not in supported:
                each.missing.append(_("No claim supports it yet."))
            if key in own:
                each.missing.append(_("It is your own work: somebody else has to publish it."))
            each.may_decide = may_publish(self.user, each.model) and not each.missing


def waiting_row(row: tuple[Any, ...]) -> Waiting:
    """A row of the queue as the database has found it; who sent it is still a number."""
    kind, pk, slug, name, since, sender = row
    model: Any = apps.get_model(kind)
    return Waiting(model, model(pk=pk, slug=slug, name=name, status=Status.IN_REVIEW), since, sender or "")


def supported_among(records: dict[Kind, list[int]]) -> set[tuple[Kind, int]]:
    """Those of ``records``, primary keys by kind, that a claim supports; in one query."""
    parts = [
        model.objects.filter(pk__in=keys)
        .supported()
        .order_by()
        .values_list(Value(model._meta.label_lower, output_field=TextField()), "pk")
        for model, keys in records.items()
    ]
    if not parts:
        return set()
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(apps.get_model(kind), pk) for kind, pk in rows}


def names_of_people(keys: set[int]) -> dict[int, str]:
    """What to call the people with these primary keys."""
    people = get_user_model().objects.in_bulk(keys) if keys else {}
    return {pk: person.get_full_name() or person.get_username() for pk, person in people.items()}


# One record


@dataclass(frozen=True)
class Step:
    """A button: the state that it leads to, its words, and whether it takes a reason."""

    status: str
    words: str
    needs_reason: bool


@dataclass(frozen=True)
class Desk:
    """Where a record stands on its way to the readers, and what its viewer can do about it."""

    record: Record
    steps: list[Step]
    missing: list[str]
    since: datetime | None
    by: str
    reason: str


def desk_of(record: Record, user: "Viewer") -> Desk:
    model = type(record)
    after = steps_from(user, model, record.status)
    missing = missing_for_publication(record, user) if Status.PUBLISHED in after else []
    steps = [
        Step(status, str(WORDS[Status(record.status), status]), needs_reason(record.status, status))
        for status in after
        if not (missing and status == Status.PUBLISHED)
    ]
    standing = standings(model, [record.pk]).get(record.pk)
    names = names_of_people({standing.user} if standing and standing.user else set())
    return Desk(
        record,
        steps,
        missing,
        standing.since if standing else None,
        names.get(standing.user, "") if standing and standing.user else "",
        standing.reason if standing else "",
    )


def visible_record(user: Any, kind: str, **key: Any) -> Any:
    """The record of a kind, by the name of its model, that ``user`` works on and may see; None where there is none."""
    for model in kinds_seen(user):
        if model._meta.model_name == kind:
            return model.objects.visible_to(user).filter(**key).first()
    return None
