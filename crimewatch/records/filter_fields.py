"""What stands in an address behind a filter's name, read: a value, ``!`` before what is left out, or ``none``."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from crimewatch.records.fields import validate_edtf

#: How much free text a filter takes: more than any name, less than what makes a search slow.
LONGEST_TEXT = 200

#: Stands before what is left out.
NOT = "!"

#: Asks for what has nothing there. A record whose key this is can still be named by its name: None.
NOTHING = "none"


@dataclass(frozen=True)
class Asked:
    """What a filter is asked for: rows with ``value`` or, where that is None, with anything there at all."""

    value: Any
    #: Whether those rows are left out instead.
    is_inverted: bool = False


class FilterField(forms.CharField):
    """A value as an address gives it: ``puno``, ``!puno`` for all that it leaves out, ``none`` for nothing there."""

    #: Whether a row can have nothing there, so that ``none`` is an answer.
    may_be_empty = True

    #: What could be left out here, for the sentence that says so.
    example = "puno"

    def __init__(self, *, may_be_empty: bool = True, **kwargs: Any) -> None:
        self.may_be_empty = may_be_empty
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "off")

    def clean(self, value: Any) -> Asked | None:
        text = super().clean(value)
        if not text:
            return None
        is_inverted, rest = text.startswith(NOT), text.removeprefix(NOT).strip()
        if not rest:
            raise ValidationError(
                _("Write behind “!” what is to be left out, as in !%(example)s."), params={"example": self.example}
            )
        if rest == NOTHING and self.may_be_empty:
            return Asked(None, not is_inverted)
        return Asked(self.read(rest), is_inverted)

    def read(self, text: str) -> Any:
        """The value that ``text`` means; raises ``ValidationError`` where it means none."""
        return text


class ChoiceField(forms.ChoiceField):
    """One of a list of words; another is answered with all of them."""

    def validate(self, value: str) -> None:
        if value and not self.valid_value(value):
            raise ValidationError(
                _("“%(value)s” is not among the choices: %(words)s."),
                params={"value": value[:LONGEST_TEXT], "words": ", ".join(self.words())},
                code="choice",
            )
        super().validate(value)

    def words(self) -> list[str]:
        """All that may be chosen."""
        return [str(key) for key, _label in list(self.choices) if key]  # type: ignore[arg-type]


#: How many records one filter takes at most: each is looked up by itself.
MOST_RECORDS = 20


class RecordField(FilterField):
    """The key of a record that the viewer may see, or several: ``puno``, ``puno,vraem``.

    Of keys of records that the viewer may not see it says what it says of keys that nothing has.
    """

    queryset: Any

    def read(self, text: str) -> tuple[models.Model, ...]:
        keys = keys_in(text)
        if len(keys) > MOST_RECORDS:
            raise ValidationError(
                _("%(number)s keys are too many for one filter; it takes %(most)s."),
                params={"number": len(keys), "most": MOST_RECORDS},
                code="number",
            )
        found = self.queryset.by_slugs(filter(None, map(slugify, keys)))
        for key in keys:
            if slugify(key) not in found:
                raise ValidationError(self.unknown(key), code="unknown")
        return tuple({record.pk: record for record in (found[slugify(key)] for key in keys)}.values())

    def unknown(self, text: str) -> str:
        kind = self.queryset.model._meta.verbose_name
        sentence = _("There is no %(kind)s with the key “%(value)s”.") % {"kind": kind, "value": text}
        near = [record.slug for record in self.queryset.search(text)[:3]]
        if not near:
            return str(sentence)
        return str(_("%(sentence)s Near it: %(keys)s.") % {"sentence": sentence, "keys": ", ".join(near)})


def keys_in(text: str) -> list[str]:
    """The keys that stand in ``text`` with commas between them, each once; ``text`` itself where there are none."""
    return list(dict.fromkeys(key.strip() for key in text.split(",") if key.strip())) or [text]


class PeriodField(FilterField):
    """A date or an interval in EDTF: 2017, 2016-10/.., 1990/1999."""

    example = "2017"

    def read(self, text: str) -> str:
        validate_edtf(text)
        return text


class WholeNumberField(FilterField):
    """How many at least, from 1; with ``!``, fewer than that."""

    example = "2"

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(max_length=LONGEST_TEXT, may_be_empty=False, **kwargs)
        self.widget.attrs["inputmode"] = "numeric"

    def read(self, text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= len(str(self.most)) and 1 <= int(text) <= self.most:
            return int(text)
        sentence = _("“%(value)s” is not a number here: write a whole number from 1 to %(most)s, as in 2.")
        raise ValidationError(sentence, params={"value": text, "most": self.most}, code="number")


class WordsInput(forms.Widget):
    """Reads the words of a vocabulary however they are given: ``kind=port,river``, or a box ticked for each."""

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> str:
        return joined(data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""])


def joined(values: Iterable[str]) -> str:
    """Several values of one filter as one: an ``!`` among them stands before all."""
    words = [word.strip() for value in values for word in value.split(",") if word.strip()]
    inverted = any(word.startswith(NOT) for word in words)
    given = dict.fromkeys(word.removeprefix(NOT).strip() for word in words)
    text = ",".join(word for word in given if word)
    return f"{NOT}{text}" if inverted else text


class WordsField(FilterField):
    """One or several words of a vocabulary, ``port,river``; another word is answered with all that there are."""

    widget = WordsInput

    def __init__(self, *, choices: Iterable[tuple[Any, Any]], **kwargs: Any) -> None:
        self.choices = [(str(word), label) for word, label in choices]
        super().__init__(**kwargs)
        self.example = self.choices[0][0]

    def read(self, text: str) -> tuple[str, ...]:
        known = dict(self.choices)
        words = text.split(",")
        for word in words:
            if word == NOTHING and self.may_be_empty:
                raise ValidationError(_("“none” stands alone or not at all."), code="choice")
            if word not in known:
                raise ValidationError(
                    _("“%(value)s” is not among the choices: %(words)s."),
                    params={"value": word[:LONGEST_TEXT], "words": ", ".join(self.words)},
                    code="choice",
                )
        return tuple(words)

    @property
    def words(self) -> list[str]:
        """All words that can be asked for."""
        return [*(word for word, _label in self.choices), *([NOTHING] if self.may_be_empty else [])]
