"""Headers of other people's files, and the columns that they are."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crimewatch.records.fields import not_blank


class ColumnMapping(models.Model):
    """Which column each header of a file is, remembered for the next file of the same making.

    `columns` maps headers to columns of `table`; a header that is left out maps to nothing.
    """

    name = models.CharField(_("name"), max_length=100)
    table = models.CharField(_("table"), max_length=60)
    columns = models.JSONField(_("columns"), default=dict)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,  # others go on using it
        null=True,
        blank=True,
        related_name="+",
    )
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("mapping of columns")
        verbose_name_plural = _("mappings of columns")
        ordering = ["table", "name"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["table", "name"],
                name="exchange_columnmapping_name_is_unique",
                violation_error_message=_("There is a mapping of this name for the table."),
            ),
            models.CheckConstraint(
                condition=not_blank("name") & ~Q(table=""),
                name="exchange_columnmapping_has_a_name",
                violation_error_message=_("A mapping needs a name, and the table that it is for."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
