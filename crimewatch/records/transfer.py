"""Import and export on the pages of the admin: the Resources of the commands, with a preview before any writing."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pghistory
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import Format
from import_export.forms import ImportForm
from import_export.tmp_storages import BaseStorage

from crimewatch.records.resources import CSVFormat, RefusedError, TableResource, TableResult

#: Rows and problems that a preview shows; the numbers above them count them all.
SHOWN = 200
SECONDS_KEPT = 24 * 60 * 60


class WaitingUploads(BaseStorage):
    """Uploads between preview and confirmation: readable by the server alone, and gone after a day."""

    def save(self, data: bytes) -> None:
        folder = self._folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for upload in folder.iterdir():
            if upload.stat().st_mtime < time.time() - SECONDS_KEPT:
                upload.unlink(missing_ok=True)
        self.name = uuid4().hex
        with os.fdopen(os.open(self._path(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)

    def read(self) -> bytes:
        return self._path().read_bytes()

    def remove(self) -> None:
        self._path().unlink(missing_ok=True)

    def _folder(self) -> Path:
        return Path(settings.VAR_DIR) / "uploads"

    def _path(self) -> Path:
        try:
            return self._folder() / UUID(self.name).hex  # the name comes back from the browser
        except ValueError as error:
            raise FileNotFoundError(self.name) from error


class UploadForm(ImportForm):
    """The form that a file is uploaded with; a file over the limit is refused before it is read."""

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > settings.UPLOAD_LIMIT:
            raise ValidationError(
                _("The file has %(size)s, and at most %(limit)s are read: split it, or run import_dataset there.")
                % {"size": filesizeformat(file.size), "limit": filesizeformat(settings.UPLOAD_LIMIT)},
                code="size",
            )
        return file


class TransferMixin(ImportExportMixin):
    """Import with preview and export of the rows on the screen, through the one Resource of the table."""

    resource_classes: Iterable[type[TableResource]]
    import_template_name = "admin/records/import.html"
    import_form_class = UploadForm
    tmp_storage_class = WaitingUploads
    skip_admin_log = True  # the history has every row

    def get_import_formats(self) -> list[type[Format]]:
        return [CSVFormat]

    def get_export_formats(self) -> list[type[Format]]:
        return [CSVFormat]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """An import adds and changes, so it takes the right to both."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, RefusedError):
            raise e
        form.add_error("import_file", str(e))

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().import_action(request, **kwargs)
        if isinstance(response, TemplateResponse):
            response.context_data = {**(response.context_data or {}), **self._result_shown(response)}
        return response

    def _result_shown(self, response: TemplateResponse) -> dict[str, Any]:
        result: TableResult | None = (response.context_data or {}).get("result")
        resource = next(iter(self.resource_classes))
        shown: dict[str, Any] = {"columns": resource._meta.fields, "upload_limit": settings.UPLOAD_LIMIT}
        if result is not None:
            shown |= {
                "problems": result.problems[:SHOWN],
                "problem_count": len(result.problems),
                "changed_columns": list(result.changed_columns.items()),
                "preview_rows": [row for row in result.rows if row.is_valid() and not row.is_skip()][:SHOWN],
            }
        return shown

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            with pghistory.context(import_file=request.POST.get("original_file_name", "")):
                response: HttpResponse = super().process_import(request, **kwargs)
        except FileNotFoundError:
            messages.error(
                request, _("The uploaded file is not there any more: it is kept for a day. Upload it again.")
            )
            return HttpResponseRedirect(self._address("import"))
        return response

    def process_result(self, result: TableResult, request: HttpRequest) -> HttpResponse:
        """Say what was imported; or, where the database has moved since the preview, that nothing was."""
        if not result.problems:
            response: HttpResponse = super().process_result(result, request)
            return response
        for problem in result.problems[:10]:
            messages.error(request, str(problem))
        messages.error(
            request, _("Nothing was imported: the database has changed since the preview. Look at a new preview.")
        )
        return HttpResponseRedirect(self._address("import"))

    def export_action(self, request: HttpRequest) -> StreamingHttpResponse:
        """The rows of the list as it is filtered, as CSV; an empty list is a file with a header."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        resource = next(iter(self.resource_classes))()
        lines = resource.export_csv(self.get_export_queryset(request))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = str(self.opts.verbose_name_plural).replace(" ", "_")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response

    def _address(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")
