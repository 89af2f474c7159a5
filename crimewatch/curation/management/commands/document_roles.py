"""`manage.py document_roles`: bring docs/roles.md up to date with the roles."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crimewatch.curation.documentation import with_rights


class Command(BaseCommand):
    help = "Write the table of roles and rights into docs/roles.md."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "roles.md"
        path.write_text(with_rights(path.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Wrote {path}")
