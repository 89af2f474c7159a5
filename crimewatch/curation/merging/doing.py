"""The merge itself, and the way back."""

from typing import Any

import pghistory
import pgtrigger
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext as _

from crimewatch.citations.models import Claim
from crimewatch.curation.duplicates.models import Likeness, Verdict
from crimewatch.curation.merging.models import Merge
from crimewatch.curation.merging.preview import GOES, CannotMergeError, Preview, Tie, value_of
from crimewatch.curation.merging.references import Reference, columns_by_table, references_to, tying
from crimewatch.curation.restoring import demand, demand_special_rights
from crimewatch.curation.undoing import Undo, rows_of_sql
from crimewatch.records.history import contexts_where, events_of, lock_rows, take_away
from crimewatch.records.models import Record, Status


def merge(preview: Preview, stamp: str, choices: dict[str, str], dropped: set[str], reason: str) -> Merge:
    """Let the one record of ``preview`` go into the other; returns what stands in the log.

    ``choices`` says for each field by name whose value stays, ``dropped`` which claims that name both are deleted.
    Call it in a transaction and check the constraints at its end. Raises ``CannotMergeError`` for what is refused, and
    ``ValidationError`` where a rule of today forbids what would come of it.
    """
    lock_rows(preview.model, [preview.kept.pk, preview.gone.pk])
    fresh = Preview(reread(preview.kept), reread(preview.gone), preview.user)
    if fresh.stamp != stamp:
        raise CannotMergeError(_("One of the two has been changed meanwhile: look at them as they are now."))
    for sentence in (*fresh.refusals(), *fresh.hidden_refusals()):
        raise CannotMergeError(sentence)
    kept, gone = fresh.kept, fresh.gone
    values = chosen_values(fresh, choices)
    demand_publication(fresh, values)
    merged = Merge(
        content_type=ContentType.objects.get_for_model(fresh.model),
        kept_id=kept.pk,
        gone_id=gone.pk,
        gone_name=gone.name,
        reason=reason,
        person=fresh.user,
    )
    with pghistory.context(reason=reason, merge=str(merged.uid)):
        drop_ties(fresh, dropped)
        for reference in fresh.references:
            rows = move(reference, kept, gone)
            if reference.is_noted and rows:
                merged.moved_rows[reference.name] = rows
        move_verdicts(fresh)
        take_away(fresh.model, [gone.pk])
        values |= {"aliases": fresh.aliases(values.get("name", kept.name)), "past_slugs": fresh.past_slugs()}
        for name, value in values.items():
            setattr(kept, name, value)
        kept.full_clean()
        kept.save()
        merged.save()
    return merged


def reread(record: Any) -> Any:
    """The record as it is now; it may have gone since it was looked at."""
    found = type(record)._default_manager.filter(pk=record.pk).first()
    if found is None:
        raise CannotMergeError(_("“%(name)s” is not there any more.") % {"name": record})
    return found


def chosen_values(preview: Preview, choices: dict[str, str]) -> dict[str, Any]:
    """The values that the record gets, by ``attname``, of fields in which the two differ."""
    values: dict[str, Any] = {}
    for each in preview.fields:
        choice = each.default if each.fixed else choices.get(each.name, each.default)
        record = preview.gone if choice == GOES else preview.kept
        for name in each.names:
            column = preview.model._meta.get_field(name)
            values[column.attname] = value_of(record, column)
    if values.get("parent_id") in (preview.kept.pk, preview.gone.pk):
        values["parent_id"] = None
    return values


def demand_publication(preview: Preview, values: dict[str, Any]) -> None:
    """Refuse what would take a published record from its readers, and who would publish without the right to it."""
    kept, gone = preview.kept, preview.gone
    before, after = kept.status, values.get("status", kept.status)
    if Status.PUBLISHED in (before, gone.status) and after != Status.PUBLISHED:
        published = gone if gone.status == Status.PUBLISHED else kept
        raise CannotMergeError(
            _("“%(name)s” is published: what it goes into must be published as well, or withdraw it first.")
            % {"name": published}
        )
    options = preview.model._meta
    if before != after and not preview.user.has_perm(f"{options.app_label}.publish_{options.model_name}"):
        if {before, after} <= {Status.DRAFT, Status.IN_REVIEW}:
            return
        raise CannotMergeError(
            _("“%(name)s” would be published or withdrawn by this, which you may not.") % {"name": kept}
        )


def drop_ties(preview: Preview, dropped: set[str]) -> None:
    """Delete the claims that would tie the record to itself; refused unless each of them was chosen for it."""
    left = [tie for tie in preview.ties if tie.key not in dropped]
    if left:
        raise CannotMergeError(
            _(
                "“%(claim)s” names both and would tie the record to itself: "
                "choose that it is deleted, or change it first."
            )
            % {"claim": left[0].claim}
        )
    for tie in preview.ties:
        demand_deletion(preview.user, tie)
        tie.claim.delete()


def demand_deletion(user: Any, tie: Tie) -> None:
    options = tie.claim._meta
    if not user.has_perm(f"{options.app_label}.delete_{options.model_name}"):
        raise CannotMergeError(_("You may not delete %(kinds)s.") % {"kinds": options.verbose_name_plural})


def move(reference: Reference, kept: Record, gone: Record) -> list[int]:
    """Let what names ``gone`` name ``kept``; links and marks that both have, or that lead from one to the other, go.

    Returns the rows that were moved where the merge has to note them.
    """
    if reference.is_link or reference.kind_column:
        reference.what_both_have(kept, gone).delete()
    if reference.is_link:
        columns = columns_by_table(links_in(reference, type(gone)))[reference.model]
        reference.model._base_manager.filter(tying(columns, kept, gone)).delete()
        check_links(reference.model)
    rows = reference.rows(gone)
    if reference.model is type(kept):
        rows = rows.exclude(pk__in=[kept.pk, gone.pk])  # what these lie in is chosen
    values: dict[str, Any] = {reference.column: kept.pk}
    if reference.is_noted:
        moved = list(rows.values_list("pk", flat=True))
        reference.model._base_manager.filter(pk__in=moved).update(**values)
        return moved
    if any(field.name == "updated_at" for field in reference.model._meta.concrete_fields):
        values["updated_at"] = timezone.now()
    rows.update(**values)
    return []


def links_in(reference: Reference, kind: Any) -> list[Reference]:
    """The columns of a table of links that name records of ``kind``."""
    return [
        Reference(reference.model, key.attname)
        for key in reference.model._meta.concrete_fields
        if isinstance(key, models.ForeignKey) and key.related_model is kind
    ]


def check_links(through: Any) -> None:
    """Let the database judge now, while both records are there, whether links were cut from under their owners."""
    links = [f"{proxy._meta.label}:link_in_use" for proxy in through.__subclasses__() if proxy._meta.proxy]
    if links:
        pgtrigger.constraints(pgtrigger.Immediate, *links)
        pgtrigger.constraints(pgtrigger.Deferred, *links)


def move_verdicts(preview: Preview) -> None:
    """Let what people have said of pairs with the one that goes be said of the one that stays, unless that has an
    answer of its own; pairs that merely look alike are found anew."""
    kept, gone = preview.kept.pk, preview.gone.pk
    with_gone = Q(first_id=gone) | Q(second_id=gone)
    Likeness.objects.of_kind(preview.model).filter(with_gone).delete()
    verdicts = Verdict.objects.of_kind(preview.model)
    with_kept = verdicts.filter(Q(first_id=kept) | Q(second_id=kept)).values_list("first_id", "second_id")
    answered = {pk for pair in with_kept for pk in pair} | {kept}
    others = verdicts.filter(with_gone)
    others.filter(first_id__in=answered | {gone}, second_id__in=answered | {gone}).delete()
    others.filter(second_id=gone).update(first_id=Least(F("first_id"), kept), second_id=Greatest(F("first_id"), kept))
    others.filter(first_id=gone).update(first_id=Least(F("second_id"), kept), second_id=Greatest(F("second_id"), kept))


# The way back


def undoable_models() -> list[Any]:
    """Every table that a merge may write to: records, then links, then claims, then what is said of them."""

    def rank(model: Any) -> int:
        return 0 if issubclass(model, Record) else 1 if model._meta.proxy else 2 if issubclass(model, Claim) else 3

    return sorted((model for model in apps.get_models() if hasattr(model, "pgh_event_model")), key=rank)


def way_back(merged: Merge, user: Any) -> Undo:
    """What it would take to take a merge back, and what stands in the way; call it in a transaction."""
    noted = {reference.model for reference in references_to(merged.model) if reference.is_noted}
    return Undo(contexts_where(merge=str(merged.uid)), undoable_models(), user, noted)


def take_back(merged: Merge, user: Any, reason: str) -> None:
    """Bring both records, and all that named them, to what they were; all of it or nothing.

    Call it in a transaction and check the constraints at its end. Raises ``CannotMergeError`` for what is refused.
    """
    merged = Merge.objects.select_for_update(of=("self",)).get(pk=merged.pk)
    if merged.undone_at is not None:
        raise CannotMergeError(_("It has been taken back already."))
    undo = way_back(merged, user)
    if undo.obstacle_count:
        raise CannotMergeError(_("It cannot be taken back any more: something has been changed since."))
    if not undo.count:
        raise CannotMergeError(_("The history of this merge is not there: it cannot be taken back."))
    demand_rights_to_take_back(merged, user, undo)
    with (
        pghistory.context(reason=reason, takes_back=str(merged.uid)),
        # The database keeps every past key, but those that the merge has brought go back to where they came from.
        pgtrigger.ignore(f"{merged.model._meta.label}:keep_past_slug"),
    ):
        undo.follow()
        move_back(merged)
    merged.undone_at, merged.undone_by, merged.undone_because = timezone.now(), user, reason
    merged.save(update_fields=["undone_at", "undone_by", "undone_because"])


def move_back(merged: Merge) -> None:
    """Let the rows that the merge has noted name the record that was gone, as far as they still name the other.

    What has been hung on them since, such as an answer to a question, goes along.
    """
    for reference in references_to(merged.model):
        keys = set(merged.moved_rows.get(reference.name, ()))
        if not keys:
            continue
        for key in reference.model._meta.concrete_fields:
            if isinstance(key, models.ForeignKey) and key.related_model is reference.model:
                rows = reference.model._base_manager.filter(**{f"{key.attname}__in": keys})
                keys |= set(rows.values_list("pk", flat=True))
        rows = reference.model._base_manager.filter(pk__in=keys, **{reference.column: merged.kept_id})
        if reference.kind_column:
            rows = rows.filter(**{reference.kind_column: merged.content_type_id})
        rows.update(**{reference.column: merged.gone_id})


def demand_rights_to_take_back(merged: Merge, user: Any, undo: Undo) -> None:
    """Refuse who may not do by hand what taking back would do."""
    for action in ("add", "change"):
        demand(user, action, merged.model)
    part = undo.parts[merged.model]
    brought_back = [event for (event,) in rows_of_sql(*part.events_back())]
    states = {
        row.pgh_obj_id: {"status": row.status, "restricted_to": row.restricted_to}
        for row in events_of(merged.model).objects.filter(pgh_id__in=brought_back)
    }
    present = {
        row.pk: {"status": row.status, "restricted_to": row.restricted_to}
        for row in merged.model._default_manager.filter(pk__in=states)
    }
    for pk, state in states.items():
        demand_special_rights(user, merged.model, present.get(pk, {}), state)
