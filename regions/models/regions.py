"""Places of every size: the tree of countries, departments, provinces and districts, and what lies across it."""

from typing import Any, ClassVar, Self

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Citation, Estimate
from crimewatch.records.fields import search_key_of
from crimewatch.records.history import tracked
from crimewatch.records.models import NO_CYCLE, LinkInUse, Record
from regions.querysets import LEVELS, RegionQuerySet


class RegionKind(models.TextChoices):
    """What sort of place a region is; the first four form the administrative tree of a country."""

    COUNTRY = "country", _("country")
    DEPARTMENT = "department", _("department")
    PROVINCE = "province", _("province")
    DISTRICT = "district", _("district")
    WORLD_REGION = "world-region", _("world region")
    ZONE = "zone", _("zone")
    VALLEY = "valley", _("valley")
    RIVER = "river", _("river")
    LAKE = "lake", _("lake")
    PORT = "port", _("port")
    BORDER_AREA = "border-area", _("border area")
    SETTLEMENT = "settlement", _("settlement")
    BASE = "base", _("base")
    NATURAL_AREA = "natural-area", _("natural area")


class PlacePrecision(models.IntegerChoices):
    """How precisely the point is known, in the manner of the Uppsala Conflict Data Program."""

    EXACT = 1, _("1 · exact")
    NEAR = 2, _("2 · limited area around a place")
    PROVINCE = 3, _("3 · province")
    DEPARTMENT = 4, _("4 · department")
    VAGUE = 5, _("5 · larger or vague")
    COUNTRY = 6, _("6 · country")
    WATER_OR_AIR = 7, _("7 · water or air space")


validate_ubigeo = RegexValidator(
    r"\A(?:[0-9]{2}|[0-9]{4}|[0-9]{6})\Z",
    _("“%(value)s” is not a UBIGEO: it has 2, 4 or 6 digits, the leading zero included, as in 0809."),
    code="ubigeo",
)
validate_iso_3166 = RegexValidator(
    r"\A[A-Z]{2}(?:-[A-Z0-9]{1,3})?\Z",
    _("“%(value)s” is not an ISO 3166 code: write two capitals, as in PE, or PE-PUN for a subdivision."),
    code="iso_3166",
)
validate_wikidata = RegexValidator(
    r"\AQ[1-9][0-9]*\Z",
    _("“%(value)s” is not a Wikidata item: write Q and digits, as in Q419."),
    code="wikidata",
)


OUTLINE_TYPES = ("Polygon", "MultiPolygon", "LineString", "MultiLineString")


def validate_outline(value: Any) -> None:
    """Raise ``ValidationError`` unless ``value`` is a GeoJSON geometry of lines or areas."""
    if (
        not isinstance(value, dict)
        or value.get("type") not in OUTLINE_TYPES
        or not isinstance(value.get("coordinates"), list)
    ):
        raise ValidationError(
            _("The outline is not a GeoJSON geometry: it needs a type (%(kinds)s) and coordinates.")
            % {"kinds": ", ".join(OUTLINE_TYPES)},
            code="outline",
        )


@tracked
class Region(Record):
    """A place of any size. ``parent`` is what it lies in; a zone that lies across others lists them as ``parts``.

    Codes: ISO 3166-1 and -2, UBIGEO of INEI (Peru's statistics office; RENIEC numbers differently), GeoNames, Wikidata.
    Coordinates are decimal degrees, WGS 84; the outline is a GeoJSON geometry (RFC 7946).
    """

    kind = models.CharField(_("kind"), max_length=20, choices=RegionKind.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("lies in"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text=_("The smallest region that holds all of it; empty if it lies across several countries."),
    )
    parts = models.ManyToManyField(
        "self",
        verbose_name=_("parts"),
        symmetrical=False,
        blank=True,
        related_name="zones",
        help_text=_("For a zone, river or border area: the regions that it wholly or partly covers."),
    )
    iso_3166 = models.CharField(
        "ISO 3166",
        max_length=6,
        blank=True,
        validators=[validate_iso_3166],
        help_text=_("PE for a country, PE-PUN for a subdivision."),
    )
    ubigeo = models.CharField(
        "UBIGEO",
        max_length=6,
        blank=True,
        validators=[validate_ubigeo],
        help_text=_("INEI's code: 2, 4 or 6 digits, as text."),
    )
    geonames_id = models.PositiveIntegerField("GeoNames", null=True, blank=True)
    wikidata_id = models.CharField("Wikidata", max_length=20, blank=True, validators=[validate_wikidata])
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(-90, _("A latitude lies between -90 and 90.")),
            MaxValueValidator(90, _("A latitude lies between -90 and 90.")),
        ],
        help_text=_("Decimal degrees; the south is negative: -13.16."),
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(-180, _("A longitude lies between -180 and 180.")),
            MaxValueValidator(180, _("A longitude lies between -180 and 180.")),
        ],
        help_text=_("Decimal degrees; the west is negative: -74.22."),
    )
    precision = models.PositiveSmallIntegerField(
        _("precision of the point"), choices=PlacePrecision.choices, null=True, blank=True
    )
    outline = models.JSONField(
        _("outline"),
        null=True,
        blank=True,
        validators=[validate_outline],
        help_text=_("A GeoJSON geometry, where you have one."),
    )
    search_key = search_key_of("name", "aliases", "iso_3166", "ubigeo", "wikidata_id", "slug")

    codes: ClassVar[tuple[str, ...]] = ("iso_3166", "ubigeo", "wikidata_id", "geonames_id")
    told_apart_by: ClassVar[tuple[str, ...]] = ("kind", "parent")
    fields_together: ClassVar[tuple[tuple[str, ...], ...]] = (
        *Record.fields_together,
        ("latitude", "longitude", "precision"),
    )
    heavy_fields: ClassVar[tuple[str, ...]] = (*Record.heavy_fields, "outline")

    objects: ClassVar[RegionQuerySet[Self]] = RegionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Record.Meta):
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        triggers = [*Record.Meta.triggers, NO_CYCLE]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=RegionKind.values),
                name="regions_region_kind_is_known",
                violation_error_message=_("The kind is not one of the kinds of region."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True) | Q(latitude__range=(-90, 90)),
                name="regions_region_latitude_is_on_earth",
                violation_error_message=_("A latitude lies between -90 and 90."),
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True) | Q(longitude__range=(-180, 180)),
                name="regions_region_longitude_is_on_earth",
                violation_error_message=_("A longitude lies between -180 and 180."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="regions_region_point_has_both_coordinates",
                violation_error_message=_("A point needs both latitude and longitude."),
            ),
            models.CheckConstraint(
                condition=Q(precision__isnull=True) | Q(precision__range=(1, 7)),
                name="regions_region_precision_is_1_to_7",
                violation_error_message=_("The precision is a digit from 1 (exact) to 7 (water or air space)."),
            ),
            models.CheckConstraint(
                condition=Q(ubigeo="") | Q(ubigeo__regex=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})$"),
                name="regions_region_ubigeo_has_2_4_or_6_digits",
                violation_error_message=_("A UBIGEO has 2, 4 or 6 digits, the leading zero included."),
            ),
            models.CheckConstraint(
                condition=Q(iso_3166="") | Q(iso_3166__regex=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"),
                name="regions_region_iso_3166_is_a_code",
                violation_error_message=_("An ISO 3166 code is two capitals, as in PE, or PE-PUN for a subdivision."),
            ),
            models.CheckConstraint(
                condition=Q(wikidata_id="") | Q(wikidata_id__regex=r"^Q[1-9][0-9]*$"),
                name="regions_region_wikidata_id_is_an_item",
                violation_error_message=_("A Wikidata item is Q and digits, as in Q419."),
            ),
            models.CheckConstraint(
                # A type that is missing would make the condition null, and null passes.
                condition=Q(outline__isnull=True) | Q(outline__has_key="type", outline__type__in=OUTLINE_TYPES),
                name="regions_region_outline_is_geojson",
                violation_error_message=_("The outline is a GeoJSON geometry: a polygon or line, or several."),
            ),
            models.UniqueConstraint(
                "ubigeo",
                condition=~Q(ubigeo=""),
                name="regions_region_ubigeo_is_unique",
                violation_error_message=_("Another region has this UBIGEO."),
            ),
            models.UniqueConstraint(
                "iso_3166",
                condition=~Q(iso_3166=""),
                name="regions_region_iso_3166_is_unique",
                violation_error_message=_("Another region has this ISO 3166 code."),
            ),
            models.UniqueConstraint(
                "geonames_id",
                condition=Q(geonames_id__isnull=False),
                name="regions_region_geonames_id_is_unique",
                violation_error_message=_("Another region has this GeoNames id."),
            ),
            models.UniqueConstraint(
                "wikidata_id",
                condition=~Q(wikidata_id=""),
                name="regions_region_wikidata_id_is_unique",
                violation_error_message=_("Another region has this Wikidata item."),
            ),
        ]

    def label(self) -> str:
        """Name, kind and what it lies in: ``Santa Rosa · district · Melgar, Puno, Peru``."""
        return " · ".join(filter(None, [self.name, self.get_kind_display(), self.path()]))

    def path(self) -> str:
        """What it lies in, up to the country: ``Melgar, Puno, Peru``; empty where it lies in nothing."""
        names: list[str] = []
        above = self.parent
        while above is not None:
            names.append(above.name)
            # What lies higher was not fetched by ``with_context()``: it would cost a query for each row of a list.
            above = None if above.kind == RegionKind.COUNTRY or len(names) == LEVELS else above.parent
        return ", ".join(names)


@tracked
class RegionEstimate(Estimate):
    """A figure about a region: hectares of coca in Peru, military bases in the VRAEM."""

    subject = "region"

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="estimates")
    activity = models.ForeignKey(
        "regions.IllicitActivity",
        verbose_name=_("illicit activity"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="estimates",
        help_text=_("Where the figure measures an activity."),
    )

    class Meta(Estimate.Meta):
        verbose_name = _("figure on a region")
        verbose_name_plural = _("figures on regions")
        indexes = [*Estimate.Meta.indexes, models.Index("indicator", "region", name="%(class)s_measure")]


@tracked
class RegionCitation(Citation):
    """What a source says of a region in words."""

    record = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.CASCADE, related_name="citations")

    class Meta(Citation.Meta):
        verbose_name = _("statement on a region")
        verbose_name_plural = _("statements on regions")


#: A region is not its own part.
NOT_ITS_OWN_PART = pgtrigger.Trigger(
    name="not_its_own_part",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="""
        IF NEW.from_region_id = NEW.to_region_id THEN
            RAISE EXCEPTION '“%” cannot be a part of itself.', (SELECT slug FROM regions_region WHERE id = NEW.to_region_id)
                USING ERRCODE = 'check_violation', TABLE = 'regions_region', COLUMN = 'parts';
        END IF;
        RETURN NEW;
    """,  # noqa: E501 - the text is compared with what is installed
)


@tracked
class RegionParts(Region.parts.through):  # type: ignore[name-defined]
    """The parts of zones, rivers and the like, as rows whose history is kept and that nobody cuts unseen."""

    class Meta:
        proxy = True
        triggers = [LinkInUse("from_region", "to_region"), NOT_ITS_OWN_PART]
