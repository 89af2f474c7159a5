"""Which regions have a shape among the outlines that are installed, and by what name scripts find it there."""

import json
import re
from functools import cache
from typing import Any

import pycountry

from crimewatch.explorer.marking import folded
from crimewatch.explorer.packages import COUNTRIES, DEPARTMENTS_OF_PERU, installed_text
from regions.models import Region, RegionKind

#: The countries of whose departments there are outlines, by ISO 3166, with the file that holds them.
DEPARTMENTS = {"PE": DEPARTMENTS_OF_PERU}


def shape_of(region: Region, country: str) -> str:
    """The name of the shape of ``region`` among the installed outlines; empty where there is none.

    ``country`` is the ISO 3166 code of the country that it lies in. A country's shape goes by its number in ISO 3166-1,
    ``604``; a department's by its country and name there, ``PE:Huánuco``.
    """
    if region.kind == RegionKind.COUNTRY:
        found: Any = pycountry.countries.get(alpha_2=region.iso_3166) if region.iso_3166 else None
        return found.numeric if found is not None and found.numeric in country_shapes() else ""
    if region.kind == RegionKind.DEPARTMENT and country in DEPARTMENTS:
        known = department_shapes(country)
        names = (known.get(plain(name), "") for name in (region.name, *region.aliases))
        return next((f"{country}:{name}" for name in names if name), "")
    return ""


@cache
def country_shapes() -> frozenset[str]:
    """The numbers in ISO 3166-1 of the countries that have an outline."""
    text = installed_text(COUNTRIES)
    shapes = json.loads(text)["objects"]["countries"]["geometries"] if text else []
    return frozenset(shape["id"] for shape in shapes if "id" in shape)


@cache
def department_shapes(country: str) -> dict[str, str]:
    """The departments of ``country`` that have an outline: their names there by their names without accents."""
    return {plain(name): name for name in re.findall(r'"name":"([^"]+)"', installed_text(DEPARTMENTS[country]))}


def plain(name: str) -> str:
    return folded(name)[0]
