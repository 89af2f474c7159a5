"""What a merge would do, field by field and table by table, and what stands in its way, before anything is done."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import CharField, Count, Max, Value
from django.db.models.expressions import RawSQL
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crimewatch.citations.models import Claim
from crimewatch.curation.changes import in_words
from crimewatch.curation.merging.references import (
    Reference,
    columns_by_table,
    references_to,
    tying,
)
from crimewatch.records import readable
from crimewatch.records.history import events_of
from crimewatch.records.models import Record, Status
from crimewatch.records.profiles import Piece, link

STAYS, GOES = "stays", "goes"

#: Fields that are joined, kept by the database, or say when the row was written.
NOT_CHOSEN = frozenset({"id", "aliases", "past_slugs", "created_at", "updated_at"})


class CannotMergeError(Exception):
    """It cannot be merged; the message is one sentence for the person who asked."""


@dataclass
class Field:
    """A field of the two records, or several that belong together, with both values as a person reads them."""

    names: tuple[str, ...]
    label: str
    stays: list[Piece]
    goes: list[Piece]
    default: str
    is_conflict: bool
    #: Why the value of the one or the other cannot be chosen; empty where either can.
    fixed: str = ""

    @property
    def name(self) -> str:
        return self.names[0]


@dataclass
class Moved:
    """How many rows of a table name the record that goes, as far as the viewer may see."""

    label: str
    number: int


@dataclass
class Tie:
    """A claim that names both, and would tie the record to itself."""

    claim: Claim
    kind: str

    @property
    def key(self) -> str:
        return f"{self.claim._meta.label_lower}:{self.claim.pk}"


@dataclass
class Preview:
    """Two records of one kind, of which ``gone`` would go into ``kept``, as ``user`` sees it."""

    kept: Any
    gone: Any
    user: Any
    references: list[Reference] = field(init=False)

    def __post_init__(self) -> None:
        self.references = references_to(type(self.gone))

    @property
    def model(self) -> Any:
        return type(self.kept)

    @cached_property
    def stamp(self) -> str:
        """The last change of each of the two: a form that was made before another change is stale."""
        events = events_of(self.model).objects.filter(pgh_obj_id__in=[self.kept.pk, self.gone.pk])
        last = dict(events.order_by().values_list("pgh_obj_id").annotate(Max("pgh_id")))
        return f"{last.get(self.kept.pk, 0)}.{last.get(self.gone.pk, 0)}"

    # Fields

    @cached_property
    def fields(self) -> list[Field]:
        """What can be chosen, those first that both have and that differ."""
        together = {name: names for names in self.model.fields_together for name in names}
        seen: set[str] = set()
        found: list[Field] = []
        for column in self.model._meta.concrete_fields:
            if column.generated or column.name in NOT_CHOSEN | seen:
                continue
            names = together.get(column.name, (column.name,))
            seen.update(names)
            if made := self._field(names):
                found.append(made)
        return sorted(found, key=lambda each: not each.is_conflict)

    def _field(self, names: tuple[str, ...]) -> Field | None:
        columns = [self.model._meta.get_field(name) for name in names]
        stays, goes = ([value_of(record, column) for column in columns] for record in (self.kept, self.gone))
        if stays == goes:
            return None
        fixed, default = "", GOES if not any(is_filled(value) for value in stays) else STAYS
        pair = {self.kept.pk, self.gone.pk}
        if names[0] == "status":
            default = STAYS if self.kept.status == Status.PUBLISHED or self.gone.status != Status.PUBLISHED else GOES
        elif names[0] == "parent" and (set(stays) | set(goes)) & pair:
            default = STAYS if stays[0] not in pair else GOES
            fixed = _("One of the two lies in the other: what that one lies in is taken.")
        return Field(
            names,
            capfirst(" · ".join(str(column.verbose_name) for column in columns)),
            self.pieces(columns, stays),
            self.pieces(columns, goes),
            default,
            is_conflict=any(map(is_filled, stays)) and any(map(is_filled, goes)),
            fixed=fixed,
        )

    def pieces(self, columns: list[Any], values: list[Any]) -> list[Piece]:
        """Values as a person reads them; a record that the viewer may not see has no name."""
        found = []
        for column, value in zip(columns, values, strict=True):
            if not is_filled(value):
                continue
            if isinstance(column, models.ForeignKey):
                record = self._named.get((column.related_model, value))
                found.append(link(record) if record else Piece(_("something that you may not see")))
            else:
                found += [Piece(in_words(column, each)) for each in (value if isinstance(value, list) else [value])]
        return found

    @cached_property
    def _named(self) -> dict[tuple[Any, Any], Record]:
        """The records that the two name and the viewer may see."""
        wanted: dict[Any, set[int]] = {}
        for column in self.model._meta.concrete_fields:
            if isinstance(column, models.ForeignKey):
                keys = {value_of(record, column) for record in (self.kept, self.gone)} - {None}
                wanted.setdefault(column.related_model, set()).update(keys)
        return {
            (model, record.pk): record
            for model, keys in wanted.items()
            if keys
            for record in model.objects.visible_to(self.user).filter(pk__in=keys)
        }

    def aliases(self, name: str) -> list[str]:
        """The aliases of the record under ``name``: those of both, and the name given up where an alias can hold it."""
        longest = self.model._meta.get_field("aliases").base_field.max_length
        names = [each for each in (self.kept.name, self.gone.name) if len(each) <= longest]
        joined = dict.fromkeys([*self.kept.aliases, *names, *self.gone.aliases])
        return [alias for alias in joined if alias != name]

    def past_slugs(self) -> list[str]:
        """The keys that lead on to the record."""
        return list(dict.fromkeys([*self.kept.past_slugs, self.kept.slug, *self.gone.past_slugs, self.gone.slug]))

    # What names the record that goes

    @cached_property
    def moved(self) -> list[Moved]:
        """What would name the one that stays, by table and role, as far as the viewer may see; one query."""
        parts = []
        for number, reference in enumerate(self.references):
            rows = reference.rows(self.gone)
            if hasattr(reference.model._default_manager.all(), "visible_to"):
                seen = reference.model._default_manager.visible_to(self.user).order_by().values("pk")
                rows = rows.filter(pk__in=seen)
            place = Value(str(number), output_field=CharField())
            parts.append(rows.annotate(place=place).values("place").annotate(number=Count("pk")))
        rows = parts[0].union(*parts[1:], all=True).values_list("place", "number")
        return [
            Moved(self._label(self.references[int(place)], number), number) for place, number in sorted(rows) if number
        ]

    def _label(self, reference: Reference, number: int) -> str:
        options = reference.model._meta
        if reference.is_link:
            owner: Any = next(key.related_model for key in options.get_fields() if isinstance(key, models.ForeignKey))
            return _("links of %(kinds)s") % {"kinds": owner._meta.verbose_name_plural}
        kinds = str(options.verbose_name if number == 1 else options.verbose_name_plural)
        plain = {getattr(reference.model, "subject", ""), "source"}
        if reference.kind_column or reference.column.removesuffix("_id") in plain:
            return kinds
        return f"{kinds} ({reference.role})"

    # What stands in the way

    @cached_property
    def ties(self) -> list[Tie]:
        """The claims that would tie the record to itself, of those that the viewer may see."""
        found = []
        for model, columns in columns_by_table(self.references).items():
            if issubclass(model, Claim) and len(columns) > 1:
                rows = model.objects.visible_to(self.user).with_records().filter(tying(columns, self.kept, self.gone))
                found += [Tie(claim, str(model._meta.verbose_name)) for claim in rows]
        return found

    def refusals(self) -> Iterator[str]:
        """A sentence for each reason why ``user`` cannot merge the two at all, telling of nothing unseen."""
        missing = list(self._missing_rights())
        yield from missing
        if not missing:
            yield from self._in_the_tree()
            yield from self._doubled()

    def hidden_refusals(self) -> Iterator[str]:
        """The same of what ``user`` may not see: said only to who could merge the two and tries to."""
        if self._unseen_ties():
            yield _("A claim that you may not see names both: merged, it would tie the record to itself.")

    def _missing_rights(self) -> Iterator[str]:
        options = self.model._meta
        for action, sentence in (
            ("change", _("You may not change %(kinds)s: a merge changes one and deletes the other.")),
            ("delete", _("You may not delete %(kinds)s: a merge changes one and deletes the other.")),
        ):
            if not self.user.has_perm(f"{options.app_label}.{action}_{options.model_name}"):
                yield sentence % {"kinds": options.verbose_name_plural}
        # Whether there are any now is not asked: it could be something unseen.
        naming = {each.model for each in self.references if issubclass(each.model, Claim | Record)} - {self.model}
        closed = sorted(
            str(model._meta.verbose_name_plural)
            for model in naming
            if not self.user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}")
        )
        if closed:
            sentence = _("You may not change %(kinds)s, which may name the record that goes.")
            yield sentence % {"kinds": ", ".join(closed)}
        differ = sorted(self.kept.restricted_to) != sorted(self.gone.restricted_to)
        if differ and not self.user.has_perm(f"{options.app_label}.restrict_{options.model_name}"):
            yield _("The two are not restricted to the same groups, and you may not change who sees a record.")

    def _in_the_tree(self) -> Iterator[str]:
        if not hasattr(self.kept, "parent_id"):
            return
        for upper, lower in ((self.kept, self.gone), (self.gone, self.kept)):
            if lower.parent_id == upper.pk:
                continue
            if self.model.objects.filter(pk=upper.pk).filter(pk__in=above(lower)).exists():
                yield _("“%(lower)s” lies further below “%(upper)s” in the tree: move it there first.") % {
                    "lower": lower.slug,
                    "upper": upper.slug,
                }

    def _unseen_ties(self) -> bool:
        for model, columns in columns_by_table(self.references).items():
            if issubclass(model, Claim) and len(columns) > 1:
                rows = model._base_manager.filter(tying(columns, self.kept, self.gone))
                if rows.exclude(pk__in=[tie.claim.pk for tie in self.ties if isinstance(tie.claim, model)]).exists():
                    return True
        return False

    def _doubled(self) -> Iterator[str]:
        """Rows of which only one may be there for a record, where both have one."""
        for reference in self.references:
            if reference.is_link or reference.kind_column:
                continue
            number = reference.what_both_have(self.kept, self.gone).count()
            if number:
                yield ngettext(
                    "Both have one of “%(kinds)s”, and a record has only one: delete one of the two first.",
                    "Both have %(count)s of “%(kinds)s”, and a record has only one of each: delete those of one first.",
                    number,
                ) % {"count": readable.number(number), "kinds": reference.model._meta.verbose_name_plural}


def value_of(record: Any, column: Any) -> Any:
    """What a column holds: of a file its name, of a foreign key the number."""
    value = getattr(record, column.attname)
    return str(value) if isinstance(column, models.FileField) else value


def is_filled(value: Any) -> bool:
    return value not in (None, "", [], False)


def above(record: Any) -> RawSQL:
    """The numbers of what ``record`` lies in, at whatever height."""
    table = record._meta.db_table
    statement = f"""
        WITH RECURSIVE above (id, parent_id) AS (
            SELECT id, parent_id FROM {table} WHERE id = %s
            UNION SELECT upper.id, upper.parent_id FROM above JOIN {table} AS upper ON upper.id = above.parent_id
        )
        SELECT parent_id FROM above WHERE parent_id IS NOT NULL
    """
    return RawSQL(statement, [record.pk])  # noqa: S611 - the name of the table is the model's
