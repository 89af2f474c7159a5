"""How long a look through groups for pairs that may be one takes: ``python benchmarks/duplicates.py --groups 50000``.

Names are made up, every fiftieth that of another group with one slip of the pen: how many of these are found is told.
The database is made for it and taken away in the end.
"""
# ruff: noqa: E402, S311, T201 (a script: sets Django up before it imports, prints, and plays with chance)

import os
import random
import statistics
import sys
import time
from argparse import ArgumentParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from psycopg import sql

from actors.models import Group, GroupKind
from benchmarks.databases import connect_to, make_database
from crimewatch.curation.duplicates.finding import look_through
from crimewatch.curation.duplicates.models import Likeness
from crimewatch.records.alike import alike

HEADS = ("Los", "Las", "Clan", "La Banda de", "Cartel de")
CONSONANTS = ("b", "c", "ch", "d", "f", "g", "h", "j", "l", "ll", "m", "n", "p", "qu", "r", "s", "t", "v", "z", "tr")
ENDINGS = ("", "", "n", "r", "s", "l")


class Namer:
    """Names of two or three words of 20,000, of which a few are common and most are rare."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.words = ["".join(self.syllable() for _ in range(self.chance.randint(2, 4))) for _ in range(20_000)]

    def syllable(self) -> str:
        choice = self.chance.choice
        return choice(CONSONANTS) + choice("aeiou") + choice(ENDINGS)

    def word(self) -> str:
        return self.words[int(len(self.words) * self.chance.random() ** 3)].capitalize()

    def name(self) -> str:
        place = f" de {self.word()}" if self.chance.random() < 0.5 else ""
        return f"{self.chance.choice(HEADS)} {self.word()} {self.word()}{place}"

    def misspelt(self, name: str) -> str:
        """``name`` without a letter, with one more, or with two in the wrong order."""
        place = self.chance.randrange(1, len(name) - 1)
        before, at, after = name[:place], name[place], name[place + 1 :]
        one_more = before + self.chance.choice("aeiou") + at + after
        return self.chance.choice((before + after, one_more, before + after[0] + at + after[1:]))


def fill(number: int, seed: int) -> set[tuple[str, str]]:
    """Store so many groups; returns the keys of those misspelt, each with the one that it was taken from."""
    namer = Namer(seed)
    names: list[str] = []
    planted = set()
    for place in range(number):
        if place and place % 50 == 0:
            original = namer.chance.randrange(len(names))
            planted.add((f"group-{original}", f"group-{place}"))
            names.append(namer.misspelt(names[original]))
        else:
            names.append(namer.name())
    groups = [
        Group(
            slug=f"group-{place}",
            name=name,
            kind=GroupKind.NETWORK,
            aliases=[namer.name()] if namer.chance.random() < 0.3 else [],
        )
        for place, name in enumerate(names)
    ]
    Group.objects.bulk_create(groups, batch_size=5_000)
    return planted


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--groups", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    usual, name = connection.settings_dict["NAME"], "benchmark_duplicates"
    make_database(name)
    try:
        connect_to(name)
        call_command("migrate", verbosity=0)
        planted = fill(arguments.groups, arguments.seed)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        began = time.perf_counter()
        pairs = look_through(Group)
        seconds = time.perf_counter() - began
        keys = dict(Group.objects.values_list("pk", "slug"))
        found = {(keys[one], keys[other]) for one, other in Likeness.objects.values_list("first_id", "second_id")}
        times = []
        for slug in [misspelt for _original, misspelt in sorted(planted)][:20]:
            group = Group.objects.get(slug=slug)
            began = time.perf_counter()
            alike(Group.objects.exclude(pk=group.pk), [group.name], {})
            times.append((time.perf_counter() - began) * 1000)
        print(f"Load of the machine ({os.cpu_count()} cores): {os.getloadavg()[0]:.1f}.")
        print(f"{arguments.groups:,} groups looked through in {seconds:.1f} s: {pairs:,} pairs;")
        print(f"of {len(planted):,} misspelt names {len(planted & found):,} are found with the name they come from.")
        print(f"What is like one name that is typed: median {statistics.median(times):.0f} ms.")
    finally:
        connect_to(usual)
        with connection._nodb_cursor() as cursor:  # noqa: SLF001 - Django has no public way to reach a server
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
