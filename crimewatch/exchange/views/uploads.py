"""Uploading a file, and saying how it is to be read."""

from contextlib import ExitStack
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from crimewatch.exchange import batches, sweeping, tasks
from crimewatch.exchange.catalog import TABLES_BY_NAME, Table
from crimewatch.exchange.forms import ReadingForm, UploadForm
from crimewatch.exchange.models import BatchState, ColumnMapping, ImportBatch
from crimewatch.exchange.rights import ImporterMixin, importable_tables, may_import
from crimewatch.exchange.sources import opened
from crimewatch.exchange.unknown_keys import draft_of, required_choices
from crimewatch.exchange.views.batches import BatchMixin
from crimewatch.exchange.views.exports import table_of_model
from crimewatch.records.resources import RefusedError


class UploadView(ImporterMixin, View):
    """The form with which an import begins."""

    is_for_imports = True

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = TABLES_BY_NAME.get(request.GET.get("table", "")) or table_of_model(request.GET.get("model", ""))
        initial = {"table": chosen.name} if chosen else {}
        return self.page(UploadForm(initial=initial, tables=importable_tables(request.user)), chosen)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES, tables=importable_tables(request.user))
        if not form.is_valid():
            return self.page(form, status=422)
        file = form.cleaned_data["file"]
        try:
            if file.size <= batches.SMALL:
                with ExitStack() as stack:
                    opened(file.file, file.name, stack, guesses_encoding=True)  # what nobody can read is refused now
        except RefusedError as error:
            form.add_error("file", str(error))
            return self.page(form, status=422)
        sweeping.make_room(file.size)
        try:
            batch = batches.receive(
                file.file,
                file.name,
                user=request.user,
                reason=form.cleaned_data["reason"],
                table=form.cleaned_data["table"],
            )
        except OSError as error:  # a full disk, or a folder that cannot be written to
            form.add_error("file", _("The file cannot be kept: %(reason)s.") % {"reason": error.strerror})
            return self.page(form, status=507)
        tasks.begin_preview(batch)
        return redirect(batch)

    def page(self, form: UploadForm, chosen: Table | None = None, status: int = 200) -> HttpResponse:
        context = {"form": form, "tables": importable_tables(self.request.user), "chosen": chosen}
        return render(self.request, "exchange/upload.html", context, status=status)


class ReadingView(ImporterMixin, BatchMixin, View):
    """Takes what a person says of a file: encoding, sheet, table, columns, keys; and looks at the file again."""

    is_for_imports = True

    def post(self, request: HttpRequest, uid: Any) -> HttpResponse:
        batch = self.batch_to_use(uid)
        readings = batch.findings.get("readings", [])
        options = dict(batch.options)
        answers_only = "answers" in request.POST  # how the file is read then stays as it is
        if len(readings) == 1 and not answers_only:
            form = ReadingForm(request.POST, reading=readings[0], tables=importable_tables(request.user))
            if not form.is_valid():
                messages.error(request, _("Choose from what is offered."))
                return redirect(batch)
            options |= form.cleaned_data
        table = TABLES_BY_NAME.get(options.get("table") or (readings[0]["table"] if readings else ""))
        if table and not may_import(request.user, table):
            raise PermissionDenied
        for number, reading in enumerate(() if answers_only else readings):
            self.take_columns(request, options, reading, number)
        self.take_answers(request, batch, options)
        waiting = {BatchState.UPLOADED, BatchState.PREVIEWED, BatchState.FAILED}
        if not batches.change_state(batch, waiting, BatchState.UPLOADED, options=options, problem="", finished_at=None):
            messages.error(request, _("It is too late for that: the import has been confirmed or ended."))
            return redirect(batch)
        tasks.begin_preview(batch)
        return redirect(batch)

    def take_columns(self, request: HttpRequest, options: dict[str, Any], reading: dict[str, Any], number: int) -> None:
        """Which column each header is, as chosen one by one or as remembered under a name."""
        name = (options.get("table") if number == 0 else "") or reading["table"]
        table = TABLES_BY_NAME.get(name)
        if table is None:
            return
        known = table.resource().every_column
        remembered = ColumnMapping.objects.filter(table=table.name, pk=pk_of(request.POST.get(f"use-{number}"))).first()
        if remembered:
            columns = {header: column for header, column in remembered.columns.items() if header in reading["headers"]}
        else:
            columns = {}
            for place, header in enumerate(reading["headers"]):
                chosen = request.POST.get(f"column-{number}-{place}")
                if chosen is not None and (chosen in known or not chosen) and chosen != header:
                    columns[header] = chosen
        options["columns"] = {**options.get("columns", {}), table.name: columns}
        title = request.POST.get(f"remember-{number}", "").strip()[:100]
        if title and columns:
            ColumnMapping.objects.update_or_create(
                table=table.name, name=title, defaults={"columns": columns, "user": request.user}
            )

    def take_answers(self, request: HttpRequest, batch: ImportBatch, options: dict[str, Any]) -> None:
        """Which record an unknown key means, or that a draft of it is to be made."""
        answers: dict[str, Any] = {name: dict(columns) for name, columns in options.get("answers", {}).items()}
        create: dict[str, Any] = {name: dict(rows) for name, rows in options.get("create", {}).items()}
        for number, asked in enumerate(batch.findings.get("unknown", [])):
            given = request.POST.get(f"answer-{number}", "")
            kind, _colon, key = given.partition(":")
            row = self.draft(request, asked) if kind == "create" else None
            if row is not None:
                create.setdefault(asked["target"], {})[row["slug"]] = row
                key = row["slug"]
            if key and kind in {"key", "create"}:
                answers.setdefault(asked["table"], {}).setdefault(asked["column"], {})[asked["text"]] = key
        options["answers"], options["create"] = answers, create

    def draft(self, request: HttpRequest, asked: dict[str, Any]) -> dict[str, str] | None:
        """The draft that is to be made of an unknown key; None where the person may not, or has not said enough."""
        table = TABLES_BY_NAME[asked["target"]]
        choices = required_choices(table)
        if choices is None or not may_import(request.user, table):
            return None
        chosen = {name: request.POST.get(f"new-{table.name}-{name}", "") for name in choices}
        if any(chosen[name] not in dict(values) for name, values in choices.items()):
            messages.error(request, _("Say of the drafts what each of them needs before they can be made."))
            return None
        return draft_of(asked["text"], chosen)


def pk_of(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0
