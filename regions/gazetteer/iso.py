"""Countries and their first-level subdivisions by ISO 3166, from the package ``pycountry``."""

import pycountry
from django.utils.text import slugify

from regions.models import RegionKind

from .places import Listing, Package, Place

PYCOUNTRY = Package(
    slug="iso-3166-2-pycountry",
    distribution="pycountry",
    publisher="ISO 3166",
    summary="Codes and names of countries and of their subdivisions, taken over from Debian's iso-codes.",
    language="en",
)


def place_of_country(code: str) -> Place:
    """The country with the ISO 3166-1 ``code``, under its common English name."""
    country = pycountry.countries.lookup(code)
    name: str = getattr(country, "common_name", country.name)
    slug = slugify(name)
    statement = f"Listed as a country under the ISO 3166-1 code {code} in version {PYCOUNTRY.version}."
    return Place(
        kind=RegionKind.COUNTRY,
        name=name,
        slugs=(slug, f"{slug}-country", f"{slug}-country-{code.lower()}"),
        listings=(Listing(PYCOUNTRY, "iso_3166", code, statement),),
        iso_3166=code,
    )


def places_of_first_level(country: Place) -> list[Place]:
    """What ISO 3166-2 divides ``country`` into: states, provinces or whatever they are called there.

    They are all of the kind ``department``, which stands for the first level; the summary has the word of the country.
    """
    units = pycountry.subdivisions.get(country_code=country.iso_3166)
    return [
        Place(
            kind=RegionKind.DEPARTMENT,
            name=unit.name,
            slugs=slugs_beyond_the_border(unit.name, unit.code, country),
            listings=(subdivision_listing(unit.code, country.name),),
            parent=country,
            iso_3166=unit.code,
            summary=f"{unit.type} of {country.name}.",
        )
        for unit in sorted(units, key=lambda unit: unit.code)
        if unit.parent_code is None
    ]


def slugs_beyond_the_border(name: str, code: str, country: Place) -> tuple[str, ...]:
    """``amazonas-brazil``: always with the country, since neighbours share the names of their parts."""
    return f"{slugify(name)}-{country.slugs[0]}", f"{slugify(name)}-{code.lower()}"


def subdivision_listing(code: str, country: str) -> Listing:
    """That ISO 3166-2 has ``code`` as a part of ``country`` (a name), in the words of the standard."""
    unit = pycountry.subdivisions.get(code=code)
    listed = f"Listed as a {unit.type.lower()} of {country} under the ISO 3166-2 code {code}"
    return Listing(PYCOUNTRY, "iso_3166", code, f"{listed} in version {PYCOUNTRY.version}.")
