"""Pages of exports: what to have and in which form, and the files that took a while."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views import View

from crimewatch.exchange import exporting, jobs, keeping, tasks
from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME
from crimewatch.exchange.models import ExportFile, ExportState, Progress
from crimewatch.exchange.outgoing import FORMS, EmptySelectionError, Selection
from crimewatch.exchange.outgoing.templates import template_csv, template_workbook
from crimewatch.exchange.outgoing.writing import in_memory, lines
from crimewatch.exchange.progress import want_cancelled
from crimewatch.exchange.rights import ImporterMixin
from crimewatch.records.access import VisibleMixin
from crimewatch.records.resources import RefusedError


class ExportView(VisibleMixin, View):
    """The form that says what to export, and small exports themselves."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.page(request)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        data = request.POST
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        table = data.get("table", "")
        try:
            selection = Selection.of(
                [table] if table else [],
                form=data.get("form", ""),
                columns=ordered_columns(data.getlist("column"), data),
                with_names="names" in data,
                list_of=data.get("list", ""),
                filters=data.get("filters", ""),
            )
            rows = selection.count(request.user)
            if rows <= settings.BACKGROUND_ROWS:
                return attached(in_memory(selection, user=request.user), selection)
        except (EmptySelectionError, RefusedError) as error:
            return self.page(request, str(error), status=422)
        if selection.form in {"csv", "jsonl"}:  # its first row is there at once
            return attached(lines(selection, user=request.user), selection)
        file = exporting.ask_for(selection, request.user)
        tasks.begin_export(file)
        return redirect(file)

    def page(self, request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
        data = request.POST if request.method == "POST" else request.GET
        table = TABLES_BY_NAME.get(data.get("table", "")) or table_of_model(data.get("model", ""))
        resource = table.resource() if table else None
        columns = resource.every_column if resource else ()
        given = [name for name in ordered_columns(data.getlist("column"), data) if name in columns]
        chosen = given or (resource.columns if resource else ())
        context = {
            "tables": [(each.name, capfirst(str(each.model._meta.verbose_name_plural))) for each in TABLES],
            "table": table,
            "title_of_table": capfirst(str(table.model._meta.verbose_name_plural)) if table else "",
            "columns": [(name, label_of(resource, name), name in chosen) for name in dict.fromkeys((*given, *columns))],
            "forms": [(name, label) for name, label in FORMS.items() if table or name in {"zip", "xlsx"}],
            "has_names": "names" in data,
            "form_chosen": data.get("form") or ("csv" if table else "zip"),
            "list": data.get("list", ""),
            "filters": data.get("filters", ""),
            "problem": problem,
            "files": ExportFile.objects.visible_to(request.user)[:20],
        }
        context["count"] = self.count(request, table, context) if table else None
        return render(request, "exchange/export.html", context, status=status)

    def count(self, request: HttpRequest, table: Any, context: dict[str, Any]) -> int | None:
        try:
            selection = Selection.of([table.name], form="csv", list_of=context["list"], filters=context["filters"])
            return selection.count(request.user)
        except EmptySelectionError as error:
            context["problem"] = context["problem"] or str(error)
            return None


def ordered_columns(names: list[str], data: Any) -> list[str]:
    """The ticked columns in the order of the numbers beside them, where there are any."""

    def place(name: str) -> float:
        text = data.get(f"place-{name}", "")
        return float(text) if text.isascii() and text.isdigit() else float("inf")

    return sorted(names, key=place)


def label_of(resource: Any, name: str) -> str:
    """What a column is called; one with names, after the one with their keys."""
    keys = resource.name_columns.get(name)
    label = str(resource.model._meta.get_field(keys or name).verbose_name)
    return _("%(column)s, by name") % {"column": label} if keys else label


def table_of_model(label: str) -> Any:
    """The table of a model by its label, such as `actors.group`."""
    return next((table for table in TABLES if table.model._meta.label_lower == label), None)


def attached(content: Any, selection: Selection) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{selection.file_name}"'}
    kind = exporting.CONTENT_TYPES[selection.form]
    if isinstance(content, bytes):
        return HttpResponse(content, content_type=kind, headers=headers)
    return StreamingHttpResponse(content, content_type=kind, headers=headers)


class OwnFileMixin(VisibleMixin):
    """For a file that somebody has asked for: nobody else learns that it exists."""

    def file(self, uid: Any) -> ExportFile:
        return get_object_or_404(ExportFile.objects.visible_to(self.request.user), uid=uid)


class ExportFileView(OwnFileMixin, View):
    """How far an export has come, and the link to its file."""

    def get(self, request: HttpRequest, uid: Any) -> HttpResponse:
        file = self.file(uid)
        is_over = file.state not in {ExportState.WAITING, ExportState.RUNNING}
        context = {
            "file": file,
            "is_over": is_over,
            "progress": Progress.objects.filter(pk=file.uid).first(),
            "has_worker": is_over or jobs.has_worker(),
            "days": settings.FILES_KEPT_DAYS,
        }
        if "HX-Request" in request.headers:
            response = render(request, "exchange/_export_progress.html", context)
            if is_over:
                response["HX-Refresh"] = "true"
            return response
        return render(request, "exchange/export_file.html", context)

    def post(self, request: HttpRequest, uid: Any) -> HttpResponse:
        """Stop it, or make it once more."""
        file = self.file(uid)
        if request.POST.get("do") == "again" and file.state in {ExportState.FAILED, ExportState.CANCELLED}:
            anew = exporting.ask_for(Selection.from_options(file.options), request.user)
            tasks.begin_export(anew)
            return redirect(anew)
        if request.POST.get("do") == "cancel" and file.state in {ExportState.WAITING, ExportState.RUNNING}:
            if jobs.take_out(file.job):
                exporting.finish(file, ExportState.CANCELLED)
            else:
                want_cancelled(file.uid)
            messages.info(request, _("It is being stopped."))
        return redirect(file)


class ExportDownloadView(OwnFileMixin, View):
    def get(self, _request: HttpRequest, uid: Any) -> HttpResponseBase:
        file = self.file(uid)
        try:
            content = keeping.path_of(file.uid).open("rb") if file.is_kept else None
        except FileNotFoundError:
            content = None
        if content is None:
            raise Http404(_("The file is not kept any more: export it again."))
        kind = exporting.CONTENT_TYPES[file.options["form"]]
        return FileResponse(content, as_attachment=True, filename=file.file_name, content_type=kind)


class TemplateView(ImporterMixin, View):
    """An empty file of a table to fill in: with example rows and the values that its cells take, or a header alone."""

    is_for_imports = True

    def get(self, request: HttpRequest, name: str, form: str) -> HttpResponseBase:
        table = TABLES_BY_NAME.get(name)
        if table is None:
            raise Http404(_("There is no such table."))
        content = template_workbook(table, request.user) if form == "xlsx" else template_csv(table)
        return HttpResponse(
            content,
            content_type=exporting.CONTENT_TYPES[form],
            headers={"Content-Disposition": f'attachment; filename="{table.name}.{form}"'},
        )
