"""The first page of imports and exports: what runs, what ran, and by whom."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.views.generic import TemplateView

from crimewatch.exchange import jobs
from crimewatch.exchange.models import BatchState, ExportFile, ExportState, ImportBatch
from crimewatch.exchange.rights import importable_tables, may_edit_any
from crimewatch.records.access import VisibleMixin

PAGE_SIZE = 25


class HomeView(VisibleMixin, TemplateView):
    """Imports that the viewer may see, and the exports that they have asked for."""

    template_name = "exchange/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        batches: QuerySet[ImportBatch] = ImportBatch.objects.visible_to(user).select_related("user", "undoes")
        page = Paginator(batches, PAGE_SIZE).get_page(self.request.GET.get("page"))
        files = list(ExportFile.objects.visible_to(user)[:10])
        is_busy = any(batch.state == BatchState.RUNNING for batch in page) or any(
            file.state in {ExportState.WAITING, ExportState.RUNNING} for file in files
        )
        return super().get_context_data(
            **kwargs,
            may_import=bool(importable_tables(user)),
            may_edit=may_edit_any(user),
            page=page,
            files=files,
            worker_is_missing=is_busy and not jobs.has_worker(),
        )
