"""The journal of one record or claim, as its pages show it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from crimewatch.curation.models import JournalEntry

#: So many entries stand on a record's page; the page of its journal has them all.
SHOWN = 5


@dataclass(frozen=True)
class Journal:
    """Some entries, the latest first, each with its answers; how many there are, and how many questions are open."""

    entries: list[JournalEntry]
    number: int
    open_questions: int


def journal_of(row: Any, start: int, stop: int) -> Journal:
    entries = JournalEntry.objects.about(row).beginnings()
    answers = JournalEntry.objects.order_by("pk").select_related("author")
    shown = list(entries.with_people().prefetch_related(Prefetch("answers", answers))[start:stop])
    if start == 0 and len(shown) < stop:
        return Journal(shown, len(shown), sum(entry.is_open for entry in shown))
    return Journal(shown, entries.count(), entries.still_open().count())
