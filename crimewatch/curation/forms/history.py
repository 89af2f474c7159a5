"""What an address or a form asks of the history."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crimewatch.curation.changes import History, kind_of_row
from crimewatch.curation.restoring import just_after
from crimewatch.records import readable

if TYPE_CHECKING:
    from django.db import models

LAST_PAGE = 200
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    """A day, typed in the way of ISO 8601 whatever the language."""
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("This is not a day: write year, month and day, as in 2017-06-01.")},
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
            "invalid": gettext_lazy("The page is not a number: write one from 1 on."),
            "min_value": gettext_lazy("Pages are counted from 1."),
            "max_value": gettext_lazy("There are at most %(limit_value)d pages: narrow the list down."),
        },
    )


class ChangesForm(PageForm):
    """Changes by person, table and time."""

    who = forms.CharField(
        label=gettext_lazy("by"), required=False, max_length=150, help_text=gettext_lazy("The name of a login.")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("kind"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("There is no kind of record or claim “%(value)s”.")},
    )
    since = day_field(pgettext_lazy("of days", "from"))
    until = day_field(pgettext_lazy("of days", "to"))

    def __init__(self, history: History, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds: dict[str, type[models.Model]] = {str(model._meta.model_name): model for model in history.models}
        names = [(name, capfirst(kind_of_row(model))) for name, model in self.kinds.items()]
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


class Moment(NamedTuple):
    """A moment that somebody asks for: the first one that is not looked at any more, and how it is written and called.

    A day is meant to its end. A moment that an address gives exactly is that of a change, which belongs to it.
    """

    before: datetime
    text: str
    words: str


class MomentField(forms.CharField):
    """A day, or the exact moment of a change as this history's own links have it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"placeholder": "2017-06-01", "size": 12})
        super().__init__(max_length=40, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            if DAY.fullmatch(text):
                day = date.fromisoformat(text)
                return Moment(end_of(day), text, _("at the end of %(day)s") % {"day": readable.day(day)})
            at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                at = at.replace(tzinfo=UTC)
            shown = timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")
            return Moment(just_after(at), text, _("after the change of %(moment)s") % {"moment": shown})
        except (ValueError, OverflowError) as error:
            message = gettext_lazy("“%(value)s” is not a day: write year, month and day, as in 2017-06-01.")
            raise forms.ValidationError(message, params={"value": text}, code="invalid") from error


class RecordHistoryForm(PageForm):
    """What to show of a record's history: a page of it, or how the record stood at a moment."""

    on = MomentField(label=gettext_lazy("as it was on"), required=False)


class CompareForm(PageForm):
    """Two moments of a record to be held side by side; the second is now where none is given."""

    first = MomentField(
        label=gettext_lazy("first"),
        error_messages={"required": gettext_lazy("Say which day or version to compare, as in 2017-06-01.")},
    )
    second = MomentField(label=gettext_lazy("second"), required=False, help_text=gettext_lazy("Empty for now."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "first" not in cleaned or "second" not in cleaned:
            return cleaned
        now = Moment(timezone.now() + timedelta(seconds=1), "", _("as it is now"))
        one, other = cleaned["first"], cleaned["second"] or now
        cleaned["first"], cleaned["second"] = sorted((one, other), key=lambda moment: moment.before)
        if one.before == other.before:
            self.add_error(None, _("Both are the same moment: choose two different ones."))
        return cleaned


class RestoreForm(forms.Form):
    """What is brought back, and why."""

    field = forms.CharField(required=False, max_length=60)
    reason = forms.CharField(
        max_length=300,
        error_messages={"required": gettext_lazy("Say in a few words why, for those who read the history later.")},
    )
