"""Between the text in a cell and the value of a field, for every kind of field that travels by CSV.

A widget's `clean` raises `ValidationError` with one sentence for each mistake in the cell.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from crimewatch.records.fields import EDTFField
from crimewatch.records.models import Record

from .cells import is_plain_number, is_text, join_list, plain_number, split_list
from .keys import KeyIndex, Later
from .results import shortened

# Far more digits than any field holds; a longer text would only take long to read.
LONGEST_NUMBER = 60


#: So many mistakes of one cell with several keys are told: a cell may hold a hundred thousand of them.
MOST_OF_A_CELL = 100


class CellWidget(Widget):
    """A cell. `is_required` says that it must not be empty, `expects` what to write into it."""

    def __init__(self, *, is_required: bool = False) -> None:
        super().__init__()
        self.is_required = is_required

    @property
    def expects(self) -> str:
        return _("some text")

    def clean(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        text = "" if value is None else str(value)
        refuse_what_is_no_text(text)
        if text.strip():
            return self.read(text)
        if self.is_required:
            raise ValidationError(_("The cell must not be empty: write %(expected)s.") % {"expected": self.expects})
        return self.blank()

    def read(self, text: str) -> Any:
        """The value that `text`, which is not blank, stands for."""
        return text

    def blank(self) -> Any:
        """The value of an empty cell."""
        return ""

    def render(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        return "" if value is None else str(value)


class TextWidget(CellWidget):
    """Text as it stands, spaces included."""

    def clean(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        if not value or self.is_required:
            return super().clean(value)
        refuse_what_is_no_text(str(value))
        return str(value)


class CodeWidget(CellWidget):
    """A key or the like, around which spaces mean nothing. The field's own validators judge it."""

    @property
    def expects(self) -> str:
        return _("a key of letters, digits and hyphens")

    def read(self, text: str) -> str:
        return text.strip()


class DateWidget(CodeWidget):
    """A date in EDTF."""

    @property
    def expects(self) -> str:
        return _("a date in EDTF, as in 2017-05 or 1990/1999")


class ChoiceWidget(CellWidget):
    """One of the values that a field allows: the stored one, never its label."""

    def __init__(self, values: Iterable[Any], *, empty: Any = "", is_required: bool = False) -> None:
        super().__init__(is_required=is_required)
        self.values = {str(value): value for value in values}
        self.empty = empty

    def blank(self) -> Any:
        return self.empty

    @property
    def expects(self) -> str:
        return _("one of %(values)s") % {"values": ", ".join(self.values)}

    def read(self, text: str) -> Any:
        value = text.strip()
        if value not in self.values:
            raise ValidationError(
                _("“%(value)s” is not known here: write %(expected)s.")
                % {"value": shortened(value), "expected": self.expects}
            )
        return self.values[value]


class BooleanWidget(CellWidget):
    """`true` or `false`, also in the capitals and the Spanish in which spreadsheets save them."""

    values = {"true": True, "false": False, "verdadero": True, "falso": False}

    @property
    def expects(self) -> str:
        return _("true or false")

    def read(self, text: str) -> bool:
        value = self.values.get(text.strip().lower())
        if value is None:
            raise ValidationError(
                _("“%(value)s” is neither true nor false: write one of the two.") % {"value": shortened(text)}
            )
        return value

    def render(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        return "" if value is None else str(bool(value)).lower()


class IntegerWidget(CellWidget):
    """A whole number in digits."""

    def blank(self) -> None:
        return None

    @property
    def expects(self) -> str:
        return _("a whole number in digits, such as 12")

    def read(self, text: str) -> int:
        number = text.strip()
        if not is_plain_number(number) or "." in number or len(number) > LONGEST_NUMBER:
            raise ValidationError(
                _("“%(value)s” is not a whole number: write digits only, as in 12 or 3700.")
                % {"value": shortened(text)}
            )
        return int(number)


class DecimalWidget(CellWidget):
    """A number in digits, with a point before decimals."""

    def blank(self) -> None:
        return None

    @property
    def expects(self) -> str:
        return _("a number in digits, such as 55000 or 40441.18")

    def read(self, text: str) -> Decimal:
        number = text.strip()
        if not is_plain_number(number) or len(number) > LONGEST_NUMBER:
            raise ValidationError(
                _(
                    "“%(value)s” is not a plain number: write digits with nothing between thousands and a point before "
                    "decimals, as in 55000 or 40441.18."
                )
                % {"value": shortened(text)}
            )
        return Decimal(number)

    def render(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        return "" if value is None else plain_number(value)


class ListWidget(CellWidget):
    """Several texts with `|` between them."""

    @property
    def expects(self) -> str:
        return _("one or more texts with | between them")

    def read(self, text: str) -> list[str]:
        items = split_list(text)
        if "" in items:
            raise ValidationError(_("There is nothing between two |: write a text there, or one | less."))
        return items

    def blank(self) -> list[str]:
        return []

    def render(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        return join_list(value or [])


class JSONWidget(CellWidget):
    """A value as JSON on one line."""

    def blank(self) -> None:
        return None

    @property
    def expects(self) -> str:
        return _("JSON")

    def read(self, text: str) -> Any:
        try:
            value = json.loads(text)
            json.dumps(value, allow_nan=False)  # the reader takes NaN and Infinity, which are no JSON
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This is not JSON (%(reason)s).") % {"reason": str(error)}) from error
        return value

    def render(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class KeyWidget(CellWidget):
    """The key of one record of another table, or of the same."""

    index: KeyIndex

    def __init__(self, model: type[Record], *, among: dict[str, Any] | None = None, is_required: bool = False) -> None:
        super().__init__(is_required=is_required)
        self.model = model
        #: Which records may stand here, where not all of them may.
        self.among = among or {}
        self._allowed: set[int] | None = None

    @property
    def expects(self) -> str:
        return _("the key of one %(kind)s") % {"kind": self.model._meta.verbose_name}

    def forget(self) -> None:
        """Ask the database anew which records may stand here."""
        self._allowed = None

    def blank(self) -> Any:
        return None

    def read(self, text: str) -> int | Later:
        return self.one(text.strip())

    def one(self, key: str) -> int | Later:
        reference = self.index.resolve(key)
        if self.among and isinstance(reference, int) and reference not in self.allowed:
            terms = ", ".join(f"{name} {value}" for name, value in self.among.items())
            raise ValidationError(
                _("“%(key)s” is not a %(kind)s that may stand here: it takes one with %(terms)s.")
                % {"key": key, "kind": self.model._meta.verbose_name, "terms": terms}
            )
        return reference

    @property
    def allowed(self) -> set[int]:
        if self._allowed is None:
            found = self.model._default_manager.filter(**self.among).order_by()
            self._allowed = set(found.values_list("pk", flat=True))
        return self._allowed

    def render(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        return "" if value is None else self.key(value)

    def key(self, reference: int | Later) -> str:
        return reference.key if isinstance(reference, Later) else self.index.slug(reference)


class KeysWidget(KeyWidget):
    """The keys of any number of records, with `|` between them, in alphabetical order."""

    @property
    def expects(self) -> str:
        return _("keys of %(kinds)s with | between them") % {"kinds": self.model._meta.verbose_name_plural}

    def read(self, text: str) -> Any:
        references, mistakes = [], []
        for key in split_list(text):
            try:
                references.append(self.one(key))
            except ValidationError as error:
                mistakes += error.messages
            if len(mistakes) >= MOST_OF_A_CELL:
                mistakes.append(_("These are the first %(count)s mistakes of the cell.") % {"count": len(mistakes)})
                raise ValidationError(mistakes)
        for reference, times in Counter(references).items():
            if times > 1:
                mistakes.append(_("“%(key)s” stands here more than once.") % {"key": self.key(reference)})
        if mistakes:
            raise ValidationError(mistakes)
        return frozenset(references)

    def blank(self) -> Any:
        return frozenset()

    def render(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        # A key that the one who exports may not see is empty.
        return join_list(sorted(key for reference in value or [] if (key := self.key(reference))))


def refuse_what_is_no_text(text: str) -> None:
    """Raise `ValidationError` for what no database keeps as text."""
    if is_text(text):
        return
    sign = next(sign for sign in text if not is_text(sign))
    sentence = _("The cell has a character in it that is no text (%(code)s): take it out.")
    raise ValidationError(sentence % {"code": f"U+{ord(sign):04X}"})


def widget_for(field: Any) -> CellWidget:
    """The widget for a field of a model."""
    if field.choices:
        values = [value for value, label in field.flatchoices]
        return ChoiceWidget(values, empty=None if field.null else "", is_required=not field.blank)
    for kind, widget in WIDGETS.items():
        if isinstance(field, kind):
            return widget(field)
    raise TypeError(f"There is no way to write {field!r} to a CSV file.")


WIDGETS: dict[Any, Callable[[Any], CellWidget]] = {
    models.ManyToManyField: lambda field: KeysWidget(field.related_model, is_required=not field.blank),
    models.ForeignKey: lambda field: KeyWidget(
        field.related_model, among=field.get_limit_choices_to(), is_required=not field.blank
    ),
    ArrayField: lambda field: ListWidget(is_required=not field.blank),
    models.BooleanField: lambda field: BooleanWidget(is_required=not field.null),
    models.JSONField: lambda field: JSONWidget(is_required=not field.blank),
    models.IntegerField: lambda field: IntegerWidget(is_required=not field.blank),
    models.DecimalField: lambda field: DecimalWidget(is_required=not field.blank),
    EDTFField: lambda field: DateWidget(is_required=not field.blank),
    models.SlugField: lambda field: CodeWidget(is_required=not field.blank),
    (models.CharField, models.TextField): lambda field: TextWidget(is_required=not field.blank),
}
"""The widget by kind of field; the first that fits is taken."""
