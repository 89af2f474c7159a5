"""Marking what was searched for in a text: its words, their families, and what is spelled like them."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from django.db import connection
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crimewatch.records.search import words_of

#: Which of some words are of the family of what is sought, and which are spelled like it; all are folded already.
KIN = """
    SELECT sought, word, is_family
    FROM (
        SELECT sought, word, strict_word_similarity(sought, word) >= 0.5 AS is_like,
            left(sought, 3) = left(word, 3) AND crimewatch_stems(word) @@ crimewatch_stem_query(sought) AS is_family
        FROM unnest(%s::text[]) AS sought, unnest(%s::text[]) AS word
    ) AS pairs
    WHERE is_family OR is_like
"""


def with_families(query: str, texts: list[str]) -> str:
    """The words of ``query`` that say something, and those words of ``texts`` by which they were found: of the same
    family or, where a text has neither the word nor its family, spelled much like it."""
    words = [folded(word)[0] for word in words_of(query)]
    plain = [folded(text)[0] for text in texts]
    others = {other for text in plain for other in re.findall(r"\w+", text) if not any(word in other for word in words)}
    if not words or not others:
        return " ".join(words)
    with connection.cursor() as cursor:
        cursor.execute(KIN, [words, sorted(others)])
        kin = cursor.fetchall()
    found = list(words)
    for word in words:
        family = [other for sought, other, is_family in kin if sought == word and is_family]
        alike = [other for sought, other, is_family in kin if sought == word and not is_family]
        found += family or (alike if not any(word in text for text in plain) else [])
    return " ".join(found)


@lru_cache(maxsize=500)
def folded(text: str) -> tuple[str, Sequence[int]]:
    """``text`` without accents and capitals, and for each of its letters the place that it had in ``text``.

    A page asks for each of its texts several times: which words it has, what lies around them, where they are marked.
    """
    letters = [folded_letter(letter) for letter in text]
    return "".join(letters), [place for place, letter in enumerate(letters) for _ in letter]


@lru_cache(maxsize=2_000)
def folded_letter(letter: str) -> str:
    """``letter`` without accent and capital: none, one or several letters."""
    parts = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def matches(text: str, query: str) -> list[tuple[int, int]]:
    """Where the words of ``query`` stand in ``text``: beginning and end of each place, in order, none over another."""
    plain, places = folded(text)
    taken: set[int] = set()
    for word in folded(query)[0].split():
        found = plain.find(word)
        while found >= 0:
            taken.update(places[found : found + len(word)])
            found = plain.find(word, found + len(word))
    spans: list[tuple[int, int]] = []
    for place in sorted(taken):
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return spans


def marked(text: str, query: str) -> SafeString:
    """``text``, escaped, with the words of ``query`` in ``<mark>``, accents and capitals aside."""
    pieces: list[SafeString] = []
    end = 0
    for begin, next_end in matches(text, query):
        pieces += [format_html("{}", text[end:begin]), format_html("<mark>{}</mark>", text[begin:next_end])]
        end = next_end
    pieces.append(format_html("{}", text[end:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def excerpt(text: str, query: str, length: int = 220) -> str:
    """The part of ``text`` around the first word of ``query`` in it, cut between words."""
    if len(text) <= length:
        return text
    spans = matches(text, query)
    begin = max(0, spans[0][0] - length // 3) if spans else 0
    begin = text.rfind(" ", 0, begin) + 1
    part = text[begin : begin + length]
    whole = part.rpartition(" ")[0] if begin + length < len(text) and " " in part else part
    return f"{'… ' if begin else ''}{whole}{' …' if begin + length < len(text) else ''}"
