"""Lists of claims of every kind, and of figures, narrowed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from actors.models import Group, Person
from crimewatch.citations.filters import AboutFilter, ClaimChoice, ClaimConditions
from crimewatch.citations.models import Claim, ClaimStatus, Estimate, Indicator
from crimewatch.citations.search import Sought
from crimewatch.explorer.models import AnyClaim, claim_models
from crimewatch.explorer.querysets import claims_of
from crimewatch.records.filters import ChoiceFilter
from programs.models import Agency, Program
from regions.models import IllicitActivity, Region

CLAIMS = claim_models()
FIGURES = [model for model in CLAIMS if issubclass(model, Estimate)]


def kinds_of_claims(models: Sequence[type[Claim]]) -> list[tuple[str, Any]]:
    """The words by which an address names ``models``, and how people call them."""
    return [(str(model._meta.model_name), capfirst(str(model._meta.verbose_name))) for model in models]


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

    def filter_queryset(self, _queryset: Any) -> Any:
        """The rows of all kinds; each kind is narrowed in its own table, where the indexes are."""
        given = self.form.cleaned_data
        kinds = [model for model in self.kinds if given["kind"] in ("", model._meta.model_name)]
        user = self.request.user
        # Where the words are among the records is asked once for all kinds.
        sought = Sought(given["q"], (kind.objects.visible_to(user) for kind in kinds), user)
        return claims_of(
            kinds, user, lambda claims: self.narrow(claims.search(given["q"], sought)), figures=self.shows_figures
        )


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
