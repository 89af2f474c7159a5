"""What is asked before a merge: which two, whose values stay, and why."""

from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from crimewatch.curation.merging.preview import GOES, STAYS, Preview
from crimewatch.curation.merging.references import record_kinds

NO_REASON = _("Say in a few words why, for those who read the history later.")


class RecordReference(forms.CharField):
    """A record, by its kind and key (``group/sendero-luminoso``) or the address of its page; its kind and key.

    Whether there is such a record is not asked here: that depends on who asks.
    """

    def clean(self, value: Any) -> tuple[Any, str] | None:
        text = super().clean(value)
        if not text:
            return None
        kinds = record_kinds()
        kind, slash, slug = text.partition("/")
        if slash and slug and kind in kinds and "/" not in slug:
            return kinds[kind], slug
        for model in kinds.values():
            if (slug := slug_in(text, model)) is not None:
                return model, slug
        raise ValidationError(
            _(
                "“%(value)s” names no record: "
                "give the address of its page, or its kind and key, as in group/los-pulpos."
            ),
            params={"value": text[:100]},
            code="unknown",
        )


def slug_in(address: str, model: Any) -> str | None:
    """The key in ``address`` where that is the page of a record of ``model``."""
    try:
        match = resolve(unquote(urlsplit(address).path))
    except (Resolver404, ValueError):
        return None
    name = f"{model._meta.app_label}:{model._meta.model_name}_detail"
    return match.kwargs["slug"] if match.view_name == name else None


class PairForm(forms.Form):
    """The two records: the one that stays, and the one that goes into it."""

    stays = RecordReference(
        label=_("stays"),
        max_length=500,
        help_text=_("The address of its page, or kind and key: group/los-pulpos."),
        error_messages={"required": _("Name the record that stays.")},
    )
    goes = RecordReference(
        label=_("goes into it"), max_length=500, error_messages={"required": _("Name the record that goes.")}
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        stays, goes = cleaned.get("stays"), cleaned.get("goes")
        if stays and goes:
            if stays[0] is not goes[0]:
                raise ValidationError(
                    _("Only records of one kind can be merged: the one is of %(stays)s, the other of %(goes)s."),
                    params={"stays": stays[0]._meta.verbose_name_plural, "goes": goes[0]._meta.verbose_name_plural},
                    code="kinds",
                )
            if stays == goes:
                raise ValidationError(
                    _("“%(slug)s” cannot be merged with itself: name two records."),
                    params={"slug": stays[1]},
                    code="itself",
                )
        return cleaned


class OtherForm(forms.Form):
    """What is to be merged with the record ``stays``: something to look for, or the address of its page."""

    stays = RecordReference(max_length=500)
    q = forms.CharField(
        label=_("Name, alias or code, or the address of its page"),
        required=False,
        max_length=500,
        widget=forms.SearchInput,
        error_messages={"max_length": _("Search for something shorter, of at most %(limit_value)d characters.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["goes"] = None
        if "/" in cleaned.get("q", ""):
            with suppress(ValidationError):
                cleaned["goes"] = self.fields["stays"].clean(cleaned["q"])
        return cleaned


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Why"), max_length=300, error_messages={"required": NO_REASON})


class MergeForm(ReasonForm):
    """A choice for each field in which the two differ, and a tick for each claim that must be deleted."""

    stamp = forms.CharField(max_length=50, widget=forms.HiddenInput)

    def __init__(self, preview: Preview, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preview = preview
        self.fields["stamp"].initial = preview.stamp
        for field in preview.fields:
            if not field.fixed:
                self.fields[f"field-{field.name}"] = forms.ChoiceField(
                    choices=[(STAYS, STAYS), (GOES, GOES)],
                    initial=field.default,
                    error_messages={
                        "required": _("Choose which value of “%(field)s” stays.") % {"field": field.label},
                        "invalid_choice": _(
                            "“%(value)s” is neither of the two values of a field: choose stays or goes."
                        ),
                    },
                )
        self.fields["drop"] = forms.MultipleChoiceField(
            required=False,
            choices=[(tie.key, str(tie.claim)) for tie in preview.ties],
            error_messages={"invalid_choice": _("“%(value)s” is not a claim that names both.")},
        )

    def choices(self) -> dict[str, str]:
        """Whose value stays, by the name of the field."""
        prefix = "field-"
        return {
            name.removeprefix(prefix): value for name, value in self.cleaned_data.items() if name.startswith(prefix)
        }

    def chosen(self, name: str) -> str:
        """Whose value is chosen as the form stands now."""
        value = self[f"field-{name}"].value()
        return value if value in (STAYS, GOES) else STAYS
