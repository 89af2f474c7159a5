"""Spanish names and sentences, and partial dates of every shape, drawn from one seeded source of chance."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

#: Stands in one alias of each kind of record and in very few claims.
RARE_WORD = "quirquincho"
#: Stands in names of every kind and in a good part of all sentences.
COMMON_WORD = "santa"

WORDS: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))

EPOCH = datetime(2019, 1, 7, 9, 0, tzinfo=UTC)


class Writer:
    """Writes names, sentences and dates; the same seed writes the same."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def one(self, kind: str) -> str:
        """One of a kind of words."""
        return self.chance.choice(WORDS[kind])

    def place(self) -> str:
        """Most names are made of two or three parts, and many places share one: Santa Rosa, Alto Huánuco del Sur."""
        head = self.one("saints") if self.chance.random() < 0.3 else f"{self.one('qualities')} {self.one('places')}"
        return f"{head} {self.one('endings')}".strip()

    def person(self) -> str:
        first = " ".join(self.one("first_names") for _ in range(self.chance.randint(1, 2)))
        return f"{first} {self.one('family_names')} {self.one('family_names')}"

    def group(self) -> str:
        return f"Los {self.one('animals')} de {self.place()}"

    def agency(self) -> str:
        return f"{self.one('bodies')} {self.one('tasks')} de {self.place()}"

    def program(self) -> str:
        return f"{self.one('actions')} {self.place()} {self.chance.randint(2005, 2019)}"

    def route(self) -> str:
        return f"{self.one('goods').capitalize()} de {self.place()} a {self.place()}"

    def title(self) -> str:
        year = self.chance.randint(1995, 2019)
        return f"El {self.one('deeds')} de {self.one('goods')} en {self.place()}: informe {year}"

    def sentence(self, region: str, group: str) -> str:
        return self.one("sentences").format(region=region, group=group, deed=self.one("deeds"), goods=self.one("goods"))

    def edtf(self, first: int = 1990, last: int = 2019) -> str:
        """A partial date of one of the shapes of EDTF, from ``first`` to ``last`` or a few years later."""
        year = self.chance.randint(first, last)
        month = f"{self.chance.randint(1, 12):02}"
        day = f"{self.chance.randint(1, 28):02}"
        shapes = (
            *(f"{year}",) * 5,
            *(f"{year}-{month}",) * 4,
            *(f"{year}-{month}-{day}",) * 4,
            f"{year}/{year + self.chance.randint(1, 5)}",
            f"{year}-{month}/..",
            f"../{year}",
            f"{year}/",
            f"{year}?",
            f"{year}~",
            f"{year}-{month}%",
            f"{year // 10}X",
            f"{year}-{self.chance.randint(21, 24)}",
            f"{year}-{month}-XX",
            f"{year}-XX",
        )
        return self.chance.choice(shapes)

    def edtf_or_nothing(self, first: int = 1990, last: int = 2019) -> str:
        return self.edtf(first, last) if self.chance.random() < 0.8 else ""

    def day(self, first: int = 1995, last: int = 2019) -> str:
        return (date(first, 1, 1) + timedelta(days=self.chance.randrange((last - first + 1) * 365))).isoformat()

    def moment(self) -> datetime:
        """When somebody typed a row, within two years."""
        return EPOCH + timedelta(seconds=self.chance.randrange(2 * 365 * 86_400))
