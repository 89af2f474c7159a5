"""Looks records through for pairs that may be one; the page /duplicates/ shows them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crimewatch.curation.duplicates.finding import look_through
from crimewatch.curation.merging.references import record_kinds


class Command(BaseCommand):
    """For a timer, such as once a night."""

    help = "Looks records through for pairs that may be one, all kinds or those named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kinds", nargs="*", metavar="kind", help="such as group, source; without any, all kinds")

    def handle(self, *_args: Any, **options: Any) -> None:
        kinds = record_kinds()
        for name in options["kinds"]:
            if name not in kinds:
                raise CommandError(f"There is no kind of record “{name}”; there are: {', '.join(sorted(kinds))}.")
        for name in options["kinds"] or kinds:
            number = look_through(kinds[name])
            if options["verbosity"]:
                self.stdout.write(f"{name}: {number} pairs")
