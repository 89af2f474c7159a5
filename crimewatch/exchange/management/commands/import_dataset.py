"""`manage.py import_dataset`: a folder, an archive, a file or standard input into the database, all or nothing."""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crimewatch.exchange.catalog import TABLES_BY_NAME
from crimewatch.exchange.dataset import PackageError, import_package
from crimewatch.exchange.imports import BrokenOffError, ImportReport, TableReport, missing_reason
from crimewatch.exchange.management.terminal import BROKEN_OFF, USAGE, TerminalProgress, quiet_pipe
from crimewatch.exchange.sources import FORMATS
from crimewatch.records.resources import ENCODINGS


class Command(BaseCommand):
    help = (
        "Import a folder or a ZIP archive of files named after their tables, or one such file (CSV, XLSX, JSON lines), "
        "in one transaction. Where anything is wrong, every mistake is listed, nothing is written and the exit status "
        "is 1; it is 2 where the command itself makes no sense. What is written can be taken back on the site."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the folder or the file; - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and write nothing")
        parser.add_argument("--table", choices=list(TABLES_BY_NAME), metavar="TABLE", help="the table of a single file")
        parser.add_argument("--format", choices=list(FORMATS), help="the form of a file whose name does not tell")
        parser.add_argument("--encoding", choices=list(ENCODINGS), help="the encoding of CSV that is not Unicode")
        parser.add_argument("--sheet", help="the sheet of a workbook; * for all, each named after its table")
        parser.add_argument("--reason", default="", help="why; needed where records are taken back")
        parser.add_argument("--engine", choices=["auto", "rows", "bulk"], default="auto", help="see import-engines.md")
        parser.add_argument("--report", metavar="FILE", help="write what became of it as JSON; - for standard output")

    def handle(self, *_args: Any, path: Path, **options: Any) -> None:
        with quiet_pipe(), tempfile.TemporaryDirectory() as folder:
            if str(path) == "-":
                path = self.received(Path(folder), options)
            reading = {
                "table": options["table"] or "",
                "form": options["format"] or "",
                "encoding": options["encoding"] or "",
                "sheet": options["sheet"] or "",
            }
            with TerminalProgress(self.stderr) as progress:
                report = self.imported(path, progress, reading, options)
            self.write_report(report, options)
            self.tell(report, is_heard=options["report"] != "-")
            if options["dry_run"] and options["report"] != "-":
                if report.to_explain and not options["reason"]:
                    self.stdout.write(missing_reason(report.to_explain))
                self.stdout.write(_("Nothing was written: this was a dry run."))

    def received(self, folder: Path, options: dict[str, Any]) -> Path:
        """Standard input as a file, which can be read more than once. It is named after its table."""
        form = options["format"] or "csv"
        if form != "zip" and not options["table"]:
            raise CommandError(_("Standard input has no name: say with --table which table it is."), returncode=USAGE)
        path = folder / f"{options['table'] or 'package'}.{form}"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        return path

    def imported(
        self, path: Path, progress: TerminalProgress, reading: dict[str, str], options: dict[str, Any]
    ) -> ImportReport:
        try:
            return import_package(
                path,
                dry_run=options["dry_run"],
                engine=options["engine"],
                reason=options["reason"],
                progress=progress,
                reading=reading,
            )
        except PackageError as error:
            raise CommandError("\n".join(error.sentences), returncode=USAGE) from error
        except BrokenOffError as error:
            raise CommandError(str(error), returncode=BROKEN_OFF) from error

    def write_report(self, report: ImportReport, options: dict[str, Any]) -> None:
        if not options["report"]:
            return
        text = json.dumps(as_json(report, dry_run=options["dry_run"]), ensure_ascii=False, indent=2) + "\n"
        if options["report"] == "-":
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["report"]).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(str(error), returncode=USAGE) from error

    def tell(self, report: ImportReport, *, is_heard: bool) -> None:
        for table in report.tables if is_heard else ():
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
        for table in report.tables if is_heard else ():
            self.stdout.write(f"{table.table.name:{width}}  {self.counts(table)}")

    @staticmethod
    def counts(table: TableReport) -> str:
        columns = ", ".join(f"{name} {count}" for name, count in sorted(table.changed_columns.items()))
        changed = f"{table.changed} changed" + (f" ({columns})" if columns else "")
        return f"{table.new} new, {changed}, {table.unchanged} unchanged"


def as_json(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    """The report for a program: the same as what a person is told."""
    return {
        "is_written": report.is_written,
        "is_dry_run": dry_run,
        "batch": str(report.batch) if report.batch else None,
        "tables": [
            {
                "table": table.table.name,
                "file": table.name,
                "new": table.new,
                "changed": table.changed,
                "unchanged": table.unchanged,
                "to_explain": table.to_explain,
                "changed_columns": dict(table.changed_columns),
                "notes": list(table.notes),
                "problems": [
                    {
                        "row": problem.row,
                        "column": problem.column,
                        "value": problem.value,
                        "sentence": problem.sentence,
                        "hint": problem.hint,
                    }
                    for problem in table.problems
                ],
            }
            for table in report.tables
        ],
        "sentences": list(report.sentences),
    }
