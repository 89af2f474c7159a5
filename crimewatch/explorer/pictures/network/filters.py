"""What the network can be narrowed by: claims, as lists are, the kinds of records and ties, and where it begins."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.filters import ClaimFilterSet, OptionFilter, kinds_of_claims
from crimewatch.explorer.kinds import of_kind
from crimewatch.explorer.models import AnyClaim
from crimewatch.explorer.pictures.network.querysets import Ties
from crimewatch.explorer.pictures.network.ties import CLAIMED, NODE_KINDS, WORDS
from crimewatch.records.filter_fields import LONGEST_TEXT, RecordField
from crimewatch.records.filters import ChoiceFilter
from crimewatch.records.models import Record
from crimewatch.records.querysets import together

STEPS = ("1", "2", "3")

#: How many records the network shows at most; a larger one takes the browser long and people longer.
MOST = ("50", "100", "300", "1000")
MOST_BY_DEFAULT = "300"

#: Of how many claims, the newest, it is told who is tied to most others: to look at a million takes seconds.
NEWEST = 5_000


class KindsField(forms.CharField):
    """Kinds of records, with commas between them: ``group,person``."""

    def clean(self, value: Any) -> list[str]:
        kinds = [kind.strip() for kind in super().clean(value).split(",") if kind.strip()]
        unknown = [kind for kind in kinds if kind not in NODE_KINDS]
        if unknown:
            raise ValidationError(
                _("“%(value)s” is not a kind of record in the network; these are: %(words)s."),
                params={"value": unknown[0], "words": ", ".join(NODE_KINDS)},
                code="kind",
            )
        return list(dict.fromkeys(kinds))


class CheckboxesJoined(forms.CheckboxSelectMultiple):
    """Boxes to tick whose choices stand in the address as one word, with commas between them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return ",".join(super().value_from_datadict(data, files, name) or [])

    def format_value(self, value: Any) -> list[str]:  # type: ignore[override]  # Django's own widget gives a list, too
        return [kind.strip() for kind in (value or "").split(",")]


class KindsFilter(django_filters.Filter):
    """The kinds of records that are in the network; all where none is named."""

    field_class = KindsField
    narrows = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [(kind, capfirst(model._meta.verbose_name_plural)) for kind, model in NODE_KINDS.items()]
        widget = CheckboxesJoined(choices=choices)
        super().__init__(*args, max_length=LONGEST_TEXT, widget=widget, **kwargs)

    def filter(self, queryset: Any, _value: Any) -> Any:
        return queryset


class NodeField(forms.CharField):
    """A record that the viewer may see, by its key, ``sendero-luminoso``, with its kind where two have the same key."""

    user: Any

    def clean(self, value: Any) -> Record | None:
        text = super().clean(value)
        if not text:
            return None
        kind, colon, key = text.partition(":")
        if not colon:
            return self.of_any_kind(text)
        if kind not in NODE_KINDS:
            raise ValidationError(
                _("“%(value)s” names no record: before the colon stands its kind, one of %(kinds)s."),
                params={"value": text, "kinds": ", ".join(NODE_KINDS)},
                code="node",
            )
        if not key.strip():
            raise ValidationError(
                _("“%(value)s” names no record: behind the colon stands its key."), params={"value": text}, code="node"
            )
        return self.of_kind(kind, key.strip())

    def of_kind(self, kind: str, key: str) -> Record:
        """The record of one kind that has or had this key."""
        records, slug = self.records(kind), slugify(key)
        found: Record | None = records.by_slugs([slug]).get(slug)
        if found is None:
            field = RecordField(required=False)
            field.queryset = records
            raise ValidationError(field.unknown(key), code="unknown")
        return found

    def of_any_kind(self, text: str) -> Record:
        key = slugify(text)
        parts = (of_kind(self.records(kind).having_slug([key]), kind).values_list("row_kind") for kind in NODE_KINDS)
        kinds = sorted(kind for (kind,) in together(parts)) if key else []
        if len(kinds) > 1:
            raise ValidationError(
                _("“%(value)s” names several records; write one of: %(keys)s."),
                params={"value": text, "keys": ", ".join(f"{kind}:{key}" for kind in kinds)},
                code="several",
            )
        if not kinds:
            raise ValidationError(
                _(
                    "There is no record with the key “%(value)s” in the network; write its kind and key, as in"
                    " %(example)s."
                ),
                params={"value": text, "example": "group:sendero-luminoso"},
                code="unknown",
            )
        return self.of_kind(kinds[0], key)

    def records(self, kind: str) -> Any:
        return NODE_KINDS[kind].objects.visible_to(self.user).order_by()


class NodeFilter(django_filters.Filter):
    """The record that the network begins at."""

    field_class = NodeField
    narrows = False

    @property
    def field(self) -> NodeField:
        field: NodeField = super().field
        field.user = self.parent.request.user
        return field

    def filter(self, queryset: Any, _value: Any) -> Any:
        return queryset


class NetworkFilterSet(ClaimFilterSet):
    """The claims that tie records to one another, and which part of the network is shown."""

    kinds = CLAIMED

    route = None  # type: ignore[assignment]  # how django-filter is told to leave out a filter
    around = NodeFilter(
        label=_("around"),
        max_length=LONGEST_TEXT,
        help_text=_("A record by its key: sendero-luminoso, or group:sendero-luminoso"),
    )
    steps = OptionFilter(label=_("steps away"), choices=[(step, step) for step in STEPS], usual=STEPS[0])
    show = KindsFilter(label=_("kinds of records"))
    relation = OptionFilter(label=_("tied by"), choices=list(WORDS.items()))
    kind = ChoiceFilter("claim_type", label=_("kind of claim"), choices=kinds_of_claims(CLAIMED))
    most = OptionFilter(
        label=_("records at most"), choices=[(number, number) for number in MOST], usual=MOST_BY_DEFAULT
    )

    class Meta:
        model = AnyClaim
        fields: list[str] = []

    @cached_property
    def ties(self) -> Ties:
        """The ties that all conditions leave."""
        given = self.form.cleaned_data
        # Who asks for what claims say gets only what claims say.
        unclaimed = not given["q"] and not given["kind"] and not self.has_conditions()
        return Ties(
            self.request.user,
            self.claims,
            show=given["show"] or NODE_KINDS,
            relation=given["relation"],
            unclaimed=unclaimed,
            newest=0 if self.record_around else NEWEST,
        )

    @property
    def record_around(self) -> Record | None:
        found: Record | None = self.form.cleaned_data["around"]
        return found

    @property
    def steps_away(self) -> int:
        return int(self.form.cleaned_data["steps"])

    @property
    def most_records(self) -> int:
        return int(self.form.cleaned_data["most"])
