"""Records by CSV: named by their slug, past slugs included, and published only with a claim that supports them."""

from collections.abc import Container, Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from import_export.results import Error

from crimewatch.records.models import Record, Status, unsupported_message
from crimewatch.records.workflow import NO_WORK, is_free, may_publish, needs_reason, own_work

from .entries import Entry
from .keys import FreeKeys
from .results import RefusedError, TableResult, TableRowResult
from .tables import TableResource

#: The columns that every table of records begins with, before those of its own; `summary` ends the row.
RECORD_COLUMNS = ("slug", "name", "aliases", "past_slugs", "status", "restricted_to", "restriction_reason")


class RecordResource(TableResource):
    """A table of records. A row whose key is a past slug of a record is about that record, which keeps its slug."""

    #: Columns that take a right of their own, with its name and with the values that a new row may have without it.
    guarded_columns: ClassVar = {
        "status": ("publish", [status for status in Status.values if status != Status.PUBLISHED]),
        "restricted_to": ("restrict", [[]]),
    }

    class Meta:
        import_id_fields = ("slug",)

    def look_through(self, *args: Any, **kwargs: Any) -> None:
        #: The rows of published records by primary key.
        self.published_rows: dict[int, int] = {}
        #: The rows that take a stored record back, from readers or from review, which needs a reason.
        self.rows_to_explain: set[int] = set()
        self.__dict__.pop("own_work", None)  # of an earlier import
        super().look_through(*args, **kwargs)
        self.free_keys = FreeKeys(self.index_of(self.model), self.survey.new_keys)

    def find_stored(self, keys: Iterable[str]) -> dict[str, int | ValidationError]:
        index = self.index_of(self.model)
        found: dict[str, int | ValidationError] = {}
        for key in keys:
            try:
                pk = index.stored(key)
            except ValidationError as error:
                found[key] = error
                continue
            if pk in index.closed:
                found[key] = self.closed_key(key)
            elif pk is not None:
                found[key] = pk
        index.awaited = set(keys) - found.keys()
        return found

    def read(self, entry: Entry) -> None:
        super().read(entry)
        key = entry.key(self.key)
        past = entry.after.get("past_slugs")
        # A file from before a change of key knows nothing of it, and must not make the old key forgotten.
        if not entry.is_new and key != entry.instance.slug and past is not None and key not in past:
            entry.after["past_slugs"] = entry.instance.past_slugs = [*past, key]

    def prepare(self, entry: Entry) -> None:
        entry.instance.support_is_checked_later = entry.instance.tree_is_checked_later = True
        if entry.instance.name and not entry.instance.slug:
            entry.instance.slug = self.free_keys.make(entry.number, entry.instance)

    def judge_rights(self, entry: Entry, user: Any) -> None:
        super().judge_rights(entry, user)
        self.judge_step(entry, user)
        restricts = entry.after.get("restricted_to", entry.before["restricted_to"]) != entry.before["restricted_to"]
        if restricts and not user.has_perm(f"{self.model._meta.app_label}.restrict_{self.model._meta.model_name}"):
            sentence = _("You may not restrict %(kinds)s or open them: leave the column out, or ask someone who may.")
            entry.refuse("restricted_to", sentence % {"kinds": self.model._meta.verbose_name_plural})

    def judge_step(self, entry: Entry, user: Any) -> None:
        """Refuse to publish or take back without the right to it, and to publish one's own work."""
        before = Status.DRAFT if entry.is_new else entry.before["status"]
        after = entry.after.get("status", before)
        kinds = {"kinds": self.model._meta.verbose_name_plural}
        if after == before or is_free(before, after):
            return
        if after == Status.PUBLISHED:
            if not may_publish(user, self.model):
                sentence = _("You may not publish %(kinds)s: write draft or in-review, or ask someone who may.")
                entry.refuse("status", sentence % kinds)
            elif self.is_own_work(entry):
                entry.refuse(
                    "status", _("You have worked on it yourself: write in-review, and somebody else publishes it.")
                )
        elif not entry.is_new and not may_publish(user, self.model):
            sentence = _("You may not take back %(kinds)s: leave the status as it is, or ask someone who may.")
            entry.refuse("status", sentence % kinds)

    def is_own_work(self, entry: Entry) -> bool:
        """Whether the row, or what was done before, makes the person who imports the author of the record."""
        if settings.AUTHORS_MAY_PUBLISH:
            return False
        return entry.is_new or bool(set(entry.changed) - NO_WORK) or entry.instance.pk in self.own_work

    @cached_property
    def own_work(self) -> set[int]:
        """The stored records of the file that the person who imports has worked on last. One query for all."""
        wanted = self.model.objects.filter(pk__in=self.survey.stored.values()).exclude(status=Status.PUBLISHED)
        found = own_work(self.user, {self.model: wanted.order_by().values_list("pk", flat=True)})
        return {pk for _model, pk in found}

    def outcome(self, entry: Entry, row_result: TableRowResult, keeps_instance: bool) -> TableRowResult:
        if entry.is_storable and entry.instance.status == Status.PUBLISHED:
            self.published_rows[entry.instance.pk] = entry.number
        if entry.is_storable and not entry.is_new and needs_reason(entry.before["status"], entry.instance.status):
            self.rows_to_explain.add(entry.number)
        return super().outcome(entry, row_result, keeps_instance)

    def after_import(self, _dataset: Any, result: TableResult, **kwargs: Any) -> None:
        if not kwargs.get("is_part_of_package"):
            self.refuse_unsupported(result)
        super().after_import(_dataset, result, **kwargs)

    def refuse_unsupported(self, result: TableResult, *, besides: Container[int] = ()) -> None:
        """Refuse the published records that no claim supports, besides those with these primary keys."""
        for record in unsupported(self.model, besides=besides):
            row = self.published_rows.get(record.pk)
            if row is None:
                result.append_base_error(Error(RefusedError(unsupported_message(record))))
            else:
                error = ValidationError({"status": [unsupported_message(record)]})
                cells = {self.key: record.slug, "status": record.status}
                result.append_invalid_row(row - 1, cells, error)
                self.tell_bad(row, cells, error)
        self.teller.finish()


def unsupported(model: type[Record], *, besides: Container[int] = ()) -> list[Record]:
    """The published records that no claim supports: there are none but in the middle of a transaction."""
    found = model.objects.published().unsupported().order_by("pk")
    return [record for record in found if record.pk not in besides]
