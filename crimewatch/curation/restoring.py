"""The way back: a row as an earlier change left it, one field as it was before a change, or what was deleted.

Whatever is brought back obeys today's rules and the rights of who brings it back.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.utils.translation import gettext as _

from crimewatch.citations.models import Claim
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.curation.changes import Change, tracked_models
from crimewatch.curation.models import JournalEntry, JournalMention
from crimewatch.records.history import bring_back, events_of
from crimewatch.records.models import Record, Status
from crimewatch.records.workflow import own_work

#: Columns that a row keeps whatever state it is brought to; past keys are kept by the database.
KEPT = frozenset({"id", "uid", "past_slugs", "created_at", "updated_at"})


class CannotRestoreError(Exception):
    """It cannot be brought back; the message is one sentence for the person who asked."""


def restore(change: Change, user: Any, field: str = "") -> int:
    """Bring the row of ``change`` to the state that the change left; returns the number of rows written.

    With ``field``, only that field is brought back, to what it was before the change. Of a deletion, the row comes back
    with its primary key and, for a record, with the claims that were deleted together with it. Links of many to many
    are not part of a row and stay as they are. Call it in a transaction and check the constraints at its end; raises
    ``CannotRestoreError``, or ``ValidationError`` where a rule of today forbids it.
    """
    row = change.model._default_manager.select_for_update(of=("self",)).filter(pk=change.row).first()
    if row is None:
        return restore_deleted(change, user)
    if change.action == "delete":
        raise CannotRestoreError(_("“%(name)s” is there again already.") % {"name": row})
    demand(user, "change", change.model)
    before = {column.attname: getattr(row, column.attname) for column in columns_of(change.model)}
    for column in chosen(change, field):
        state = (change.before or {}) if field else change.state
        setattr(row, column.attname, column.to_python(state[column.column]))
    after = {column.attname: getattr(row, column.attname) for column in columns_of(change.model)}
    if before == after:
        raise CannotRestoreError(_("“%(name)s” is as it was then: there is nothing to bring back.") % {"name": row})
    demand_special_rights(user, change.model, before, after)
    if field == "status" and after["status"] == Status.PUBLISHED and own_work(user, {change.model: [row.pk]}):  # type: ignore[dict-item]
        raise CannotRestoreError(_("This would publish your own work: somebody else has to look at it and publish it."))
    row.full_clean()
    row.save()
    return 1


def columns_of(model: type[models.Model]) -> list[Any]:
    """The columns that a row is brought back in."""
    return [column for column in model._meta.concrete_fields if not column.generated and column.name not in KEPT]


def chosen(change: Change, field: str) -> list[Any]:
    """The columns to bring back: all that the event has kept, or the one called ``field``."""
    if not field:
        return [column for column in columns_of(change.model) if column.column in change.state]
    try:
        column: Any = change.model._meta.get_field(field)
    except FieldDoesNotExist:
        column = None
    if column not in columns_of(change.model) or change.before is None or column.column not in change.before:
        sentence = _("There is no earlier state of a field “%(field)s” in this change.")
        raise CannotRestoreError(sentence % {"field": field})
    return [column]


def restore_deleted(change: Change, user: Any) -> int:
    """Bring back a row that is gone, its journal and, with a record, the claims that went in the same transaction."""
    demand(user, "add", change.model)
    demand_special_rights(user, change.model, {}, change.state)
    written = bring_back(change.model, [change.event])
    rows: dict[type[models.Model], list[int]] = {change.model: [change.row]}
    if issubclass(change.model, Record):
        for model, events in claims_deleted_with(change).items():
            demand(user, "add", model)
            written += bring_back(model, events)
            kept = events_of(model).objects.filter(pgh_id__in=events)
            rows[model] = list(kept.values_list("pgh_obj_id", flat=True))
    bring_journal_back(change.at, rows)
    return written


def bring_journal_back(at: datetime, rows: dict[type[models.Model], list[int]]) -> None:
    """Bring back the entries that went along with ``rows`` in a transaction, without logins that are gone since."""
    kinds = ContentType.objects.get_for_models(*rows)
    went_along = models.Q(pk__in=[])
    for model, keys in rows.items():
        went_along |= models.Q(content_type=kinds[model], object_id__in=keys)
    gone = {"pgh_label": "delete", "pgh_created_at": at}
    entries = dict(events_of(JournalEntry).objects.filter(went_along, **gone).values_list("pgh_obj_id", "pgh_id"))
    if not entries:
        return
    bring_back(JournalEntry, entries.values())
    people = get_user_model().objects.order_by().values("pk")
    for name in ("author", "assigned_to", "closed_by"):
        left = JournalEntry.objects.filter(pk__in=entries, **{f"{name}_id__isnull": False})
        left.exclude(**{f"{name}_id__in": people}).update(**{name: None})
    mentions = events_of(JournalMention).objects.filter(entry_id__in=entries, person_id__in=people, **gone)
    bring_back(JournalMention, mentions.values_list("pgh_id", flat=True))


def claims_deleted_with(change: Change) -> dict[type[Claim], list[int]]:
    """The deletions of claims that named the record of ``change`` and went with it, by the kind of claim."""
    if change.action != "delete":
        return {}
    found: dict[type[Claim], list[int]] = {}
    for model in tracked_models():
        keys = [key for key in mentioned_record_fields(model) if issubclass(model, Claim)]
        named = [f'"{key.column}" = %s' for key in keys if key.related_model is change.model]
        if not named:
            continue
        events = connection.ops.quote_name(events_of(model)._meta.db_table)
        with connection.cursor() as cursor:
            # All that one transaction writes has one time.
            cursor.execute(
                f"SELECT pgh_id FROM {events} WHERE pgh_label = 'delete' AND pgh_created_at = %s"
                f" AND ({' OR '.join(named)})",
                [change.at, *[change.row] * len(named)],
            )
            if rows := [pgh_id for (pgh_id,) in cursor.fetchall()]:
                found[model] = rows  # type: ignore[index]  # models of claims alone have come here
    return found


def demand(user: Any, action: str, model: type[models.Model]) -> None:
    """Refuse who has not the right to ``action`` on rows of ``model``."""
    if not user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}"):
        sentences = {"add": _("You may not add %(kinds)s."), "change": _("You may not change %(kinds)s.")}
        raise CannotRestoreError(sentences[action] % {"kinds": model._meta.verbose_name_plural})


def demand_special_rights(user: Any, model: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Refuse who would publish, withdraw, restrict or open a record by bringing it back without the right to it."""
    if not issubclass(model, Record):
        return
    options = model._meta
    states = {before.get("status", Status.DRAFT), after.get("status")}
    publishes = len(states) > 1 and not states <= {Status.DRAFT, Status.IN_REVIEW}
    if publishes and not user.has_perm(f"{options.app_label}.publish_{options.model_name}"):
        raise CannotRestoreError(_("This would publish or withdraw it, which you may not: bring back single fields."))
    restricts = before.get("restricted_to", []) != after.get("restricted_to", [])
    if restricts and not user.has_perm(f"{options.app_label}.restrict_{options.model_name}"):
        raise CannotRestoreError(_("This would change who may see it, which you may not: bring back single fields."))
