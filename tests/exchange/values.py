"""Valid values of every kind for the columns of any table, much of them what CSV, spreadsheets or editors trip over."""

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crimewatch.exchange.catalog import Table
from crimewatch.records.fields import EDTFField
from tests.records.edtf_strategies import edtf_texts

NASTY = [
    *("=1+1", "+51", "-5", "-Sendero", "@x", "\tx", "\r", "'", "''=", "a|b", "\\", "\\|", '"', 'a"b', "a,b;c", "\n"),
    *("\r\n", " x ", "Ñaupe 🚤", "e\u0301", "\u00a0", "\u2028", "\u202e", "\ufeffx", "1,5", "TRUE", "None", "#N/A"),
]
PAIRS = {"ended_on": "when", "died": "born", "dissolved": "founded"}
"""Dates that must not lie before others: only one of the two is filled in."""


def texts(longest: int | None = None) -> SearchStrategy[str]:
    longest = min(longest or 40, 40)
    drawn = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=longest)
    return st.one_of(st.sampled_from([text for text in NASTY if len(text) <= longest]), drawn)


def visible_texts(longest: int | None = None) -> SearchStrategy[str]:
    """Texts with more than white space, of which the database and Python have different ideas."""
    return texts(longest).filter(lambda text: any(sign.isalnum() for sign in text))


def numbers() -> SearchStrategy[Any]:
    return st.decimals(min_value=-(10**15), max_value=10**15, places=4, allow_nan=False)


def outlines() -> SearchStrategy[Any]:
    degrees = st.floats(min_value=-180, max_value=180)
    points = st.lists(st.tuples(degrees, degrees).map(list), min_size=4, max_size=6)
    return st.fixed_dictionaries(
        {"type": st.just("Polygon"), "coordinates": points.map(lambda ring: [ring]), "name": texts()}
    )


def optional(values: SearchStrategy[Any], *, empty: Any = "") -> SearchStrategy[Any]:
    return st.one_of(st.just(empty), values)


@st.composite
def rows(draw: st.DrawFn, table: Table, number: int) -> dict[str, Any]:
    """The fields of row `number` of a table, but for those that name records."""
    resource = table.resource()
    values = {
        name: draw(values_of(table.model._meta.get_field(name), number))
        for name in resource.columns
        if name not in resource.reference_columns
    }
    for name, other in PAIRS.items():
        if values.get(name) and values.get(other):
            values[name] = ""
    if "credibility" in values:
        settle_claim(values)
    if "restricted_to" in values:
        values["restriction_reason"] = draw(visible_texts()) if values["restricted_to"] else ""
        for name in values["restricted_to"]:
            Group.objects.get_or_create(name=name)
    if "latitude" in values:
        values["longitude"] = None if values["latitude"] is None else draw(st.decimals(-180, 180, places=6))
    if "low" in values:
        values |= dict(
            zip(("low", "best", "high"), sorted(draw(st.lists(numbers(), min_size=3, max_size=3))), strict=True)
        )
        values |= dict.fromkeys(draw(st.sampled_from([(), ("low",), ("low", "high"), ("best",)])))
    if "field" in values:
        values["field"] = draw(st.sampled_from(["", *table.model.fields_of_record()]))
    if table.name == "milestones":
        values["when"] = draw(edtf_texts())
    return values


def settle_claim(values: dict[str, Any]) -> None:
    """A locator has a type, and what is in conflict or derived has a note."""
    if not values["locator"] or not values["locator_type"]:
        values["locator"] = values["locator_type"] = ""
    if not values["note"]:
        values |= {"status": "accepted"} | ({"is_derived": False} if "is_derived" in values else {})


def values_of(field: Any, number: int) -> SearchStrategy[Any]:
    letters = st.text(alphabet="abcxyz019", min_size=1, max_size=8)
    special: dict[str, SearchStrategy[Any]] = {
        "slug": st.lists(letters, min_size=1, max_size=3).map(lambda parts: f"{'-'.join(parts)}-{number}"),
        "uid": st.text(alphabet="aZ09._-", max_size=9).map(lambda text: f"{number}{text}"),
        "past_slugs": st.lists(letters, max_size=3),
        "restricted_to": st.sampled_from([[], ["Editor"], ["Editor", "Researcher"]]),
        "url": st.sampled_from(["", "https://example.org/á?b=c|d&e='f'"]),
        "archive_url": st.sampled_from(["", "http://example.org/1"]),
        "doi": st.sampled_from(["", f'10.1000/({number}),"x"']),
        "ubigeo": st.sampled_from(["", f"{number:02}", f"{number:06}"]),
        "iso_3166": st.sampled_from(["", f"PE-{number}"]),
        "wikidata_id": st.sampled_from(["", f"Q{number + 1}"]),
        "geonames_id": st.sampled_from([None, number]),
        "iccs": st.sampled_from(["", "06", "0601"]),
        "latitude": st.one_of(st.none(), st.decimals(-90, 90, places=6)),
        "outline": st.one_of(st.none(), outlines()),
        "unit": visible_texts() if not field.blank else optional(visible_texts()),
        "order": st.integers(1, 32767),
        "status": st.sampled_from([value for value, label in field.flatchoices if value != "published"]),
    }
    return special[field.name] if field.name in special else values_by_type(field)


def values_by_type(field: Any) -> SearchStrategy[Any]:
    if field.choices:
        values = [value for value, label in field.flatchoices]
        return st.sampled_from([*values, None if field.null else ""] if field.blank else values)
    if isinstance(field, EDTFField):
        return optional(edtf_texts())
    if isinstance(field, ArrayField):
        return st.lists(texts().filter(bool), max_size=3)
    if isinstance(field, models.BooleanField):
        return st.booleans()
    if isinstance(field, models.DecimalField):
        return st.none()
    return texts(field.max_length) if field.blank else visible_texts(field.max_length)
