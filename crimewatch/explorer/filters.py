"""Lists of claims of every kind, and of figures, narrowed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import Value
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from actors.models import Group, Person
from crimewatch.citations.filters import (
    AboutFilter,
    ClaimChoice,
    ClaimConditions,
    CollectionOfClaimFilter,
    TagOfClaimFilter,
)
from crimewatch.citations.models import Claim, ClaimStatus, Estimate, Indicator
from crimewatch.citations.search import Sought
from crimewatch.explorer.models import AnyClaim, claim_models
from crimewatch.explorer.querysets import rows_of_all
from crimewatch.records.facets import Tally
from crimewatch.records.filter_fields import Asked, ChoiceField
from crimewatch.records.filters import ChoiceFilter
from crimewatch.records.querysets import IsAmong, together
from programs.models import Agency, Program
from regions.models import IllicitActivity, Region, Route

CLAIMS = claim_models()
FIGURES = [model for model in CLAIMS if issubclass(model, Estimate)]


def kinds_of_claims(models: Sequence[type[Claim]]) -> list[tuple[str, Any]]:
    """The words by which an address names ``models``, and how people call them."""
    return [(str(model._meta.model_name), capfirst(model._meta.verbose_name)) for model in models]


class OptionField(ChoiceField):
    """One of some ways; ``usual`` is taken, and stands in the list, where none is chosen."""

    def __init__(self, *, choices: Any, usual: str = "", **kwargs: Any) -> None:
        self.usual = usual
        labels = dict(choices)
        self.keys = [str(key) for key in labels if key]
        shown = [("", labels[usual]), *((key, label) for key, label in choices if key not in ("", usual))]
        super().__init__(choices=shown if usual else choices, **kwargs)

    def words(self) -> list[str]:
        return self.keys

    def clean(self, value: Any) -> Any:
        return self.usual if value == self.usual else super().clean(value) or self.usual


class OptionFilter(django_filters.Filter):
    """Says how a picture is drawn and leaves nothing out. ``usual`` is the choice of those who choose nothing."""

    field_class = OptionField
    narrows = False

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=[("", _("any")), *choices], **kwargs)

    def filter(self, queryset: Any, _value: Any) -> Any:
        return queryset


class ClaimFilterSet(ClaimConditions):
    """Claims by kind, by what they name and by how they were put."""

    kinds: ClassVar[Sequence[type[Claim]]] = CLAIMS
    shows_figures: ClassVar[bool] = False

    kind = ChoiceFilter("claim_type", label=_("kind of claim"), choices=kinds_of_claims(CLAIMS))
    region = AboutFilter(Region, help_text=_("With what lies in it or overlaps it."))
    activity = AboutFilter(IllicitActivity, help_text=_("With everything below it."))
    group = AboutFilter(Group)
    person = AboutFilter(Person)
    agency = AboutFilter(Agency, help_text=_("With everything below it."))
    program = AboutFilter(Program)
    route = AboutFilter(Route)
    status = ClaimChoice(label=_("status"), choices=ClaimStatus.choices)
    tag = TagOfClaimFilter()
    collection = CollectionOfClaimFilter(help_text=_("Claims in it, and those about a record in it."))

    #: The primary keys of all claims that fit, of each kind, where somebody has found them out.
    known_claims: Mapping[type[Claim], Collection[int]] | None = None

    class Meta:
        model = AnyClaim
        fields: list[str] = []

    def narrowed(self, _queryset: Any, given: Mapping[str, Any]) -> Any:
        """The rows of all kinds that fit what is ``given``."""
        return rows_of_all(self.parts(given), figures=self.shows_figures)

    @property
    def is_laborious(self) -> bool:  # type: ignore[override]
        return self.makes_sense() and bool(self.given)

    def parts(self, given: Mapping[str, Any], *, few: bool = False) -> list[Any]:
        """The claims that fit what is ``given``, each kind in its own table, where the indexes are.

        Who will read ``few`` of them says so.
        """
        known = (frozenset(given), few)  # a part of what the address asks for is told by its names
        if known not in self._parts:
            self._parts[known] = [self._part(model, given, few=few) for model in self.kinds_of(given.get("kind"))]
        return self._parts[known]

    @cached_property
    def _parts(self) -> dict[tuple[frozenset[str], bool], list[Any]]:
        return {}

    def _part(self, model: type[Claim], given: Mapping[str, Any], *, few: bool = False) -> Any:
        found = model.objects.visible_to(self.request.user, few=few)
        if text := given.get("q"):
            found = found.search(text, self._sought)
        return self.meeting(found, given, few=few).order_by()

    @cached_property
    def _sought(self) -> Sought:
        """The text, and where its words are among the records: asked once for all kinds of claims."""
        return Sought(self.form.cleaned_data["q"], self.kinds, self.request.user)

    def count_choices(self, tally: Tally) -> None:
        choices = {name: each for name, each in self.filters.items() if isinstance(each, ChoiceFilter)}
        for apart, names in self.counted_apart(choices).items():
            columns = [choices[name].field_name for name in names]
            if self.known_claims is not None and not apart:
                found = [model.objects.filter(IsAmong("pk", keys)) for model, keys in self.known_claims.items()]
            else:
                found = self.parts(self.given_without(apart))
            parts = [
                claims.annotate(claim_type=Value(claims.model._meta.model_name)).values_list(*columns)
                for claims in found
            ]
            tally.add_rows(f"claims {apart}", names, together(parts) if parts else self.queryset.none())
            for name in names:
                tally.count(name, f"claims {apart}", choices[name].word_sql)

    def claims(self, model: type[Claim]) -> Any:
        """The claims of one kind that the viewer may see and the filters leave; none where these make no sense."""
        if not self.makes_sense() or model not in self.kinds_of(self.given.get("kind")):
            return model.objects.none()
        return self._part(model, self.given)

    def kinds_of(self, asked: Asked | None) -> list[type[Claim]]:
        """The kinds of claims that the list shows of those it could."""
        names = [str(model._meta.model_name) for model in self.kinds]
        wanted = names if asked is None else [name for name in names if (name in asked.value) != asked.is_inverted]
        return [model for model in self.kinds if model._meta.model_name in wanted]


class EstimateFilterSet(ClaimFilterSet):
    """Figures by what they measure, and as other claims."""

    kinds = FIGURES
    shows_figures = True

    kind = ChoiceFilter("claim_type", label=_("kind of figure"), choices=kinds_of_claims(FIGURES))
    indicator = AboutFilter(Indicator)
    person = route = None  # type: ignore[assignment]  # how django-filter is told to leave out a filter

    class Meta:
        model = AnyClaim
        fields: list[str] = []
