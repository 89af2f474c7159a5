"""What every list can be narrowed by, and how an address that makes no sense is answered: with a sentence."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from crimewatch.records import edtf
from crimewatch.records.fields import validate_edtf
from crimewatch.records.models import Status
from crimewatch.records.querysets import sees_drafts

#: How much free text a filter takes: more than any name, less than what makes a search slow.
LONGEST_TEXT = 200

#: What stands in a list's address beside its filters.
OPTIONS = ("sort", "columns", "page", "format")


class RecordField(forms.CharField):
    """The key of a record that the viewer may see; of others it says what it says of keys that nothing has."""

    queryset: Any

    def clean(self, value: Any) -> models.Model | None:
        text = super().clean(value)
        if not text:
            return None
        key = slugify(text)
        found: models.Model | None = self.queryset.by_slug(key).first() if key else None
        if found is None:
            raise ValidationError(self.unknown(text), code="unknown")
        return found

    def unknown(self, text: str) -> str:
        kind = self.queryset.model._meta.verbose_name
        sentence = _("There is no %(kind)s with the key “%(value)s”.") % {"kind": kind, "value": text}
        near = [record.slug for record in self.queryset.search(text)[:3]]
        if not near:
            return str(sentence)
        return str(_("%(sentence)s Near it: %(keys)s.") % {"sentence": sentence, "keys": ", ".join(near)})


class PeriodField(forms.CharField):
    """A date or an interval in EDTF: 2017, 2016-10/.., 1990/1999."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=edtf.LONGEST_TEXT, validators=[validate_edtf], **kwargs)


class ChoiceField(forms.ChoiceField):
    """One of a list of words; another is answered with all of them."""

    def validate(self, value: str) -> None:
        if value and not self.valid_value(value):
            words = ", ".join(self.words())
            raise ValidationError(
                _("“%(value)s” is not among the choices: %(words)s."),
                params={"value": value[:LONGEST_TEXT], "words": words},
                code="choice",
            )
        super().validate(value)

    def words(self) -> list[str]:
        """All that may be chosen."""
        return [str(key) for key, _label in list(self.choices) if key]  # type: ignore[arg-type]


class ChoiceFilter(django_filters.Filter):
    """Rows whose column has one of the words of a vocabulary."""

    field_class: type[ChoiceField] = ChoiceField

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=[("", _("any")), *choices], **kwargs)


class RecordFilter(django_filters.Filter):
    """A filter by the key of a record of the kind ``record``."""

    field_class = RecordField

    def __init__(self, record: type[models.Model], *args: Any, **kwargs: Any) -> None:
        self.record = record
        kwargs.setdefault("label", record._meta.verbose_name)
        super().__init__(*args, max_length=LONGEST_TEXT, **kwargs)

    @property
    def field(self) -> RecordField:
        field: RecordField = super().field
        objects: Any = self.record._default_manager
        field.queryset = objects.visible_to(self.parent.request.user)
        return field


class WithinFilter(RecordFilter):
    """Rows that are the record or lie in it."""

    def filter(self, queryset: Any, value: models.Model | None) -> Any:
        return queryset if value is None else queryset.within(value)


class LinkedFilter(RecordFilter):
    """Rows whose own field ``field_name`` links to the record or to what lies in it."""

    def filter(self, queryset: Any, value: models.Model | None) -> Any:
        if value is None:
            return queryset
        # Only through what the viewer may see: a draft must not show by what it is linked to.
        within = self.field.queryset.within(value).order_by().values("pk")
        linked = queryset.model._default_manager.order_by().filter(**{f"{self.field_name}__in": within})
        return queryset.filter(pk__in=linked.values("pk"))


class SearchFilter(django_filters.CharFilter):
    """Rows found by free text, the best match first."""

    def filter(self, queryset: Any, value: str) -> Any:
        return queryset.search(value) if value else queryset


class ListFilterSet(django_filters.FilterSet):
    """Filters that stand in an address. Where one makes no sense the list is empty and says why."""

    q = SearchFilter(label=_("search"), max_length=LONGEST_TEXT)

    def misplaced(self) -> list[str]:
        """A sentence for each parameter of the address that is no filter, or is given twice."""
        problems = []
        for name in self.data:
            if name in OPTIONS:
                continue
            if name not in self.filters:
                known = ", ".join(self.filters)
                problems.append(
                    _("There is no filter “%(name)s” here; there are: %(known)s.")
                    % {"name": name[:LONGEST_TEXT], "known": known}
                )
            elif len(self.data.getlist(name)) > 1:
                problems.append(_("The filter “%(name)s” is given twice; give it once.") % {"name": name})
        return [str(problem) for problem in problems]

    def makes_sense(self) -> bool:
        return not self.misplaced() and not self.errors

    @property
    def qs(self) -> Any:
        """The rows that fit; none where the address makes no sense."""
        return super().qs if self.makes_sense() else self.queryset.none()

    def filter_queryset(self, queryset: Any) -> Any:
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset


class RecordFilterSet(ListFilterSet):
    """What records of all kinds can be narrowed by; by status only for those who may see drafts."""

    status = ChoiceFilter(label=_("status"), choices=Status.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_drafts(self.request.user, self.queryset.model):
            del self.filters["status"]
