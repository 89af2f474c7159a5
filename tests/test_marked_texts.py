"""No page shows a text that was never marked for translation.

The pages are asked for in a language that puts brackets around every text that goes through translation, and the data
are Greek: Latin letters outside of brackets are words that somebody has forgotten to mark.
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction
from django.db.models.functions import Cast
from django.test import Client
from django.utils.translation import trans_real

from crimewatch.explorer import querysets
from tests.kinds import CLAIMS, RECORDS
from tests.pages import make_everything, pages

GREEK = "Ωμέγα"

#: What is the same in every language: names, formats, codes, the words of a command.
SAME = re.compile(
    r"""
    \b (?: CrimeWatch | CSV | Excel | XLSX | csv | JSON | GeoJSON | UTF-(?:8|16) | EDTF | DOI | ISBN | uid | Uid
    | UBIGEO | ISO | ICCS | GeoNames | Wikidata | SHA-256 | BibTeX | CSL-JSON | APA | Chicago | EN | ES | English
    | Español | UTC | GraphML | zip | Ctrl | Alt | True | False | null ) \b
    | \b [a-z]+-[0-9]+ \b                    # past keys: the database keeps them
    | \b (?: de | a\ las ) \b | [ap]\.m\.   # what the Spanish form of dates puts between their parts
    """,
    re.VERBOSE,
)

#: What the helpers of the tests put into rows, which the history has kept.
DATA = re.compile(
    r"(?:Source|Indicator|Region|Activity|Route|Group|Person|Agency|Program) [0-9]+"
    r"|It is so\.|It began\.|It works in part\.|hectare|head"
)

BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
LATIN = re.compile(r"[A-Za-zÀ-ÿ]{2,}")


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put brackets around every text that goes through translation, those of statements that are kept among them."""
    gettext, ngettext = trans_real.DjangoTranslation.gettext, trans_real.DjangoTranslation.ngettext
    monkeypatch.setattr(trans_real.DjangoTranslation, "gettext", lambda *args: f"⟦{gettext(*args)}⟧")
    monkeypatch.setattr(trans_real.DjangoTranslation, "ngettext", lambda *args: f"⟦{ngettext(*args)}⟧")
    querysets._rows_by_key.cache_clear()
    yield
    querysets._rows_by_key.cache_clear()


@pytest.fixture
def greek(db: None) -> dict[Any, Any]:
    """A row of every kind, with Greek words in all its texts and numbers for its keys."""
    rows = make_everything()
    for model in [*RECORDS, *CLAIMS]:
        for field in model._meta.concrete_fields:
            value = greek_value(field)
            if value is not None:
                set_where_allowed(model, field, value)
    User.objects.update(username=GREEK)
    Role.objects.update(name=Cast("pk", models.TextField()))
    return {model: model.objects.get(pk=row.pk) for model, row in rows.items()}


def greek_value(field: Any) -> Any:
    if field.generated or field.choices or field.is_relation or field.name == "past_slugs":
        return None
    if field.name in ("slug", "uid"):
        return Cast("pk", models.TextField())
    if isinstance(field, ArrayField):
        return [GREEK]
    return GREEK if isinstance(field, models.CharField | models.TextField) else None


def set_where_allowed(model: Any, field: Any, value: Any) -> None:
    """Write a value unless the rules of the field forbid it: dates, codes and addresses stay as they are."""
    try:
        with transaction.atomic():
            model.objects.update(**{field.name: value})
            connection.check_constraints()
    except DatabaseError:
        pass


class Texts(HTMLParser):
    """The texts of a page that a person may read or hear, those that scripts take from it included."""

    SILENT = {"style", "code", "pre", "kbd", "samp"}
    READ = {"title", "alt", "placeholder", "label", "aria-label", "aria-description", "aria-valuetext"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.within: list[str] = []
        #: How deep the element lies that is marked as not to be translated, if the parser is inside of one.
        self.left_as_it_is: int | None = None
        self.is_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in {"input", "br", "hr", "img", "link", "meta", "col", "wbr", "source"}:
            self.within.append(tag)
            if given.get("translate") == "no" and self.left_as_it_is is None:
                self.left_as_it_is = len(self.within)
        self.is_data = tag == "script" and given.get("type") == "application/json"
        for name, value in given.items():
            if name in self.READ:
                self.found.append(value)
            elif name.startswith("data-"):
                self.found += sentences(value)
            elif name == "value" and tag == "input" and given.get("type") in {"submit", "button", "reset"}:
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass
        if self.left_as_it_is is not None and len(self.within) < self.left_as_it_is:
            self.left_as_it_is = None

    def handle_data(self, data: str) -> None:
        if "script" in self.within:
            self.found += sentences(data) if self.is_data else []
        elif not self.SILENT & set(self.within) and self.left_as_it_is is None:
            self.found.append(data)


def sentences(data: str) -> Iterator[str]:
    """The texts in data for scripts that have the look of words for people: several, or with a capital."""
    try:
        values = list(leaves(json.loads(data)))
    except ValueError:
        values = [data]
    yield from (value for value in values if re.search(r"[a-z] [a-z]|\A[A-Z][a-z]+\Z", value))


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)


def unmarked(html: str) -> set[str]:
    """The words of a page that did not go through translation."""
    parser = Texts()
    parser.feed(html)
    # A text with tags in it comes in parts, so that its brackets are looked for in the page as a whole.
    rest, removed = "\x1f".join(parser.found), 1
    while removed:
        rest, removed = BRACKETED.subn(" ", rest)
    words = (" ".join(text.split())[:150] for text in rest.split("\x1f"))
    return {text for text in words if LATIN.search(SAME.sub(" ", DATA.sub(" ", text)))}


def walk(client: Client, addresses: dict[str, str]) -> list[str]:
    """What is not marked on the pages at ``addresses``, each text with the first page that shows it."""
    found: dict[str, str] = {}
    for name, address in addresses.items():
        response = client.get(address, headers={"accept-language": "es"})
        assert response.status_code < 500, address
        if response.headers.get("content-type", "").startswith("text/html") and response.status_code != 302:
            for text in unmarked(response.content.decode()):
                found.setdefault(text, name)

    return sorted(f"{name}: {text}" for text, name in found.items())


def test_a_word_that_is_not_marked_is_found():
    page = (
        '<p title="⟦Título⟧">⟦⟦dos⟧ y ⟦tres⟧⟧ Ωμέγα</p><a aria-label="Close">CSV</a><b data-text="Show all">12</b>'
        '<dd lang="en" translate="no"><i>A title.</i> Last modified</dd><b>Open</b>'
    )

    assert unmarked(page) == {"Close", "Show all", "Open"}


@pytest.mark.parametrize("is_staff", [False, True], ids=["visitor", "editor"])
def test_no_page_of_the_site_shows_an_unmarked_text(bracketed, greek, client, settings, is_staff):
    settings.SITE_IS_PUBLIC = True
    if is_staff:
        client.force_login(User.objects.create_superuser("Άννα"))
    addresses = {name: address for name, address in pages(greek).items() if not name.startswith("admin:")}
    addresses |= {
        f"{name} with nonsense": f"{address}?region=12345&during=x&page=0&sort=x&columns=x&kind=x&zz=1&q=%00&format=x"
        for name, address in addresses.items()
    }
    addresses["nowhere"] = "/12345/"

    found = walk(client, addresses)

    assert not found, "\n".join(found)


def test_no_page_of_the_admin_shows_an_unmarked_text(bracketed, greek, client):
    client.force_login(User.objects.create_superuser("Άννα"))

    found = walk(client, {name: address for name, address in pages(greek).items() if name.startswith("admin:")})

    assert not found, "\n".join(found)
