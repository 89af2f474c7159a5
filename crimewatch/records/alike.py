"""Records that are much like one that somebody types: by names, by codes, and by what only one of them should have."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.postgres.lookups import TrigramStrictWordSimilar
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, Concat, Lower, NullIf

from crimewatch.records.search import Fold

#: Names are alike from this share of common trigrams on (`similarity` of pg_trgm): one letter more, less or other in
#: a name of two words, the same words in another order.
ALIKE = 0.6

#: So many are proposed to who types.
PROPOSED = 5

#: The highest likeness of some names to the name and aliases of a row.
LIKENESS = """
    (SELECT max(similarity(crimewatch_fold(typed), crimewatch_fold(known)))
    FROM unnest(%s::text[]) AS typed, unnest({table}.aliases || {table}.name) AS known)
"""


class Identity(NamedTuple):
    """Something that only one record of a kind should have: worked out of some fields, null where there is nothing."""

    fields: tuple[str, ...]
    expression: Callable[..., Any]
    #: How strongly it tells that two are one; see `curation.duplicates.models.Likeness`.
    strength: float

    def of_rows(self) -> Any:
        """What the stored rows have."""
        return self.expression(*map(F, self.fields))

    def of(self, typed: Mapping[str, str]) -> Any:
        """What a row with these texts would have."""
        texts = (Value(str(typed.get(name) or ""), output_field=models.TextField()) for name in self.fields)
        return self.expression(*texts)


def alike(records: Any, names: Sequence[str], typed: Mapping[str, str]) -> list[Any]:
    """Those of ``records`` that are most like what is typed, the likest first, each with its ``likeness``, 0 to 2.

    ``names`` are the name and aliases, ``typed`` other fields by name. Both may be empty or nonsense.
    """
    model = records.model
    names = [" ".join(name.split()) for name in names if name.strip()]
    condition, sure = Q(pk__in=[]), Q(pk__in=[])
    for name in names[:10]:
        condition |= Q(TrigramStrictWordSimilar(F("search_key"), Fold(Value(name))))
    for field in model.codes:
        if code := str(typed.get(field) or "").strip():
            sure |= Q(**{f"{field}_as_text": code})
    own = {f"own_{name}": identity.of_rows() for name, identity in model.identities.items()}
    for name, identity in model.identities.items():
        if any(typed.get(field) for field in identity.fields):
            sure |= Q(**{f"own_{name}": identity.of(typed)})
    codes = {f"{field}_as_text": Cast(field, models.TextField()) for field in model.codes}
    likeness = RawSQL(LIKENESS.format(table=model._meta.db_table), [list(names)], models.FloatField())  # noqa: S611
    rows = records.alias(**own, **codes).annotate(
        likeness=models.Case(models.When(sure, then=Value(2.0)), default=Coalesce(likeness, Value(0.0)))
    )
    found = rows.filter(condition | sure).filter(likeness__gte=ALIKE)
    return list(found.order_by("-likeness", "pk").defer(*model.heavy_fields)[:PROPOSED])


def alike_to(record: Any, records: Any) -> list[Any]:
    """Those of ``records`` that are most like one of them, the likest first."""
    own = {field.name: str(getattr(record, field.attname) or "") for field in record._meta.concrete_fields}
    return alike(records.exclude(pk=record.pk), [record.name, *record.aliases], own)


# What two records of one thing have in common


def without(text: Any, pattern: str) -> models.Func:
    """A text without what a pattern finds."""
    return models.Func(
        text, Value(pattern), Value(""), Value("g"), function="regexp_replace", output_field=models.TextField()
    )


def same_doi(doi: Any, url: Any) -> Any:
    """The DOI, given as such or in the address, in small letters."""
    in_address = models.Func(
        Lower(url),
        Value(r"doi\.org/(10\.[0-9]{4,9}/[^?#[:space:]]+)"),
        function="substring",
        output_field=models.TextField(),
    )
    return without(Coalesce(NullIf(Lower(doi), Value("")), in_address), r"[.,;/]+$")


def same_address(url: Any) -> Any:
    """An address without what makes no other page of it: scheme, ``www``, fragment, campaign marks, last slash."""
    plain = without(Lower(url), r"^https?://(www\.|m\.)?|#.*$")
    unmarked = without(plain, r"(?<=[?&])(utm_[^&]*|fbclid=[^&]*|gclid=[^&]*)(&|$)")
    return NullIf(without(unmarked, r"[/?&]+$"), Value("", output_field=models.TextField()))


def same_title_and_date(name: Any, issued: Any) -> Any:
    """The letters and digits of the title, and the day of issue; nothing where the day is not known."""
    letters = without(Fold(name), "[^[:alnum:]]+")
    return models.Case(
        models.When(models.lookups.Exact(issued, Value("")), then=None),
        default=Concat(letters, Value("|"), issued, output_field=models.TextField()),
        output_field=models.TextField(),
    )
