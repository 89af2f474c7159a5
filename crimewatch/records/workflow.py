"""The way of a record to its readers and back: its steps, who may take which, what needs a reason, who took them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crimewatch.records import readable
from crimewatch.records.history import because, events_of
from crimewatch.records.models import Record, Status, unsupported_message

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

Model = type[Record]

#: Where a record may go from each state.
STEPS: dict[str, tuple[Status, ...]] = {
    Status.DRAFT: (Status.IN_REVIEW, Status.PUBLISHED),
    Status.IN_REVIEW: (Status.PUBLISHED, Status.DRAFT),
    Status.PUBLISHED: (Status.WITHDRAWN,),
    Status.WITHDRAWN: (Status.PUBLISHED, Status.DRAFT),
}

#: The states between which whoever may change a record moves it; all other steps take the right to publish.
BEFORE_PUBLICATION = frozenset({Status.DRAFT, Status.IN_REVIEW})

#: Columns that are no work on what a record says.
NO_WORK = frozenset(
    {"id", "status", "restricted_to", "restriction_reason", "past_slugs", "created_at", "updated_at"}
)  # fmt: skip

#: Characters of a reason, records of one bulk action, and names in one sentence.
LONGEST_REASON = 300
MOST_AT_ONCE = 50_000
NAMED = 10


class StepRefusedError(Exception):
    """The step cannot be taken; the message is one sentence for the person who wanted to."""


# Who may


def may_publish(user: "Viewer", model: Model) -> bool:
    """Whether ``user`` may publish records of a kind, and take back what is published."""
    return user.has_perm(f"{model._meta.app_label}.publish_{model._meta.model_name}")  # type: ignore[union-attr]


def may_change(user: "Viewer", model: type[models.Model]) -> bool:
    return user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}")  # type: ignore[union-attr]


def is_free(before: str, after: str) -> bool:
    """Whether the step takes no right to publish."""
    return {before, after} <= BEFORE_PUBLICATION


def needs_reason(before: str, after: str) -> bool:
    """Whether others have to be told why: of what was shown to readers, and of what its author thought was ready."""
    if before == after:
        return False
    return (
        after == Status.WITHDRAWN or before == Status.PUBLISHED or (before, after) == (Status.IN_REVIEW, Status.DRAFT)
    )


#: The steps that need a reason, as pairs of the states before and after.
EXPLAINED = [(before, after) for before in Status.values for after in Status.values if needs_reason(before, after)]


def steps_from(user: "Viewer", model: Model, status: str) -> list[Status]:
    """The states that ``user`` may bring a record of a kind to from ``status``."""
    if not may_change(user, model) and not may_publish(user, model):
        return []
    publishes = may_publish(user, model)
    return [after for after in STEPS.get(status, ()) if publishes or is_free(status, after)]


def own_work(user: "Viewer", records: Mapping[Model, Iterable[int]]) -> set[tuple[Model, int]]:
    """Those of ``records``, primary keys by kind, that ``user`` may not publish because they are the user's own work.

    None are where authors may publish.
    """
    return set() if settings.AUTHORS_MAY_PUBLISH else work_of(user, records)


def work_of(user: "Viewer", records: Mapping[Model, Iterable[int]]) -> set[tuple[Model, int]]:
    """Those of ``records``, primary keys by kind, whose author is ``user``. One query, whatever the kinds.

    The author of a record is who last changed what it says, and who sent it to review, since it was last published.
    """
    if user.pk is None:
        return set()
    parts: list[str] = []
    values: list[Any] = []
    kinds: list[Model] = []
    for model, keys in records.items():
        if wanted := list(keys):
            parts.append(_work_sql(model, len(kinds)))
            values += [wanted, str(user.pk)]
            kinds.append(model)
    if not parts:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return {(kinds[place], record) for place, record in cursor.fetchall()}


def _work_sql(model: Model, place: int) -> str:
    quote = connection.ops.quote_name
    columns = [
        field.column for field in model._meta.concrete_fields if not field.generated and field.name not in NO_WORK
    ]
    content = ", ".join(f"event.{quote(column)}" for column in columns)
    return f"""
        (WITH told AS (
            SELECT event.pgh_obj_id AS record, event.pgh_id, event.status, context.metadata ->> 'user' AS who,
                lag(event.status) OVER in_order AS status_before,
                ROW({content})::text AS content, lag(ROW({content})::text) OVER in_order AS content_before,
                max(event.pgh_id) FILTER (WHERE event.status = 'published')
                    OVER (PARTITION BY event.pgh_obj_id) AS published
            FROM {quote(events_of(model)._meta.db_table)} AS event
            LEFT JOIN pghistory_context AS context ON context.id = event.pgh_context_id
            WHERE event.pgh_obj_id = ANY (%s)
            WINDOW in_order AS (PARTITION BY event.pgh_obj_id ORDER BY event.pgh_id)
        ), work AS (
            SELECT record, who, pgh_id,
                max(pgh_id) FILTER (WHERE content IS DISTINCT FROM content_before) OVER of_record AS changed,
                max(pgh_id) FILTER (WHERE status = 'in-review' AND status_before IS DISTINCT FROM status)
                    OVER of_record AS sent
            FROM told WHERE pgh_id > coalesce(published, 0) WINDOW of_record AS (PARTITION BY record)
        )
        SELECT DISTINCT {place}, record FROM work WHERE who = %s AND pgh_id IN (changed, sent))
    """


# What has been done


class Standing(NamedTuple):
    """Since when a record has the status that it has, who gave it that, and why."""

    since: datetime
    user: int | None
    reason: str


def standings(model: Model, keys: Iterable[int]) -> dict[int, Standing]:
    """How the records with these primary keys came to their status, by the history; in one query."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT ON (record) record, at, context.metadata ->> 'user', context.metadata ->> 'reason'
            FROM (
                SELECT event.pgh_obj_id AS record, event.pgh_id, event.pgh_created_at AS at, event.pgh_context_id,
                    event.status IS DISTINCT FROM lag(event.status) OVER in_order AS is_step
                FROM {quote(events_of(model)._meta.db_table)} AS event WHERE event.pgh_obj_id = ANY (%s)
                WINDOW in_order AS (PARTITION BY event.pgh_obj_id ORDER BY event.pgh_id)
            ) AS told LEFT JOIN pghistory_context AS context ON context.id = told.pgh_context_id
            WHERE is_step ORDER BY record, pgh_id DESC
            """,
            [list(keys)],
        )
        return {
            record: Standing(since, int(user) if user else None, reason or "")
            for record, since, user, reason in cursor.fetchall()
        }


# Steps


class Taken(NamedTuple):
    """How many records took the step, and how many stay because none leads there from where they stand."""

    moved: int
    left: int


def reason_from(text: str) -> str:
    """A reason as it is kept: one line. Raises ``StepRefusedError`` where it is too long."""
    reason = " ".join(text.replace("\x00", "").split())
    if len(reason) > LONGEST_REASON:
        sentence = _("The reason has %(number)s characters, and may have %(most)s: shorten it.")
        raise StepRefusedError(sentence % {"number": len(reason), "most": LONGEST_REASON})
    return reason


def refuse_stale(record: Record, seen: str) -> None:
    """Refuse a button that was shown when the record stood elsewhere."""
    if record.status != seen:
        words = {"name": record, "now": record.get_status_display(), "seen": dict(Status.choices).get(seen, seen)}
        sentence = _("“%(name)s” is meanwhile: %(now)s. The button was shown when it was: %(seen)s. Look at it again.")
        raise StepRefusedError(sentence % words)


def take_step(model: Model, keys: Collection[int], after: str, user: "Viewer", reason: str = "") -> Taken:
    """Bring records to the state ``after``: all that a step leads there, or none. The history gets the reason.

    Raises ``StepRefusedError`` where ``user`` may not, where a reason is missing, and where a record to be published
    has no claim that supports it or is the user's own work.
    """
    reason = reason_from(reason)
    with because(reason), transaction.atomic():
        rows = model.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
        standing = dict(rows.values_list("pk", "status"))
        moving = [pk for pk, before in standing.items() if after in STEPS.get(before, ())]
        for before in sorted({standing[pk] for pk in moving}):
            refuse_step(model, before, after, user, reason)
        if after == Status.PUBLISHED:
            refuse_unsupported(model, moving)
            refuse_own_work(model, moving, user)
        moved = model.objects.filter(pk__in=moving).update(status=after) if moving else 0
        connection.check_constraints()
    return Taken(moved, len(standing) - moved)


def refuse_step(model: Model, before: str, after: str, user: "Viewer", reason: str) -> None:
    """Refuse who has not the right to a step, and one that lacks its reason."""
    if after not in steps_from(user, model, before):
        words = {"kinds": model._meta.verbose_name_plural}
        if is_free(before, after):
            raise StepRefusedError(_("You may not change %(kinds)s.") % words)
        raise StepRefusedError(_("You may not publish or withdraw %(kinds)s: ask someone who may.") % words)
    if needs_reason(before, after) and not reason:
        if after == Status.WITHDRAWN:
            raise StepRefusedError(_("Say why it is withdrawn: readers who come to its page are told."))
        raise StepRefusedError(_("Say why it goes back: whoever worked on it wants to know what to mend."))


def refuse_unsupported(model: Model, keys: Collection[int]) -> None:
    found = list(model.objects.filter(pk__in=keys).unsupported()[: NAMED + 1])
    if found and len(keys) == 1:
        raise StepRefusedError(unsupported_message(found[0]))
    if found:
        sentence = _("Nothing was published: no claim supports %(names)s. Add a claim with its source first.")
        raise StepRefusedError(sentence % {"names": names_of(found)})


def refuse_own_work(model: Model, keys: Collection[int], user: "Viewer") -> None:
    own = own_work(user, {model: keys})
    if own:
        found = model.objects.filter(pk__in=[pk for _model, pk in own])[: NAMED + 1]
        sentence = ngettext(
            "Nothing was published: %(names)s is your own work. Somebody else has to look at it and publish it.",
            "Nothing was published: %(names)s are your own work. Somebody else has to look at them and publish them.",
            len(own),
        )
        raise StepRefusedError(sentence % {"names": names_of(list(found))})


def names_of(records: list[Record]) -> str:
    return ", ".join(f"“{record}”" for record in records[:NAMED]) + (" …" if len(records) > NAMED else "")


def refuse_too_many(number: int) -> None:
    if number > MOST_AT_ONCE:
        sentence = _("At most %(most)s records take a step at once: narrow the list down.")
        raise StepRefusedError(sentence % {"most": readable.number(MOST_AT_ONCE)})


def missing_for_publication(record: Record, user: "Viewer") -> list[str]:
    """What keeps ``user`` from publishing ``record`` now, in sentences; nothing where it can be published."""
    missing = []
    if not record.is_supported():
        missing.append(_("No claim supports it yet: with one and its source it can be published."))
    if own_work(user, {type(record): [record.pk]}):
        missing.append(_("You have worked on it last, or sent it to review: somebody else has to publish it."))
    return missing
