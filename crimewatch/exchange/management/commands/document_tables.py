"""`manage.py document_tables`: bring docs/csv-format.md up to date with the tables."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crimewatch.exchange.documentation import with_tables


class Command(BaseCommand):
    help = "Write the tables and columns of the CSV files into docs/csv-format.md."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "csv-format.md"
        path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Wrote {path}")
