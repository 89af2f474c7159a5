"""Draw the data model as Mermaid diagrams."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from crimewatch.explorer.diagram import diagrams, with_diagrams


class Command(BaseCommand):
    help = "Draw the data model as Mermaid diagrams: print them, or draw those of a Markdown page anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--write", type=Path, metavar="PAGE", help="draw the diagrams of this page anew, such as docs/data-model.md"
        )

    def handle(self, *_args: Any, write: Path | None, **_options: Any) -> None:
        if write is None:
            for name, drawing in diagrams().items():
                self.stdout.write(f"%% {name}\n{drawing}")
            return
        page = write.read_text(encoding="utf-8")
        write.write_text(with_diagrams(page), encoding="utf-8")
