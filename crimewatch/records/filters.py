"""What every list can be narrowed by, and how an address that makes no sense is answered: with a sentence."""

from collections.abc import Collection, Mapping
from typing import Any

import django_filters
from django.db import models
from django.db.models import Q, Value
from django.db.models.lookups import Contains
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crimewatch.records import edtf, facets
from crimewatch.records.facets import Counts, Tally
from crimewatch.records.filter_fields import (
    LONGEST_TEXT,
    NOTHING,
    Asked,
    FilterField,
    PeriodField,
    RecordField,
    WordsField,
)
from crimewatch.records.models import Status
from crimewatch.records.options import PLACE
from crimewatch.records.querysets import IsAmong, sees_drafts
from crimewatch.records.search import Fold

#: What stands in a list's address beside its filters.
OPTIONS = ("sort", "columns", "page", "after", "before", "format")

NOTHING_FITS = Q(pk__in=[])


class AskedFilter(django_filters.Filter):
    """A filter that can be turned round: rows that the condition holds of or, with ``!``, all others."""

    field_class: type[FilterField] = FilterField

    #: Whether what it finds depends on who asks beyond what they may see, such as collections of their own.
    is_personal = False

    def filter(self, queryset: Any, asked: Asked | None) -> Any:
        if asked is None:
            return queryset
        condition = self.condition(queryset.model, asked.value)
        return queryset.exclude(condition) if asked.is_inverted else queryset.filter(condition)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        """What holds of the rows of ``model`` that have ``value``, or anything at all where that is None."""
        raise NotImplementedError


class ChoiceFilter(AskedFilter):
    """Rows whose column has one of the words of a vocabulary."""

    field_class = WordsField

    def __init__(self, *args: Any, choices: Any, may_be_empty: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, choices=choices, may_be_empty=may_be_empty, **kwargs)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.field_name}__gt": ""})
        return Q(**{f"{self.field_name}__in": value})

    #: SQL for the word by which a row is found, from its column, to count the rows beside each choice; empty where they
    #: are not counted.
    word_sql = "{column}::text"

    @property
    def may_be_empty(self) -> bool:
        return bool(self.extra["may_be_empty"])


class YesNoFilter(ChoiceFilter):
    """Rows of which something is so, or not."""

    word_sql = "CASE WHEN {column}::boolean THEN 'yes' ELSE 'no' END"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=[("yes", _("yes")), ("no", _("no"))], **kwargs)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return Q(**{f"{self.field_name}__in": [word == "yes" for word in value]})


class RecordFilter(AskedFilter):
    """A filter by the key of a record of the kind ``record``, or by those of several, one of which will do."""

    field_class = RecordField

    def __init__(self, record: type[models.Model], *args: Any, **kwargs: Any) -> None:
        self.record = record
        kwargs.setdefault("label", record._meta.verbose_name)
        super().__init__(*args, max_length=LONGEST_TEXT, **kwargs)

    @property
    def field(self) -> RecordField:
        field: RecordField = super().field
        field.queryset = self.visible
        field.widget.attrs |= self.proposing()
        return field

    def proposing(self) -> dict[str, str]:
        """How the page asks for keys while one is typed: they become options of the list beside the field."""
        name = next(name for name, each in self.parent.filters.items() if each is self)
        options = f"keys-of-{name}"
        return {
            "list": options,
            "hx-get": reverse("records:keys", args=[self.record._meta.model_name]),
            "hx-trigger": "input changed delay:150ms",
            "hx-target": f"#{options}",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
        }

    @property
    def visible(self) -> Any:
        """The records of the kind that the viewer may see."""
        objects: Any = self.record._default_manager
        return objects.visible_to(self.parent.request.user)


class WithinFilter(RecordFilter):
    """Rows that are one of the records or lie in one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, may_be_empty=False, **kwargs)

    def condition(self, model: type[models.Model], value: Any) -> Q:
        objects: Any = model._default_manager
        return Q(pk__in=objects.within(*value).order_by().values("pk"))


class LinkedFilter(RecordFilter):
    """Rows whose own field ``field_name`` links to one of the records or to what lies in one."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        # Only through what the viewer may see: a draft must not show by what it is linked to.
        meant = self.visible if value is None else self.visible.within(*value)
        linked = model._default_manager.order_by().filter(**{f"{self.field_name}__in": meant.order_by().values("pk")})
        return Q(pk__in=linked.values("pk"))


class PeriodFilter(AskedFilter):
    """Rows with a date that may lie in a period."""

    field_class = PeriodField

    def condition(self, model: type[models.Model], value: Any) -> Q:
        return during(self.field_name, value)


class TextFilter(AskedFilter):
    """Rows with something that contains the text that is asked for, accents and case aside."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=LONGEST_TEXT, **kwargs)


class HoldingFilter(TextFilter):
    """Rows whose column contains the text."""

    def condition(self, model: type[models.Model], value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.field_name}__gt": ""})
        return Q(Contains(Fold(self.field_name), Fold(Value(value))))


class SearchFilter(django_filters.CharFilter):
    """Rows found by free text, the best match first."""

    def filter(self, queryset: Any, value: str) -> Any:
        return queryset.search(value) if value else queryset


def during(field: str, value: str | None) -> Q:
    """What holds of rows whose range ``field`` may overlap the EDTF ``value``, or is known at all where that is None.

    It is false, and not unknown, of rows without a date, so that it can be turned round.
    """
    dated = Q(**{f"{field}__isnull": False})
    if value is None:
        return dated
    period = edtf.parse(value)
    return dated & Q(**{f"{field}__overlap": (period.earliest, period.after_latest)})


class ListFilterSet(django_filters.FilterSet):
    """Filters that stand in an address. Where one makes no sense the list is empty and says why."""

    q = SearchFilter(label=_("search"), max_length=LONGEST_TEXT)

    #: Whether to find out how many rows fit takes much longer than to find some, so that fewer are counted.
    is_laborious = False

    def misplaced(self) -> list[str]:
        """A sentence for each parameter of the address that is no filter, or is given twice."""
        problems = []
        for name in self.data:
            if name in OPTIONS or name.startswith(PLACE):
                continue
            if name not in self.filters:
                known = ", ".join(self.filters)
                problems.append(
                    _("There is no filter “%(name)s” here; there are: %(known)s.")
                    % {"name": name[:LONGEST_TEXT], "known": known}
                )
            elif len(self.data.getlist(name)) > 1 and not isinstance(self.filters[name], ChoiceFilter):
                problems.append(_("The filter “%(name)s” is given twice; give it once.") % {"name": name})
        return [str(problem) for problem in problems]

    def makes_sense(self) -> bool:
        return not self.misplaced() and not self.errors

    @property
    def given(self) -> dict[str, Any]:
        """What each filter that is used is asked for."""
        return {name: asked for name, asked in self.form.cleaned_data.items() if asked}

    @property
    def qs(self) -> Any:
        """The rows that fit; none where the address makes no sense."""
        return super().qs if self.makes_sense() else self.queryset.none()

    def filter_queryset(self, queryset: Any) -> Any:
        return self.narrowed(queryset, self.given)

    def narrowed(self, queryset: Any, given: Mapping[str, Any]) -> Any:
        """Those of ``queryset`` that fit what is ``given``, a part of what the address asks for."""
        for name, asked in given.items():
            queryset = self.filters[name].filter(queryset, asked)
        return queryset

    #: The keys of all rows that fit, where somebody has found that out by ``sifted``.
    known_keys: Collection[int] | None = None

    def candidates(self) -> Any:
        """The rows that all filters leave but those that are slow for all rows and quick for some; None without such.

        ``sifted`` tells which of some candidates those leave too. ``qs`` fits all filters.
        """
        return None

    def sifted(self, keys: Collection[int]) -> set[int]:
        """The keys of those of some candidates that fit the other filters too."""
        return set(keys)

    def facets(self, at_least: int = 0) -> dict[str, Counts]:
        """How many rows each word of each choice would leave, all other filters as they are, by filter and word.

        Who knows that there are ``at_least`` so many rows spares the database reading them, if that is too many.
        """
        if at_least > facets.MOST_ROWS:
            return dict.fromkeys(self.counted_choices())
        tally = Tally()
        if self.makes_sense():
            self.count_choices(tally)
        return tally.run()

    def counted_choices(self) -> list[str]:
        """The names of the filters beside whose choices stand numbers where there are not too many rows."""
        return [name for name, each in self.filters.items() if getattr(each, "word_sql", "")]

    def count_choices(self, tally: Tally) -> None:
        """Have ``tally`` count the choices of this list."""

    def counted_apart(self, filters: Mapping[str, Any]) -> dict[str, list[str]]:
        """The names of choice ``filters``, those that are used each by itself: its own choice must not narrow it."""
        apart: dict[str, list[str]] = {}
        for name, choice in filters.items():
            if getattr(choice, "word_sql", None):
                apart.setdefault(name if name in self.given else "", []).append(name)
        return apart

    def given_without(self, name: str) -> dict[str, Any]:
        return {other: asked for other, asked in self.given.items() if other != name}


class RecordFilterSet(ListFilterSet):
    """What records of all kinds can be narrowed by; by status only for those who may see drafts."""

    status = ChoiceFilter(label=_("status"), choices=Status.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_drafts(self.request.user, self.queryset.model):
            del self.filters["status"]

    def own_choices(self) -> dict[str, ChoiceFilter]:
        """The filters by a column of the records themselves."""
        return {name: each for name, each in self.filters.items() if isinstance(each, ChoiceFilter)}

    def count_choices(self, tally: Tally) -> None:
        for apart, names in self.counted_apart(self.own_choices()).items():
            self.add_records(tally, apart)
            for name in names:
                tally.count(name, f"records {apart}", self.filters[name].word_sql)
                if self.filters[name].may_be_empty:
                    tally.count_rest(name, NOTHING, f"records {apart}")

    def add_records(self, tally: Tally, apart: str) -> None:
        """The records that all filters but the one ``apart`` leave."""
        names = [name for name, each in self.own_choices().items() if each.word_sql]
        if self.known_keys is not None and not apart:
            records = self.queryset.filter(IsAmong("pk", self.known_keys)).order_by()
        else:
            records = self.narrowed(self.queryset, self.given_without(apart)).order_by()
        columns = [self.filters[name].field_name for name in names]
        tally.add_rows(f"records {apart}", ["record", *names], records.values_list("pk", *columns))
