"""Lists of claims of every kind, and of figures, narrowed."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from actors.models import Group, Person
from crimewatch.citations.filters import AboutFilter, ClaimChoice, ClaimConditions
from crimewatch.citations.models import Claim, ClaimStatus, Estimate, Indicator
from crimewatch.citations.search import Sought
from crimewatch.explorer.models import AnyClaim, claim_models
from crimewatch.explorer.querysets import claims_of
from crimewatch.records.filters import ChoiceField, ChoiceFilter
from programs.models import Agency, Program
from regions.models import IllicitActivity, Region

CLAIMS = claim_models()
FIGURES = [model for model in CLAIMS if issubclass(model, Estimate)]


def kinds_of_claims(models: Sequence[type[Claim]]) -> list[tuple[str, Any]]:
    """The words by which an address names ``models``, and how people call them."""
    return [(str(model._meta.model_name), capfirst(str(model._meta.verbose_name))) for model in models]


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


class OptionFilter(ChoiceFilter):
    """Says how a picture is drawn and leaves nothing out. ``usual`` is the choice of those who choose nothing."""

    field_class = OptionField
    narrows = False

    def filter(self, queryset: Any, _value: Any) -> Any:
        return queryset


class ClaimFilterSet(ClaimConditions):
    """Claims by kind, by what they name and by how they were put."""

    kinds: ClassVar[Sequence[type[Claim]]] = CLAIMS
    shows_figures: ClassVar[bool] = False

    kind = ChoiceFilter(label=_("kind of claim"), choices=kinds_of_claims(CLAIMS))
    region = AboutFilter(Region, help_text=_("With what lies in it or overlaps it."))
    activity = AboutFilter(IllicitActivity, help_text=_("With everything below it."))
    group = AboutFilter(Group)
    person = AboutFilter(Person)
    agency = AboutFilter(Agency, help_text=_("With everything below it."))
    program = AboutFilter(Program)
    status = ClaimChoice(label=_("status"), choices=ClaimStatus.choices)

    class Meta:
        model = AnyClaim
        fields: list[str] = []

    @cached_property
    def _sought(self) -> Sought:
        """The text, and where its words are among the records: asked once for all kinds of claims."""
        user = self.request.user
        claims = (model._default_manager.visible_to(user) for model in self.kinds)
        return Sought(self.form.cleaned_data["q"], claims, user)

    def filter_queryset(self, _queryset: Any) -> Any:
        """The rows of all kinds; each kind is narrowed in its own table, where the indexes are."""
        kind = self.form.cleaned_data["kind"]
        kinds = [model for model in self.kinds if kind in ("", model._meta.model_name)]
        return claims_of(kinds, self.request.user, self._searched, figures=self.shows_figures)

    def claims(self, model: type[Claim]) -> Any:
        """The claims of one kind that the viewer may see and the filters leave; none where these make no sense."""
        objects: Any = model._default_manager
        if not self.makes_sense() or self.form.cleaned_data["kind"] not in ("", model._meta.model_name):
            return objects.none()
        return self._searched(objects.visible_to(self.request.user)).order_by()

    def _searched(self, claims: Any) -> Any:
        return self.narrow(claims.search(self.form.cleaned_data["q"], self._sought))


class EstimateFilterSet(ClaimFilterSet):
    """Figures by what they measure, and as other claims."""

    kinds = FIGURES
    shows_figures = True

    kind = ChoiceFilter(label=_("kind of figure"), choices=kinds_of_claims(FIGURES))
    indicator = AboutFilter(Indicator)
    person = None  # type: ignore[assignment]  # how django-filter is told to leave out a filter

    class Meta:
        model = AnyClaim
        fields: list[str] = []
