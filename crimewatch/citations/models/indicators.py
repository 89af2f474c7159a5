"""What figures measure."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crimewatch.records.fields import not_blank, record_stems_of
from crimewatch.records.history import tracked
from crimewatch.records.models import Record


@tracked
class Indicator(Record):
    """Something that estimates put a number to, with its unit and definition: hectares of coca under cultivation."""

    unit = models.CharField(
        _("unit"),
        max_length=40,
        help_text=_(
            "In the singular: hectare, person, base. A share of a whole, 0 to 100, is percent; "
            "a change is percent-change."
        ),
    )
    definition = models.TextField(_("definition"), blank=True, help_text=_("What is counted and what is not."))
    search_stems = record_stems_of("name", "aliases", "summary", "definition")

    told_apart_by: ClassVar[tuple[str, ...]] = ("unit",)

    class Meta(Record.Meta):
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=not_blank("unit"),
                name="citations_indicator_has_a_unit",
                violation_error_message=_("An indicator needs a unit, such as hectare or percent."),
            ),
        ]
