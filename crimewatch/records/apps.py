from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from crimewatch.records.checks import translations_are_compiled


class RecordsConfig(AppConfig):
    name = "crimewatch.records"
    verbose_name = _("Records")

    def ready(self) -> None:
        checks.register(translations_are_compiled, checks.Tags.translation)
