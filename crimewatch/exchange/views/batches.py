"""The page of an import: its preview, how far it has come, what it did, and what can be done with it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views import View

from crimewatch.exchange import batches, edits, jobs, keeping, tasks, undo
from crimewatch.exchange.badrows import bad_rows_file
from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME
from crimewatch.exchange.forms import ReadingForm
from crimewatch.exchange.models import BatchKind, BatchState, ColumnMapping, ImportBatch, PreviewRow, Progress, RowKind
from crimewatch.exchange.rights import ImporterMixin, importable_tables, may_import, may_touch
from crimewatch.exchange.unknown_keys import required_choices
from crimewatch.records.resources import RefusedError

PAGE_SIZE = 50
#: So many obstacles to an undo are shown; the number above them counts them all.
SHOWN = 200


class BatchMixin:
    """For the pages of one batch. Nobody learns of a batch that they may not see."""

    request: HttpRequest

    def batch(self, uid: Any) -> ImportBatch:
        batches = ImportBatch.objects.visible_to(self.request.user).select_related("user", "undoes")
        return get_object_or_404(batches, uid=uid)

    def batch_to_use(self, uid: Any) -> ImportBatch:
        """A batch with which the person may do something, with the rights to its tables as they are now."""
        batch = self.batch(uid)
        if not may_touch(self.request.user, batch):
            raise PermissionDenied
        return batch


class BatchView(ImporterMixin, BatchMixin, View):
    """What a batch is, would do, does or did."""

    def get(self, request: HttpRequest, uid: Any) -> HttpResponse:
        batch = self.batch(uid)
        if "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers:
            return self.progress(batch)
        return render(request, "exchange/batch.html", Page(batch, request).context())

    def progress(self, batch: ImportBatch) -> HttpResponse:
        page = Page(batch, self.request)
        response = render(self.request, "exchange/_progress.html", page.progress())
        if not page.is_at_work:
            response["HX-Refresh"] = "true"
        return response


class Page:
    """What stands on the page of a batch, by its state."""

    def __init__(self, batch: ImportBatch, request: HttpRequest) -> None:
        self.batch, self.request = batch, request

    @cached_property
    def is_at_work(self) -> bool:
        """Whether somebody is, or is to be, at work on it."""
        if self.batch.state == BatchState.RUNNING:
            return True
        return self.batch.state == BatchState.UPLOADED and jobs.is_alive(self.batch.job)

    @property
    def is_edit(self) -> bool:
        return self.batch.kind == BatchKind.EDIT

    def changes(self) -> Iterator[dict[str, Any]]:
        """What a bulk edit does, in words."""
        names = self.batch.findings["tables"]
        for change in edits.changes_of(self.batch) if names else ():
            column = TABLES_BY_NAME[names[0]].model._meta.get_field(change.column).verbose_name
            yield {"column": capfirst(str(column)), "way": edits.WAYS[change.way], "value": change.value}

    def context(self) -> dict[str, Any]:
        batch, user = self.batch, self.request.user
        may_use = may_touch(user, batch)
        context = {
            "batch": batch,
            "title": str(batch),
            "may_use": may_use,
            "is_at_work": self.is_at_work,
            "days": settings.FILES_KEPT_DAYS,
            "is_edit": self.is_edit,
            "may_fetch": batch.is_kept and not self.is_edit and batch.may_be_used_by(user),
            **(self.progress() if self.is_at_work else {}),
        }
        if self.is_edit:
            context["changes"] = list(self.changes())
        elif (
            batch.state in {BatchState.UPLOADED, BatchState.PREVIEWED, BatchState.FAILED} and batch.is_kept and may_use
        ):
            context["readings"] = self.readings()
            context["is_unsettled"] = batch.state == BatchState.UPLOADED and not self.is_at_work
        if batch.state == BatchState.PREVIEWED:
            context |= self.preview()
        if batch.state in {BatchState.DONE, BatchState.UNDONE}:
            context |= self.outcome()
        return context

    def progress(self) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "is_at_work": self.is_at_work,
            "progress": Progress.objects.filter(pk=self.batch.uid).first(),
            "has_worker": jobs.has_worker(),
            "is_stalled": batches.has_lost_its_worker(self.batch),
        }

    # How it is read

    def readings(self) -> list[dict[str, Any]]:
        """For each file or sheet the headers with the columns that they are taken for, and what is remembered."""
        found = []
        readings = self.batch.findings.get("readings", [])
        for number, reading in enumerate(readings):
            name = (self.batch.options.get("table") if len(readings) == 1 else "") or reading["table"]
            table = TABLES_BY_NAME.get(name)
            columns = table.resource().every_column if table else ()
            chosen = self.batch.options.get("columns", {}).get(name, {})
            found.append(
                {
                    **reading,
                    "number": number,
                    "table": table,
                    "columns": columns,
                    "mapped": [
                        (f"column-{number}-{place}", header, chosen.get(header, header if header in columns else None))
                        for place, header in enumerate(reading["headers"])
                    ],
                    "remembered": list(ColumnMapping.objects.filter(table=name)) if table else [],
                    "form": self.reading_form(reading) if len(readings) == 1 else None,
                    "needs_columns": bool(reading["unknown"] or reading["missing"]),
                }
            )
        return found

    def reading_form(self, reading: dict[str, Any]) -> ReadingForm:
        read_as = reading["read_as"]
        initial = {
            name: self.batch.options.get(name) or read_as.get(name, "") for name in ("encoding", "delimiter", "sheet")
        }
        initial["table"] = self.batch.options.get("table") or reading["table"]
        if initial["encoding"] == "utf-8":
            initial["encoding"] = "utf-8-sig"
        return ReadingForm(initial=initial, reading=reading, tables=importable_tables(self.request.user))

    # Preview

    def preview(self) -> dict[str, Any]:
        batch, query = self.batch, self.request.GET
        kind = query.get("kind", "")
        if kind not in RowKind.values:
            kind = RowKind.BAD.value if batch.totals["bad"] else ""
            kind = "" if query.get("kind") == "all" else kind
        table = query.get("table", "") if query.get("table") in batch.counts else ""
        page = self.page_of_rows(kind, table)
        return {
            "counts": [
                (value, label, batch.totals[value], value == kind)
                for value, label in RowKind.choices
                if batch.totals[value] or value != RowKind.BLOCKED
            ],
            "total": sum(batch.totals.values()),
            "by_table": self.by_table(),
            "kind": kind or "all",
            "table": table,
            "page": page,
            "sentences": batch.findings.get("sentences", [])[:SHOWN],
            "more_sentences": max(0, len(batch.findings.get("sentences", [])) - SHOWN),
            "may_be_confirmed": batches.may_be_confirmed(batch),
            "missing_reason": batches.lacks_reason(batch, ""),
            "changes_nothing": not batch.totals["new"] and not batch.totals["changed"] and not batch.totals["bad"],
            "unknown": self.unknown(),
            "drafts": self.drafts(),
            "created": [
                (table_title(name), list(rows)) for name, rows in batch.options.get("create", {}).items() if rows
            ],
        }

    def page_of_rows(self, kind: str, table: str) -> Any:
        place = TABLES.index(TABLES_BY_NAME[table]) if table else None
        rows = PreviewRow.objects.of(self.batch, kind=kind, table=place)
        counts = [counts for name, counts in self.batch.counts.items() if not table or name == table]
        number = sum(each.get(kind, 0) if kind else sum(each.values()) for each in counts)
        shown = CountedPaginator(rows, PAGE_SIZE, number).get_page(self.request.GET.get("page"))
        if self.is_edit:
            name_rows(shown.object_list)
        return shown

    def by_table(self) -> list[dict[str, Any]]:
        columns = self.batch.findings.get("columns", {})
        return [
            {
                "name": name,
                "title": table_title(name),
                "counts": counts,
                "columns": ", ".join(
                    f"{column} {number:,}" for column, number in sorted(columns.get(name, {}).items())
                ),
            }
            for name, counts in self.batch.counts.items()
        ]

    def unknown(self) -> list[dict[str, Any]]:
        user = self.request.user
        found = []
        for number, asked in enumerate(self.batch.findings.get("unknown", [])):
            target = TABLES_BY_NAME[asked["target"]]
            may_create = may_import(user, target) and required_choices(target) is not None
            found.append(
                {**asked, "name": f"answer-{number}", "may_create": may_create, "kind": target.model._meta.verbose_name}
            )
        return found

    def drafts(self) -> list[dict[str, Any]]:
        """For each table of which drafts may be made: what a new record of it needs."""
        names = dict.fromkeys(asked["target"] for asked in self.unknown() if asked["may_create"])
        return [
            {
                "title": table_title(name),
                "fields": [
                    (f"new-{name}-{column}", TABLES_BY_NAME[name].model._meta.get_field(column).verbose_name, values)
                    for column, values in (required_choices(TABLES_BY_NAME[name]) or {}).items()
                ],
            }
            for name in names
        ]

    # Outcome

    def outcome(self) -> dict[str, Any]:
        did = undo.what_it_did(self.batch)
        tables: list[dict[str, Any]] = [
            {
                "name": name,
                "title": table_title(name),
                "inserted": counts["insert"],
                "changed": counts["update"],
                "deleted": counts["delete"],
                "total": sum(counts.values()),
            }
            for name, counts in did.items()
        ]
        name = self.request.GET.get("table", "")
        chosen = next((each for each in tables if each["name"] == name), tables[0] if tables else None)
        context: dict[str, Any] = {"did": tables, "chosen": chosen}
        if chosen:
            page = CountedPaginator(range(chosen["total"]), PAGE_SIZE, chosen["total"]).get_page(
                self.request.GET.get("page")
            )
            rows = undo.rows_of(self.batch, TABLES_BY_NAME[chosen["name"]], (page.number - 1) * PAGE_SIZE, PAGE_SIZE)
            context |= {"page": page, "touched": list(self.linked(chosen["name"], rows))}
        context["undone_by"] = self.batch.undone_by.filter(state=BatchState.DONE).first()
        context["may_be_undone"] = (
            self.batch.state == BatchState.DONE and bool(did) and may_touch(self.request.user, self.batch)
        )
        return context

    def linked(self, name: str, rows: list[tuple[str, int, str]]) -> Iterator[dict[str, Any]]:
        model = TABLES_BY_NAME[name].model
        present = model._default_manager.in_bulk([pk for _label, pk, _key in rows])
        for label, pk, key in rows:
            row = present.get(pk)
            yield {
                "label": label,
                "key": key,
                "text": "" if row is None else str(row),
                "row": row,
                "pk": pk,
                "options": model._meta,
            }


def name_rows(rows: Any) -> None:
    """Put on the rows of a preview, as `about`, the stored rows that they are about."""
    keys: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        keys[row.table].append(row.key)
    for name, wanted in keys.items():
        resource = TABLES_BY_NAME[name].resource
        key = resource._meta.import_id_fields[0]
        found: Any = resource._meta.model._default_manager
        found = found.with_context() if hasattr(found, "with_context") else found
        # By text, for what is gone has a key that no column of numbers could hold.
        stored = {
            str(getattr(each, key)): each
            for each in found.filter(**{f"{key}__in": [k for k in wanted if "#" not in k]})
        }
        for row in rows:
            if row.table == name:
                row.about = stored.get(row.key)


class CountedPaginator(Paginator):
    """A paginator that is told how many rows there are."""

    def __init__(self, rows: Any, size: int, number: int) -> None:
        super().__init__(rows, size)
        self._number = number

    @property
    def count(self) -> int:
        return self._number


def table_title(name: str) -> str:
    return capfirst(str(TABLES_BY_NAME[name].model._meta.verbose_name_plural)) if name in TABLES_BY_NAME else name


class ConfirmView(ImporterMixin, BatchMixin, View):
    """Takes the confirmation of a preview."""

    def post(self, request: HttpRequest, uid: Any) -> HttpResponse:
        batch = self.batch_to_use(uid)
        if request.POST.get("digest") != batch.digest:
            messages.error(request, _("This preview has been replaced by a newer one: look at that first."))
            return redirect(batch)
        reason = request.POST.get("reason", "").strip()[:500]
        if missing := batches.lacks_reason(batch, reason):
            messages.error(request, missing)
            return redirect(batch)
        if not batches.may_be_confirmed(batch) or not batches.confirm(batch, reason):
            messages.error(request, _("There is nothing to confirm: the import has been confirmed, changed or ended."))
            return redirect(batch)
        tasks.begin_writing(batch)
        if batch.state == BatchState.DONE:
            messages.success(request, _("The import is done."))
        return redirect(batch)


class CancelView(ImporterMixin, BatchMixin, View):
    """Gives an import up, or stops it."""

    def post(self, request: HttpRequest, uid: Any) -> HttpResponse:
        batch = self.batch_to_use(uid)
        batches.cancel(batch)
        batch.refresh_from_db()
        if batch.state == BatchState.CANCELLED:
            messages.info(request, _("The import is cancelled. Nothing was written."))
        elif not batch.is_finished:
            messages.info(request, _("It is being stopped; what it has written so far is taken back."))
        return redirect(batch)


class AgainView(ImporterMixin, BatchMixin, View):
    """Begins anew what has failed, was cancelled, or has lost its worker."""

    def post(self, request: HttpRequest, uid: Any) -> HttpResponse:
        batch = self.batch_to_use(uid)
        if batch.undoes_id:
            messages.error(request, _("Take the import back from its own page."))
            return redirect(batch.undoes or batch)
        ended = {BatchState.FAILED, BatchState.CANCELLED}
        if batches.has_lost_its_worker(batch):
            ended.add(BatchState(batch.state))
        if not batches.change_state(batch, ended, BatchState.UPLOADED, problem="", finished_at=None):
            messages.error(request, _("It is at work, waits for you, or is done: there is nothing to begin anew."))
            return redirect(batch)
        jobs.take_out(batch.job)
        tasks.begin_preview(batch)
        return redirect(batch)


class UndoView(ImporterMixin, BatchMixin, View):
    """Shows what taking a batch back would do and what stands in its way; and takes it back."""

    def get(self, request: HttpRequest, uid: Any) -> HttpResponse:
        batch = self.batch_to_use(uid)
        if batch.state != BatchState.DONE:
            messages.error(request, _("Only what was imported, and has not been taken back, can be taken back."))
            return redirect(batch)
        with transaction.atomic():
            plan = batches.plan_undo(batches.to_take_back(batch), request.user)
            context = {
                "batch": batch,
                "numbers": [{"title": table_title(name), **numbers} for name, numbers in plan.numbers.items()],
                "count": plan.count,
                "obstacle_count": plan.obstacle_count,
                "missing_reason": batches.missing_reason_to_undo(number) if (number := plan.to_explain) else "",
                "obstacles": [
                    {"kind": model._meta.verbose_name, "key": key, "sentence": sentence}
                    for model, key, sentence in undo.names_of(plan.obstacles()[:SHOWN])
                ],
            }
        return render(request, "exchange/undo.html", context)

    def post(self, request: HttpRequest, uid: Any) -> HttpResponse:
        batch = self.batch_to_use(uid)
        try:
            taking_back = batches.ask_for_undo(
                batch,
                request.user,
                reason=request.POST.get("reason", "").strip()[:500],
                only_the_rest=request.POST.get("only_the_rest") == "1",
            )
        except batches.UndoRefusedError as error:
            messages.error(request, str(error))
            return redirect(batch)
        tasks.begin_writing(taking_back)
        if taking_back.state == BatchState.DONE:
            messages.success(request, _("It is taken back."))
        return redirect(taking_back)


class BadRowsView(ImporterMixin, BatchMixin, View):
    """The bad rows as a file to be mended and uploaded again, with what is wrong in two columns more."""

    def get(self, _request: HttpRequest, uid: Any) -> HttpResponseBase:
        batch = self.batch_to_use(uid)
        try:
            name, kind, content = bad_rows_file(batch)
        except RefusedError as error:
            raise Http404(str(error)) from error
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(content, content_type=kind, headers=headers)


class KeptFileView(ImporterMixin, BatchMixin, View):
    """The file of an import as it was uploaded."""

    def get(self, _request: HttpRequest, uid: Any) -> HttpResponseBase:
        batch = self.batch_to_use(uid)
        try:
            content = keeping.path_of(batch.uid).open("rb") if batch.is_kept else None
        except FileNotFoundError:
            content = None
        if content is None:
            raise Http404(_("The file is not kept any more."))
        return FileResponse(
            content, as_attachment=True, filename=batch.file_names[0], content_type="application/octet-stream"
        )
