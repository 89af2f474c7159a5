"""The phrases in which lists, reports, the admin and exports ask for claims."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.contrib.postgres.fields import DecimalRangeField
from django.db import models
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from crimewatch.citations.search import Sought
from crimewatch.records import edtf
from crimewatch.records.querysets import IsAmong, SearchableQuerySet, hidden_from, sees_drafts, sees_published

if TYPE_CHECKING:
    from crimewatch.records.models import Record
    from crimewatch.records.querysets import Viewer

_Model_co = TypeVar("_Model_co", bound=models.Model, covariant=True)


class HidesNothing(Func):
    """Whether none of the records that some foreign keys lead to is among those that SQL finds: the hidden ones.

    Claims of twenty kinds stand in one list, and each names up to five records. Said so, it takes Django and the
    database's planner a tenth of the time that joining them takes.
    """

    output_field = BooleanField()

    def __init__(self, hidden: Mapping[Any, tuple[str, tuple[Any, ...]]], *, few: bool = False) -> None:
        """Where ``few`` rows will be looked at, each record is looked up by its key, and nothing is read beforehand."""
        self.hidden = tuple((field.null, *ids) for field, ids in hidden.items())
        self.few = few
        super().__init__(*(F(field.name) for field in hidden))

    def as_sql(self, compiler: Any, *_args: Any, **_kwargs: Any) -> tuple[str, list[Any]]:
        conditions, values = [], []
        for column, (may_be_empty, ids, parameters) in zip(self.get_source_expressions(), self.hidden, strict=True):
            sql, own = compiler.compile(column)
            if self.few:
                # A lookup that stands for a value is done row by row; said with EXISTS it would be made a join. The
                # planner takes IS NULL to be rare, and would sort what an index has in order.
                conditions.append(f"NOT coalesce((SELECT true FROM ({ids} AND id = {sql}) AS hidden), false)")
                values += [*parameters, *own]
                continue
            condition = f"{sql} NOT IN ({ids})"
            conditions.append(f"({condition}) IS NOT FALSE" if may_be_empty else condition)
            values += [*own, *parameters]
        return f"({' AND '.join(conditions)})", values


class ClaimQuerySet(SearchableQuerySet[_Model_co]):
    """Claims by viewer, date, source and state."""

    def record_fields(self) -> list[Any]:
        """The foreign keys that lead to records, the source included."""
        return mentioned_record_fields(self.model)

    def with_records(self) -> Self:
        """With every record that the claim names, in the same query."""
        return self.select_related(*(field.name for field in self.record_fields()))

    def with_context(self) -> Self:
        """With every record that the claim names and what those records' labels need, in the same query."""
        paths: list[str] = []
        heavy: list[str] = []
        for field in self.record_fields():
            record = field.related_model
            context = _paths(record._default_manager.with_context().query.select_related, field.name)
            paths += [field.name, *context]
            # Every step of a record's context is of the record's own kind: what a region lies in is a region.
            heavy += [f"{path}__{name}" for path in [field.name, *context] for name in record.heavy_fields]
        return self.select_related(*paths).defer(*heavy)

    def visible_to(self, user: "Viewer", *, few: bool = False) -> Self:
        """What ``user`` may see: a claim is as public as the least public record or source that it names.

        Staff who may see this kind of claim see it unless it names the draft of a kind of record that they may not see.
        ``few`` changes nothing but the way in which it is found out: it is quick where a few thousand rows are looked
        at, for the page of a list, and slow where all of a table are.
        """
        if not sees_published(user):
            return self.none()
        sees_claims = sees_drafts(user, self.model)
        return self._hiding_nothing(
            user, lambda field: not (sees_claims and sees_drafts(user, field.related_model)), few=few
        )

    def open_to(self, user: "Viewer") -> Self:
        """All but the claims that name a record or source which is restricted to groups that ``user`` is not in."""
        return self._hiding_nothing(user, lambda _field: False)

    def _hiding_nothing(self, user: "Viewer", with_drafts: Callable[[Any], bool], *, few: bool = False) -> Self:
        """The claims that name no record which is hidden from ``user``; of some fields drafts are hidden as well."""
        hidden = {
            field: hidden_from(user, field.related_model, with_drafts=with_drafts(field))
            for field in self.record_fields()
        }
        looked_at = {field: ids for field, ids in hidden.items() if ids[0]}
        return self.filter(HidesNothing(looked_at, few=few)) if looked_at else self

    def during(self, text: str) -> Self:
        """Claims whose days may overlap those of the EDTF ``text``; raises ``EDTFError`` where that is not EDTF."""
        period = edtf.parse(text)
        return self.filter(period__overlap=(period.earliest, period.after_latest))

    def about(self, record: "Record") -> Self:
        """Claims that name ``record`` or what lies within it: below it in its tree or, for a region, overlapping it."""
        return self.filter(names_of(self.model, type(record), type(record).objects.within(record)))

    def with_rivals(self, user: "Viewer", *, apart: bool = False, few: bool = False) -> Self:
        """Figures that another source contradicts, as far as ``user`` may see; claims of other kinds have no rivals.

        ``few`` says, as in ``visible_to``, that only the first of them will be looked at, and changes nothing else.

        Rivals name the same records, measure the same in periods that may overlap, come from different sources and do
        not give the same values. With ``apart``, only rivals in the same unit count whose ranges do not touch.
        """
        if not any(field.name == "indicator" for field in self.model._meta.concrete_fields):
            return self.none()
        values = Func(F("low"), F("best"), F("high"), template="ROW(%(expressions)s)::text", output_field=TextField())
        rivals = self.model._default_manager.visible_to(user, few=few).order_by()  # type: ignore[attr-defined]
        for field in self.record_fields():
            if field.name != "source":
                same = Q(**{field.name: OuterRef(field.name)})
                nothing = Q(**{f"{field.name}__isnull": True}) & Q(IsNull(OuterRef(field.name), rhs=True))
                rivals = rivals.filter(same | nothing if field.null else same)
        rivals = rivals.filter(period__overlap=OuterRef("period")).exclude(source=OuterRef("source"))
        rivals = rivals.annotate(values=values).exclude(values=OuterRef("own_values"))
        rows = self.alias(own_values=values)
        if apart:
            # Where one end is not given, the best value stands for it; of “at least” and “at most” it is open.
            ends = Coalesce("low", "best"), Coalesce("high", "best"), Value("[]")
            values_range = Func(*ends, function="numrange", output_field=DecimalRangeField())
            touching = Q(values_range__overlap=OuterRef("own_range"))
            rivals = rivals.alias(values_range=values_range).filter(~touching, unit=OuterRef("unit"))
            rows = rows.alias(own_range=values_range)
        if few:  # EXISTS would be made a join, in which all rivals are found before there is a first row
            first = Subquery(rivals.annotate(is_rival=Value(value=True)).values("is_rival")[:1])
            return rows.filter(Coalesce(first, Value(value=False)))
        return rows.filter(Exists(rivals))

    def supporting(self) -> Self:
        return self.filter(stance="supports")

    def in_conflict(self) -> Self:
        return self.filter(status="conflict")

    def needing_work(self) -> Self:
        return self.filter(status__in=["work-needed", "issue"])

    def search(self, text: str, sought: Sought | None = None) -> Self:
        """Claims of which each word of ``text`` is in their own words or in a record or source that they name, or whose
        uid it is; accents, case, word families and typing errors aside.

        Unlike other phrases it asks the database at once: where the words are among the records. Who searches several
        kinds of claims for one text hands each the same ``sought``, which has asked.
        """
        if not text.split():
            return self
        sought = sought or Sought(text, [self.model])
        return self.filter(sought.places.anywhere(self))


def names_of(model: type[models.Model], kind: type[models.Model], records: Any = None) -> Q:
    """What holds of claims of ``model`` that name, in whatever role, one of ``records`` of a ``kind``, or any of it.

    ``records`` is a queryset, or a list of ids.
    """
    keys = records if records is None or isinstance(records, list) else records.order_by().values("pk")
    condition = Q(pk__in=[])
    for field in mentioned_record_fields(model):
        if field.related_model is kind:
            # False, and not unknown, where nothing is named, so that it can be turned round.
            named = Q(**{f"{field.name}__isnull": False})
            if isinstance(keys, list):
                named &= Q(IsAmong(field.name, keys))
            elif keys is not None:
                named &= Q(**{f"{field.name}__in": keys})
            condition |= named
    return condition


def mentioned_record_fields(model: type[models.Model]) -> list[Any]:
    """The foreign keys of a claim that lead to records, its source among them, in the order of its columns.

    A record is told by its ``past_slugs``: the models that migrations are made from have the fields, not the classes.
    """
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and any(column.name == "past_slugs" for column in field.related_model._meta.concrete_fields)
    ]


def _paths(related: dict[str, Any] | bool, prefix: str) -> list[str]:
    """The nested dictionary of ``select_related`` as paths below ``prefix``."""
    if not isinstance(related, dict):
        return []
    return [
        path for name, deeper in related.items() for path in (f"{prefix}__{name}", *_paths(deeper, f"{prefix}__{name}"))
    ]
