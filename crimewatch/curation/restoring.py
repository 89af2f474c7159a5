"""The way back: a row as an earlier change left it, one field as it was before a change, or what was deleted.

Whatever is brought back obeys today's rules and the rights of who brings it back.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crimewatch.citations.models import Claim
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.curation.changes import Change, History, Model, all_links, label_of, tracked_models
from crimewatch.curation.models import JournalEntry, JournalMention
from crimewatch.curation.versions import Versions
from crimewatch.records.history import Link, bring_back, events_of, take_away
from crimewatch.records.models import Record, Status
from crimewatch.records.workflow import own_work

#: Columns that a row keeps whatever state it is brought to; past keys are kept by the database.
KEPT = frozenset({"id", "uid", "past_slugs", "created_at", "updated_at"})

#: Of how many records that are gone the site says by name what could not come back because of them.
MOST_TOLD = 5


class CannotRestoreError(Exception):
    """It cannot be brought back; the message is one sentence for the person who asked."""


class Restored(NamedTuple):
    """How many rows were written, and a sentence on each thing that could not come back along."""

    rows: int
    left_out: list[str]


def restore(change: Change, user: Any, field: str = "") -> Restored:
    """Bring the row of ``change`` to the state that the change left, and a record to what it was linked to then.

    With ``field``, only that field is brought back, to what it was before the change. Of a deletion, the row comes back
    with its primary key and, for a record, with the claims and links that were deleted together with it. Call it in a
    transaction and check the constraints at its end; raises ``CannotRestoreError``, or ``ValidationError`` where a rule
    of today forbids it.
    """
    if change.link is not None:
        return restore_link(change, change.link, user)
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
    links = Relinking(user, row, change.at) if isinstance(row, Record) and not field else None
    if before == after and (links is None or not links.is_needed):
        if links is not None and links.left_out:
            raise CannotRestoreError(" ".join(links.left_out))
        raise CannotRestoreError(_("“%(name)s” is as it was then: there is nothing to bring back.") % {"name": row})
    demand_special_rights(user, change.model, before, after)
    if field == "status" and after["status"] == Status.PUBLISHED and own_work(user, {change.model: [row.pk]}):  # type: ignore[dict-item]
        raise CannotRestoreError(_("This would publish your own work: somebody else has to look at it and publish it."))
    demand_ends(user, change.model, after)
    row.full_clean()
    row.save()
    return Restored(1 + links.write(), links.left_out) if links is not None else Restored(1, [])


class Relinking:
    """What has to be linked and cut for a record to lead to what it led to at a moment, as far as ``user`` sees it.

    What the user may not see stays as it is. What is not there any more cannot be linked and is told.
    """

    def __init__(self, user: Any, record: Record, at: datetime) -> None:
        self.events: dict[Link, list[int]] = {}
        self.cut: dict[Link, list[int]] = {}
        self.left_out: list[str] = []
        for link, linked in Versions(user, record).links_at(just_after(at)).items():
            wanted = {one.other: one.event for one in linked if one.is_open}
            rows: Any = link.table._default_manager
            present = dict(
                rows.filter(**{link.owner.name: record}).values_list(link.other.attname, "pk").order_by("pk")
            )
            others = link.other.related_model.objects.visible_to(user).order_by()
            seen = set(others.filter(pk__in={*wanted, *present}).values_list("pk", flat=True))
            self.events[link] = [event for other, event in wanted.items() if other in seen - set(present)]
            self.cut[link] = [pk for other, pk in present.items() if other in seen - set(wanted)]
            for other in sorted(set(wanted) - seen - set(present)):
                words = {"field": label_of(link.field), "name": name_of_gone(user, link.other.related_model, other)}
                self.left_out.append(
                    _("Not linked again under “%(field)s”, for it is not there any more: %(name)s.") % words
                )

    @property
    def is_needed(self) -> bool:
        return any([*self.events.values(), *self.cut.values()])

    def write(self) -> int:
        """Cut and link; returns the number of links."""
        cut = sum(take_away(link.table, keys) for link, keys in self.cut.items())
        return cut + sum(bring_back(link.table, events) for link, events in self.events.items())


def just_after(at: datetime) -> datetime:
    """The moment behind all that the transactions with the time ``at`` have written."""
    return at + timedelta(microseconds=1)


def restore_link(change: Change, link: Link, user: Any) -> Restored:
    """Link again what was cut."""
    demand(user, "change", link.owner.related_model)
    rows: Any = link.table._default_manager
    ends = {key.attname: change.state[key.column] for key in (link.owner, link.other)}
    if change.action != "delete" or rows.filter(**ends).exists():
        raise CannotRestoreError(_("The link is there, or was cut later: there is nothing to bring back here."))
    demand_ends(user, link.table, ends)
    return Restored(bring_back(link.table, [change.event]), [])


def demand_ends(user: Any, model: Model, values: dict[str, Any]) -> None:
    """Refuse a row, by the names of its columns in Python, that names a record which is not there any more."""
    for key in mentioned_record_fields(model):
        pk = values.get(key.attname)
        if pk is not None and not key.related_model._default_manager.filter(pk=pk).exists():
            words = {"field": label_of(key), "name": name_of_gone(user, key.related_model, pk)}
            sentence = _("It names as “%(field)s” what is not there any more: %(name)s. Bring that back first.")
            raise CannotRestoreError(sentence % words)


def name_of_gone(user: Any, model: Model, pk: int) -> str:
    """What a record was called that is gone, if ``user`` may know."""
    last = History(user).last_of(model, pk)
    return f"“{last.title}”" if last else _("a record that is not there")


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


def restore_deleted(change: Change, user: Any) -> Restored:
    """Bring back a row that is gone, its journal and, with a record, what named it and went in the same transaction.

    Claims and links whose other end is not there any more stay away, and are told.
    """
    demand(user, "add", change.model)
    demand_special_rights(user, change.model, {}, change.state)
    keys = {key.attname: change.state.get(key.column) for key in mentioned_record_fields(change.model)}
    demand_ends(user, change.model, keys)
    written = bring_back(change.model, [change.event])
    rows: dict[type[models.Model], list[int]] = {change.model: [change.row]}
    missing: Counter[tuple[Model, int]] = Counter()
    if issubclass(change.model, Record):
        for model, events in deleted_with(change).items():
            link = all_links().get(model)
            demand(user, "change" if link else "add", link.owner.related_model if link else model)
            kept = events_with_ends(model, events, missing)
            written += bring_back(model, kept)
            if link is None:
                kept_rows = events_of(model).objects.filter(pgh_id__in=kept)
                rows[model] = list(kept_rows.values_list("pgh_obj_id", flat=True))
    bring_journal_back(change.at, rows)
    return Restored(written, list(left_out(user, missing)))


def events_with_ends(model: Model, events: list[int], missing: Counter[tuple[Model, int]]) -> list[int]:
    """Those of ``events`` whose rows name nothing that is gone; the others are counted by what they miss."""
    kept = set(events)
    for key in mentioned_record_fields(model):
        gone = (
            events_of(model)
            .objects.filter(pgh_id__in=kept, **{f"{key.name}__isnull": False})
            .exclude(**{f"{key.name}__in": key.related_model._default_manager.order_by().values("pk")})
        )
        for event, other in gone.values_list("pgh_id", key.attname):
            kept.discard(event)
            missing[key.related_model, other] += 1
    return sorted(kept)


def left_out(user: Any, missing: Counter[tuple[Model, int]]) -> Iterable[str]:
    """A sentence on each record that claims or links name which could not come back."""
    for (model, pk), number in missing.most_common(MOST_TOLD):
        sentence = ngettext(
            "%(number)d row stayed away, for what it names is not there any more: %(name)s.",
            "%(number)d rows stayed away, for what they name is not there any more: %(name)s.",
            number,
        )
        yield sentence % {"number": number, "name": name_of_gone(user, model, pk)}
    others = sum(number for _key, number in missing.most_common()[MOST_TOLD:])
    if others:
        sentence = ngettext(
            "%(number)d more row stayed away for the like.", "%(number)d more rows stayed away for the like.", others
        )
        yield sentence % {"number": others}


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


def deleted_with(change: Change) -> dict[Model, list[int]]:
    """The deletions of claims and links that named the record of ``change`` and went with it, by table."""
    if change.action != "delete":
        return {}
    found: dict[Model, list[int]] = {}
    for model in [*(model for model in tracked_models() if issubclass(model, Claim)), *all_links()]:
        keys = [key for key in mentioned_record_fields(model) if key.related_model is change.model]
        named = [f'"{key.column}" = %s' for key in keys]
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
                found[model] = rows
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
