"""What is asked of the list of likely duplicates, and what is said of a pair."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crimewatch.curation.duplicates.models import Answer
from crimewatch.curation.duplicates.queue import OPEN


class QueueForm(forms.Form):
    """The kind of record, and what was said of the pairs."""

    kind = forms.ChoiceField(
        label=_("kind"),
        required=False,
        error_messages={"invalid_choice": _("There is no kind of record “%(value)s” whose pairs you may see.")},
    )
    said = forms.ChoiceField(
        label=_("said of them"),
        required=False,
        choices=[(OPEN, _("nothing yet")), *Answer.choices],
        error_messages={"invalid_choice": _("“%(value)s” is no answer: choose open, same, different or unsure.")},
    )
    page = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1_000,
        widget=forms.HiddenInput,
        error_messages={
            "invalid": _("The page is not a number: write one from 1 on."),
            "min_value": _("Pages are counted from 1."),
            "max_value": _("There are at most %(limit_value)d pages: narrow the list down."),
        },
    )

    def __init__(self, kinds: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, capfirst(str(model._meta.verbose_name_plural))) for name, model in kinds.items()]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


class VerdictForm(forms.Form):
    """What is said of a pair, and why where somebody will ask."""

    answer = forms.ChoiceField(
        choices=Answer.choices,
        error_messages={
            "required": _("Say whether the two are the same, different, or whether you are unsure."),
            "invalid_choice": _("“%(value)s” is no answer: choose same, different or unsure."),
        },
    )
    note = forms.CharField(required=False, max_length=300)
