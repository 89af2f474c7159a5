"""`manage.py import_dataset`: a folder of CSV files into the database, all of it or nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crimewatch.exchange.dataset import PackageError, import_package
from crimewatch.exchange.imports import ImportReport, TableReport


class Command(BaseCommand):
    help = (
        "Import a folder of CSV files, or one CSV file named after its table, in one transaction. "
        "Where anything is wrong, every mistake is listed, nothing is written and the exit status is 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the folder, or the file")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and write nothing")

    def handle(self, *_args: Any, path: Path, dry_run: bool, **_options: Any) -> None:
        try:
            report = import_package(path, dry_run=dry_run)
        except PackageError as error:
            raise CommandError("\n".join(error.sentences)) from error
        self.tell(report)
        if not report.is_written and dry_run and not report.has_problems:
            self.stdout.write(_("Nothing was written: this was a dry run."))

    def tell(self, report: ImportReport) -> None:
        for table in report.tables:
            for note in table.notes:
                self.stdout.write(f"{table.table.file_name}: {note}")
        problems = list(report.problems())
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(
                ngettext(
                    "Nothing was written: there is %(count)s problem.",
                    "Nothing was written: there are %(count)s problems.",
                    len(problems),
                )
                % {"count": len(problems)}
            )
        width = max(len(table.table.name) for table in report.tables)
        for table in report.tables:
            self.stdout.write(f"{table.table.name:{width}}  {self.counts(table)}")

    @staticmethod
    def counts(table: TableReport) -> str:
        columns = ", ".join(f"{name} {count}" for name, count in sorted(table.changed_columns.items()))
        changed = f"{table.changed} changed" + (f" ({columns})" if columns else "")
        return f"{table.new} new, {changed}, {table.unchanged} unchanged"
