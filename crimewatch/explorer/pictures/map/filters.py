"""What the map can be narrowed by, and what its colours tell."""

from django.utils.translation import gettext_lazy as _

from crimewatch.explorer.filters import ClaimFilterSet, OptionFilter
from crimewatch.explorer.models import AnyClaim
from crimewatch.explorer.pictures.map.drawing import Colour


class MapFilterSet(ClaimFilterSet):
    """The filters of claims, and what the colours tell."""

    colour = OptionFilter(label=_("colours tell"), choices=Colour.choices, usual=Colour.CLAIMS)

    class Meta:
        model = AnyClaim
        fields: list[str] = []
