"""What an address or a button asks of the quality desk."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crimewatch.records.downloads import FORMATS

LAST_PAGE = 10_000


class FindingsForm(forms.Form):
    """Which findings of a check, and as what."""

    kind = forms.ChoiceField(
        label=_("kind"),
        required=False,
        error_messages={"invalid_choice": _("This check finds no kind of record or claim “%(value)s”.")},
    )
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
    format = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        choices=[("", ""), *FORMATS.items()],
        error_messages={"invalid_choice": _("There is no file of the form “%(value)s”: csv, xlsx and json there are.")},
    )

    def __init__(self, models: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.models = {str(model._meta.model_name): model for model in models}
        names = [(name, capfirst(str(model._meta.verbose_name_plural))) for name, model in self.models.items()]
        kind: forms.ChoiceField = self.fields["kind"]  # type: ignore[assignment]
        kind.choices = [("", _("any")), *names]

    def chosen(self) -> list[Any]:
        """The kinds of rows that are asked for."""
        kind = self.cleaned_data["kind"]
        return [self.models[kind]] if kind else list(self.models.values())


class DismissForm(forms.Form):
    """Why a finding is right as it is."""

    reason = forms.CharField(
        max_length=300,
        error_messages={
            "required": _("Say in a few words why it is right as it is, for those who come upon it later."),
            "max_length": _("A reason has at most %(limit_value)d letters; this one has %(show_value)d."),
        },
    )
