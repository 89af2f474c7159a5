"""What templates say of the journal, and of those who write in it."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _

from crimewatch.citations.models import Claim
from crimewatch.curation.journal import SHOWN, journal_of
from crimewatch.records.models import Record
from crimewatch.records.querysets import sees_drafts

register = template.Library()


@register.inclusion_tag("curation/_entries_in_form.html", takes_context=True)
def entries(context: Any, row: Any) -> dict[str, Any]:
    """The journal of a record or claim to be read beside its form, where no other form can stand."""
    user = context["request"].user
    if not isinstance(row, Record | Claim) or row.pk is None or not sees_drafts(user, type(row)):
        return {}
    return {"row": row, "journal": journal_of(row, 0, SHOWN)}


@register.filter
def exactly(moment: datetime) -> str:
    """A moment as an address names it, to the microsecond that the database knows."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@register.filter
def kind_of(row: Any) -> str:
    """The name of the model of a row, as addresses have it."""
    return str(row._meta.model_name)


@register.filter
def kind_in_words(row: Any) -> str:
    """What kind of row it is."""
    return str(row._meta.verbose_name)


@register.filter
def called(person: Any) -> str:
    """What to call the author of something."""
    if person is None:
        return _("somebody whose login is gone")
    return str(person.get_full_name() or person.get_username())
