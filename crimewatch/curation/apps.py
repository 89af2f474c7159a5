from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CurationConfig(AppConfig):
    name = "crimewatch.curation"
    verbose_name = _("Curation")
