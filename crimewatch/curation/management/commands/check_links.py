"""``manage.py check_links --go``: ask the addresses of sources whether they still lead somewhere."""

import time
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandParser
from django.db import IntegrityError
from django.db.models import F, Q, QuerySet, Subquery
from django.utils import timezone

from crimewatch.citations.models import Source
from crimewatch.curation.quality.links import Asker
from crimewatch.curation.quality.models import LinkCheck, LinkOutcome


def positive(text: str) -> float:
    """A number above nothing. Raises `ArgumentTypeError` with a sentence for anything else."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise ArgumentTypeError(f"“{text}” is not a number above 0")
    return number


def not_negative(text: str) -> float:
    return 0.0 if text.strip() in {"0", "0.0"} else positive(text)


class Command(BaseCommand):
    help = (
        "Ask the addresses of sources whether they still lead somewhere, and keep the answers for the quality desk. "
        "Without --go it only says how many it would ask. Those asked longest ago come first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--go", action="store_true", help="ask them; without it nothing leaves this machine")
        parser.add_argument("--limit", type=int, default=500, help="ask so many at most (500)")
        parser.add_argument(
            "--days", type=not_negative, default=30, help="leave out what was asked in as many days (30)"
        )
        parser.add_argument("--pause", type=not_negative, default=2, help="seconds between two questions to a host (2)")
        parser.add_argument("--timeout", type=positive, default=20, help="seconds for one address at most (20)")
        parser.add_argument("--max-bytes", type=int, default=65_536, help="read no more of an answer (65536)")
        parser.add_argument(
            "--allow-private",
            action="store_true",
            help="ask hosts of private networks and this machine too, such as an archive in the house",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        sources = due(options["days"])[: max(0, options["limit"])]
        if not options["go"]:
            self.stdout.write(f"{len(sources)} addresses would be asked. Add --go to ask them.")
            return
        asker = Asker(
            seconds=options["timeout"],
            bytes_read=max(0, options["max_bytes"]),
            allows_private=options["allow_private"],
        )
        told: Counter[str] = Counter()
        for source in in_turn(sources, options["pause"]):
            answer = asker.ask(source.url)
            try:
                LinkCheck.objects.create(
                    source_id=source.pk,
                    url=source.url,
                    outcome=answer.outcome,
                    status=answer.status,
                    detail=answer.detail,
                )
            except IntegrityError:  # the source was deleted, or merged into another, while its address was asked
                continue
            told[answer.outcome] += 1
            if answer.outcome != LinkOutcome.ANSWERS or answer.detail:
                self.stdout.write(f"{source.slug}: {answer.outcome}. {answer.detail}".rstrip())
        counts = ", ".join(f"{told[outcome]} {outcome}" for outcome in LinkOutcome.values if told[outcome])
        self.stdout.write(f"{sum(told.values())} addresses were asked{': ' + counts if counts else ''}.")


def due(days: float) -> QuerySet[Source]:
    """The sources whose present address was not asked in so many days, the longest ago first."""
    last = LinkCheck.objects.latest_of_source().values("checked_at")[:1]
    rows = Source.objects.exclude(url="").exclude(status="withdrawn").annotate(asked_at=Subquery(last))
    rows = rows.filter(Q(asked_at=None) | Q(asked_at__lte=timezone.now() - timedelta(days=days)))
    return rows.order_by(F("asked_at").asc(nulls_first=True), "pk").only("slug", "url")


def in_turn(sources: Iterable[Source], pause: float) -> Iterable[Source]:
    """``sources`` one after the other, each host no sooner than ``pause`` seconds after it was asked last."""
    asked: dict[str, float] = {}
    for source in sources:
        host = urlsplit(source.url).netloc.casefold()
        if host in asked:
            time.sleep(max(0.0, asked[host] + pause - time.monotonic()))
        yield source
        asked[host] = time.monotonic()
