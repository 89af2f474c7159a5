"""Claims of several kinds as rows of one list."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case, CharField, F, Func, TextField, Value, When
from django.db.models.functions import Cast, NullIf
from django.utils.translation import get_language

from crimewatch.citations.models import Claim, Estimate
from crimewatch.explorer.models import AnyClaim
from crimewatch.records.models import Record
from crimewatch.records.prepared import MARK, Statement
from crimewatch.records.querysets import IsAmong, array_of

#: What all claims have, as the lists show it.
SHARED = (
    "uid",
    "locator_type",
    "locator",
    "quotation",
    "wording",
    "attributed_to",
    "credibility",
    "stance",
    "status",
    "when",
    "period",
    "note",
    "created_at",
)

#: What figures have besides.
FIGURES = ("low", "best", "high", "unit", "basis", "cut_off", "is_derived", "is_series_break", "source_words")


class Joined(Func):
    """Texts with something between them; what is empty leaves no trace."""

    function = "concat_ws"
    output_field = TextField()


class Trimmed(Func):
    """A number without the zeros that say nothing: 55000.0000 as 55000."""

    function = "trim_scale"


def rows_of_all(parts: Iterable[Any], *, figures: bool = False, also: tuple[str, ...] = ()) -> Any:
    """The claims of several kinds, a queryset each, as one queryset of dictionaries, which have ``also`` some names."""
    rows = [_rows(claims, figures=figures, also=also) for claims in parts]
    if not rows:
        return AnyClaim.objects.none()
    return rows[0].union(*rows[1:], all=True) if len(rows) > 1 else rows[0]


class _Rows(NamedTuple):
    """How some claims of a kind are asked for: the statement, and what its columns are called."""

    statement: Statement
    columns: tuple[str, ...]


def rows_of(claims: Mapping[type[Claim], Iterable[int]], *, figures: bool = False) -> list[dict[str, Any]]:
    """The same of claims that are told by their keys, in no order."""
    parts = [_rows_by_key(model, figures=figures, language=get_language()) for model in claims]
    keys = {_keys_of(model): array_of(pks) for model, pks in claims.items()}
    found = Statement.together(part.statement for part in parts).rows(keys)
    return [dict(zip(parts[0].columns, row, strict=True)) for row in found]


@lru_cache(maxsize=256)  # of each kind of claim, as a claim and as a figure, in some languages
def _rows_by_key(model: type[Claim], *, figures: bool, language: str) -> _Rows:  # noqa: ARG001 - it has words in it
    rows = _rows(model._default_manager.filter(IsAmong("pk", _keys_of(model))), figures=figures)
    return _Rows(Statement.of(rows), tuple(rows.query.selected))


def _keys_of(model: type[Claim]) -> str:
    """What stands for the keys of the claims of a kind."""
    return f"{{{MARK}{model._meta.model_name}}}"


def _rows(claims: Any, *, figures: bool, also: tuple[str, ...] = ()) -> Any:
    added = added_columns(claims.model, figures=figures)
    return claims.order_by().annotate(**added).values(*SHARED, *added, *(FIGURES if figures else ()), *also)


def added_columns(model: type[Claim], *, figures: bool = False) -> dict[str, Any]:
    """What is put to each row of a kind of claim besides the columns that all kinds have."""
    subject: Any = model._meta.get_field(model.subject)
    added = {
        "claim_type": _text(str(model._meta.model_name)),
        "claim_pk": F("pk"),
        "subject_type": _text(subject.related_model._meta.label_lower),
        **_names("subject", subject.name),
        **_names("source", "source"),
    }
    if figures:
        return added | {"indicator_name": F("indicator__name"), "indicator_key": F("indicator__name_key")}
    return added | {"says": Joined(_text(" · "), *_words(model))}


def _names(prefix: str, field: str) -> dict[str, Any]:
    return {
        f"{prefix}_pk": F(f"{field}__pk"),
        f"{prefix}_slug": F(f"{field}__slug"),
        f"{prefix}_name": F(f"{field}__name"),
        f"{prefix}_key": F(f"{field}__name_key"),
    }


def _words(model: type[Claim]) -> list[Any]:
    """What a claim of this kind says of its subject, column by column: other records, words of vocabularies, text."""
    if issubclass(model, Estimate):
        values = [Cast(Trimmed(name), TextField()) for name in ("low", "best", "high")]
        return [F("indicator__name"), Joined(_text(" – "), *values), F("unit")]
    shared = {field.name for field in Claim._meta.get_fields()} | {"id", "search_key", model.subject}
    own = [field for field in model._meta.concrete_fields if field.name not in shared and not field.generated]
    return [_in_words(field) for field in own if not isinstance(field, models.BooleanField)]


def _in_words(field: Any) -> Any:
    if isinstance(field, models.ForeignKey) and issubclass(field.related_model, Record):  # type: ignore[arg-type]
        return F(f"{field.name}__name")
    if field.choices:
        words = [When(**{field.name: value}, then=_text(str(label))) for value, label in field.choices]
        return Case(*words, default=None, output_field=TextField())
    return NullIf(Cast(field.name, TextField()), Value(""))


def _text(text: str) -> Any:
    return Value(text, output_field=CharField())
