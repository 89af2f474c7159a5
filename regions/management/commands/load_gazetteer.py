"""The command that fills the tree of regions from installed lists of places."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from crimewatch.records.models import Status
from regions.gazetteer import GAZETTEERS, Report, load, missing_package
from regions.gazetteer.loading import LEVELS


class Command(BaseCommand):
    help = (
        "Create the administrative regions of a country and of its neighbours from installed packages. Of regions that "
        "are there already, told by UBIGEO or ISO 3166, only empty fields are filled. It can be run again at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("country", help=f"ISO 3166-1 code of the country: {', '.join(GAZETTEERS)}.")
        parser.add_argument("--dry-run", action="store_true", help="Show what would be done and write nothing.")
        parser.add_argument(
            "--status",
            choices=[Status.PUBLISHED.value, Status.DRAFT.value],
            default=Status.PUBLISHED.value,
            help="Status of the new regions. Default: %(default)s.",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        country = options["country"].upper()
        if country not in GAZETTEERS:
            raise CommandError(
                f"There is no gazetteer for “{options['country']}”; the country is one of: {', '.join(GAZETTEERS)}."
            )
        if missing := missing_package(country):
            raise CommandError(
                f"The gazetteer of {country} needs the package {missing}, which is not installed: it has no release "
                "for this version of Python. Run this command once with Python 3.11 or 3.12."
            )
        try:
            report = load(GAZETTEERS[country](), status=Status(options["status"]), dry_run=options["dry_run"])
        except IntegrityError as error:
            raise CommandError(f"Nothing was loaded. The database refused it: {str(error).splitlines()[0]}") from error
        self.show(report)
        if options["dry_run"]:
            self.stdout.write("This was a dry run: nothing was written.")

    def show(self, report: Report) -> None:
        for kind in LEVELS:
            self.stdout.write(
                f"{kind:<11}{report.new[kind]:>5} new{report.filled[kind]:>6} filled"
                f"{report.unchanged[kind]:>6} unchanged"
            )
        for remark in report.remarks:
            self.stdout.write(f"- {remark}")
        if report.changed_nothing:
            self.stdout.write("Every region was there already and none had anything to fill: nothing was changed.")
