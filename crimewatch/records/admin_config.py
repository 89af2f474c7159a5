"""Django's admin with our own site in its place. Not in `apps.py`: an app has one default configuration."""

from django.contrib.admin.apps import AdminConfig


class CrimeWatchAdminConfig(AdminConfig):
    default_site = "crimewatch.records.site.CrimeWatchAdminSite"
