"""What an address or a form asks of the history."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crimewatch.curation.changes import History

if TYPE_CHECKING:
    from django.db import models

LAST_PAGE = 200


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    """A day, typed in the way of ISO 8601 whatever the language."""
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("This is not a day: write year, month and day, as in 2017-06-01.")},
        widget=forms.TextInput(attrs={"placeholder": "2017-06-01", "size": 12, "inputmode": "numeric"}),
    )


def beginning_of(day: date) -> datetime:
    """The first moment of a day, in the zone in which times are shown."""
    moment = datetime.combine(day, time.min)
    return moment.replace(tzinfo=UTC) if day.year < 1900 else timezone.make_aware(moment)


def end_of(day: date) -> datetime:
    """The first moment after a day."""
    return beginning_of(day + timedelta(days=1)) if day < date.max else beginning_of(day)


class PageForm(forms.Form):
    """The page of a list of changes."""

    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LAST_PAGE,
        widget=forms.HiddenInput,
        error_messages={
            "invalid": _("The page is not a number: write one from 1 on."),
            "min_value": _("Pages are counted from 1."),
            "max_value": _("There are at most %(limit_value)d pages: narrow the list down."),
        },
    )


class ChangesForm(PageForm):
    """Changes by person, table and time."""

    who = forms.CharField(label=_("by"), required=False, max_length=150, help_text=_("The name of a login."))
    kind = forms.ChoiceField(
        label=_("kind"),
        required=False,
        error_messages={"invalid_choice": _("There is no kind of record or claim “%(value)s”.")},
    )
    since = day_field(pgettext_lazy("of days", "from"))
    until = day_field(pgettext_lazy("of days", "to"))

    def __init__(self, history: History, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds: dict[str, type[models.Model]] = {str(model._meta.model_name): model for model in history.models}
        names = [(name, capfirst(str(model._meta.verbose_name))) for name, model in self.kinds.items()]
        kind: forms.ChoiceField = self.fields["kind"]  # type: ignore[assignment]
        kind.choices = [("", _("any")), *names]

    def clean_who(self) -> int | None:
        """The primary key of the person, or nothing where none is named."""
        name = self.cleaned_data["who"].strip()
        if not name:
            return None
        person = get_user_model().objects.filter(username=name).values_list("pk", flat=True).first()
        if person is None:
            raise forms.ValidationError(_("There is no login “%(name)s”."), params={"name": name}, code="unknown")
        return person

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day lies before the first, %(day)s.") % {"day": since.isoformat()})
        return cleaned

    def options(self) -> dict[str, Any]:
        """What ``History.recent`` is asked for."""
        given = self.cleaned_data
        return {
            "kind": self.kinds.get(given["kind"]),
            "user": given["who"],
            "since": beginning_of(given["since"]) if given["since"] else None,
            "until": end_of(given["until"]) if given["until"] else None,
        }


class RecordHistoryForm(PageForm):
    """What to show of a record's history: a page of it, or how the record stood at the end of a day."""

    on = day_field(_("as it was on"))


class RestoreForm(forms.Form):
    """What is brought back, and why."""

    field = forms.CharField(required=False, max_length=60)
    reason = forms.CharField(
        max_length=300,
        error_messages={"required": _("Say in a few words why, for those who read the history later.")},
    )
