"""Everything that names a record: found among the models, so that no table is forgotten when two become one."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q

from crimewatch.records.models import Record

Model = type[models.Model]


def record_kinds() -> dict[str, Any]:
    """Every kind of record by the name that it has in addresses."""
    return {str(model._meta.model_name): model for model in apps.get_models() if issubclass(model, Record)}


class Reference(NamedTuple):
    """A column that names records of a kind; ``kind_column`` where it may name rows of other tables as well."""

    model: Any
    column: str
    kind_column: str = ""

    def naming(self, record: Record) -> Q:
        """The condition of a row that names ``record``."""
        condition = Q(**{self.column: record.pk})
        if self.kind_column:
            condition &= Q(**{self.kind_column: ContentType.objects.get_for_model(type(record))})
        return condition

    def rows(self, record: Record) -> Any:
        """The rows that name ``record``, seen or not."""
        return self.model._base_manager.filter(self.naming(record)).order_by()

    @property
    def is_link(self) -> bool:
        """Whether the table holds nothing but links of many to many."""
        return bool(self.model._meta.auto_created)

    @property
    def name(self) -> str:
        """What the column is called where a merge keeps which rows it moved."""
        return f"{self.model._meta.label_lower}.{self.column}"

    @property
    def is_noted(self) -> bool:
        """Whether a merge keeps by itself which rows it moved, instead of reading it from the history.

        So it is with rows that only speak of a record: what is added to them later does not stand in the way back. And
        with those of tables without a history, such as what the addresses of sources answered.
        """
        return bool(self.kind_column) or not has_history(self.model)

    @property
    def role(self) -> Any:
        """What the record is to the row, in words."""
        return self.model._meta.get_field(self.column).verbose_name

    def what_both_have(self, kept: Record, gone: Record) -> Any:
        """The rows that name ``gone`` and would be there twice once they named ``kept``."""
        twice = Q(pk__in=[])
        for names in unique_together(self.model):
            if self.column in names:
                others = [name for name in names if name not in (self.column, self.kind_column)]
                same = self.rows(kept).filter(**{name: OuterRef(name) for name in others})
                twice |= Q(Exists(same))
        return self.rows(gone).filter(twice)


def references_to(kind: Model) -> list[Reference]:
    """Every column that names records of ``kind``: foreign keys, links of many to many, and generic keys.

    What the history has kept stays as it was written, and a view has no rows of its own.
    """
    found = [
        Reference(relation.related_model, relation.field.attname)
        for relation in kind._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel) and is_written(relation.related_model)
    ]
    return [*found, *generic_references()]


def generic_references() -> Iterator[Reference]:
    """The columns that name rows of any table, by its kind and number."""
    for model in apps.get_models():
        for field in model._meta.private_fields:
            if isinstance(field, GenericForeignKey) and is_written(model):
                yield Reference(model, field.fk_field, field.ct_field)


def is_written(model: Any) -> bool:
    """Whether rows of ``model`` are written by us: neither a view's nor the history's."""
    return bool(model._meta.managed) and not model._meta.proxy and not hasattr(model, "pgh_tracked_model")


def has_history(model: Any) -> bool:
    """Whether the states of the rows of ``model`` are kept; those of links are, by a stand-in for their model."""
    return any(hasattr(each, "pgh_event_model") for each in (model, *model.__subclasses__()))


def unique_together(model: Any) -> Iterator[tuple[str, ...]]:
    """The columns of which no two rows may have the same, by ``attname``."""
    plain = [
        *model._meta.unique_together,
        *(plain_fields(each) for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)),
        *((field.name,) for field in model._meta.concrete_fields if field.unique and not field.primary_key),
    ]
    for names in filter(None, plain):
        yield tuple(model._meta.get_field(name).attname for name in names)


def plain_fields(constraint: models.UniqueConstraint) -> tuple[str, ...]:
    """The names of the fields that a constraint is about; none where it is about something worked out from them."""
    named = [each.name for each in constraint.expressions if isinstance(each, models.F)]
    return (*constraint.fields, *named) if len(named) == len(constraint.expressions) else ()


def columns_by_table(references: list[Reference]) -> dict[Any, list[str]]:
    """The foreign keys among ``references`` by table."""
    found: dict[Any, list[str]] = {}
    for reference in references:
        if not reference.kind_column:
            found.setdefault(reference.model, []).append(reference.column)
    return found


def tying(columns: list[str], kept: Record, gone: Record) -> Q:
    """The condition of a row that would name one record twice: it names both, or ``gone`` in two places."""
    both = (kept.pk, gone.pk)
    condition = Q(pk__in=[])
    for number, one in enumerate(columns):
        for other in columns[number + 1 :]:
            pair = Q(**{f"{one}__in": both, f"{other}__in": both})
            condition |= pair & (Q(**{one: gone.pk}) | Q(**{other: gone.pk}))
    return condition
