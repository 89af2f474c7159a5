"""Fields that records and claims share: partial dates as typed, and texts derived for search and sorting."""

from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.search import SearchVectorField
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from crimewatch.records import edtf


def validate_edtf(text: str) -> None:
    """Raise ``ValidationError`` with one sentence unless ``text`` is EDTF (ISO 8601-2) of level 0 or 1."""
    try:
        edtf.parse(text)
    except edtf.EDTFError as error:
        raise ValidationError(str(error), code="edtf") from error


class EDTFField(models.CharField):
    """A partial or uncertain date, kept as it was typed.

    The text is EDTF (ISO 8601-2), levels 0 and 1, such as ``2017``, ``2017-03``, ``1990/1999``, ``2016-10/..`` or
    ``199X``; empty where nothing is known. Pair it with a :func:`period_of` column, which holds the days it may cover.
    """

    default_validators = [validate_edtf]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)
        # No period is as long as the column: `validate_edtf` refuses every longer text, and one sentence is enough.
        self.validators.remove(MaxLengthValidator(self.max_length))

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value.strip() if isinstance(value, str) else value

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        """Takes a text of any length, so that it is kept as typed and gets the sentence on dates."""
        return super().formfield(*args, **{"max_length": None, **kwargs})


def period_of(field: str) -> models.GeneratedField:
    """A stored ``daterange`` of the days that the EDTF text in ``field`` may cover; null where that is empty.

    An open or unknown end is unbounded. The database derives it, so rows that arrive by COPY or SQL have it too.
    """
    return models.GeneratedField(
        expression=models.Func(models.F(field), function="edtf_daterange"),
        output_field=DateRangeField(null=True),
        db_persist=True,
        null=True,
        verbose_name=_("days covered"),
    )


def is_edtf(*fields: str) -> models.Q:
    """The condition that the texts in ``fields`` are EDTF or empty, as the database sees it."""
    condition = models.Q()
    for field in fields:
        days = models.Func(models.F(field), function="edtf_daterange", output_field=DateRangeField())
        condition &= models.Q(**{field: ""}) | models.Q(IsNull(days, rhs=False))
    return condition


def not_blank(field: str) -> models.Q:
    """The condition that the text in ``field`` has more than white space."""
    return ~models.Q(**{f"{field}__regex": r"^\s*$"})


def folded(field: str) -> models.GeneratedField:
    """A stored copy of ``field`` without accents and in lower case: what names are sorted by."""
    return models.GeneratedField(
        expression=models.Func(models.F(field), function="crimewatch_fold"),
        output_field=models.TextField(),
        db_persist=True,
    )


def search_key_of(name: str, aliases: str | models.Func | None, *codes: str) -> models.GeneratedField:
    """A stored, folded text of a record's name, aliases and codes: what free-text search looks into."""
    others: list[models.F | models.Value]
    others = [models.F(code) for code in codes] or [models.Value("", output_field=models.TextField())]
    return models.GeneratedField(
        expression=models.Func(
            models.F(name),
            _column(aliases) if aliases else models.Value(None, output_field=models.TextField()),
            *others,
            function="crimewatch_search_key",
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )


def record_stems_of(name: str, aliases: str | models.Func, *texts: str) -> models.GeneratedField:
    """Stored word families, English and Spanish, of a record's name and aliases and, with less weight, of its texts."""
    return _stems("crimewatch_record_stems", models.F(name), _column(aliases), *map(models.F, texts))


def claim_stems_of(*texts: str) -> models.GeneratedField:
    """Stored word families, English and Spanish, of a claim's texts."""
    return _stems("crimewatch_claim_stems", *map(models.F, texts))


def _column(name: str | models.Func) -> models.F | models.Func:
    return models.F(name) if isinstance(name, str) else name


def _stems(function: str, *texts: models.F | models.Func) -> models.GeneratedField:
    return models.GeneratedField(
        expression=models.Func(*texts, function=function, output_field=SearchVectorField()),
        output_field=SearchVectorField(),
        db_persist=True,
    )
