"""`manage.py compilemessages`, in place of Django's own, which needs GNU gettext."""

from typing import Any

from django.core.management.base import BaseCommand

from crimewatch.translations import compile_catalogs


class Command(BaseCommand):
    help = "Compile the translations in locale/ that are newer than what was last compiled of them."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        for path in compile_catalogs():
            self.stdout.write(f"Compiled {path}.")
