"""Lists of agencies and state responses narrowed."""

from django.utils.translation import gettext_lazy as _

from actors.models import Group, Person
from crimewatch.citations.filters import AboutFilter, CitedFilterSet, ClaimChoice
from crimewatch.records.filters import ChoiceFilter, LinkedFilter, WithinFilter
from programs.models import Agency, AgencyKind, Phase, Program, ProgramKind, ResilienceArea, Verdict
from regions.filters import PlacedFilterSet
from regions.models import Region


class AgencyFilterSet(CitedFilterSet):
    """Agencies by kind and country, by what they are part of and by who holds a post in them."""

    agency = WithinFilter(Agency, help_text=_("With everything below it."))
    kind = ChoiceFilter(label=_("kind"), choices=AgencyKind.choices)
    country = LinkedFilter(Region, "country", label=_("country"))
    person = AboutFilter(Person)

    class Meta:
        model = Agency
        fields: list[str] = []


class ProgramFilterSet(PlacedFilterSet):
    """State responses by kind and phase, by what they are aimed at and who runs them."""

    kind = ChoiceFilter(label=_("kind"), choices=ProgramKind.choices)
    phase = ChoiceFilter(label=_("phase"), choices=Phase.choices)
    area = ChoiceFilter("resilience_area", label=_("strengthens"), choices=ResilienceArea.choices, may_be_empty=True)
    group = AboutFilter(Group)
    lead = LinkedFilter(Agency, "lead_agencies", label=_("lead agency"))
    partner = LinkedFilter(Agency, "partner_agencies", label=_("partner agency"))
    verdict = ClaimChoice(label=_("verdict"), choices=Verdict.choices)

    class Meta:
        model = Program
        fields: list[str] = []
