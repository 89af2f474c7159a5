"""The way to the readers: what waits for review, and the buttons on a record's page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from crimewatch.curation.forms import EntryForm, ReviewForm
from crimewatch.curation.journal import SHOWN, journal_of
from crimewatch.curation.merging.models import went_into
from crimewatch.curation.merging.references import record_kinds
from crimewatch.curation.reviews import Queue, desk_of, kinds_seen, visible_record
from crimewatch.records.access import VisibleMixin
from crimewatch.records.models import Status
from crimewatch.records.workflow import StepRefusedError, refuse_stale, take_step

from .history import filters_of
from .paging import pages_of

PAGE_SIZE = 25


@method_decorator(never_cache, name="dispatch")
class ReviewView(VisibleMixin, TemplateView):
    """What waits for review, the longest waiting first, for those who work on the database."""

    template_name = "curation/review.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = {str(model._meta.model_name): model for model in kinds_seen(self.request.user)}
        if not kinds:
            raise Http404
        form = ReviewForm(list(kinds.values()), self.request.GET)
        waiting, number = [], 0
        page = 1
        if form.is_valid():
            page = form.given("page") or 1
            queue = Queue(
                self.request.user,
                kind=kinds.get(form.given("kind")),
                sent_by=form.given("by"),
                mine=form.given("mine"),
            )
            number = queue.count()
            waiting = queue.page((page - 1) * PAGE_SIZE, page * PAGE_SIZE) if number else []
        return super().get_context_data(
            **kwargs,
            form=form,
            filters=filters_of(form),
            waiting=waiting,
            number=number,
            **pages_of(self.request, page, number, PAGE_SIZE),
        )


@method_decorator(never_cache, name="dispatch")
class StepView(VisibleMixin, View):
    """Where one record stands, with its journal; its buttons bring it a step further, or back.

    The record's own page fetches it as a part of itself, so that it costs readers nothing.
    """

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        record = self.record(kind, pk)
        if record.pk != pk:
            return HttpResponseRedirect(reverse("curation:step", args=[kind, record.pk]))
        is_part = "HX-Request" in request.headers
        context = {
            "row": record,
            "desk": desk_of(record, request.user),
            "journal": journal_of(record, 0, SHOWN),
            "form": EntryForm(auto_id="journal_%s"),
            "back": record.get_absolute_url() if is_part else request.path,
        }
        response = render(request, "curation/_desk.html" if is_part else "curation/desk.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def record(self, kind: str, pk: int) -> Any:
        """The record, or that which it was merged into."""
        record = visible_record(self.request.user, kind, pk=pk)
        if record is None and (model := record_kinds().get(kind)):
            record = visible_record(self.request.user, kind, pk=went_into(model, pk))
        if record is None:
            raise Http404
        return record

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        record = self.record(kind, pk)
        step = request.POST.get("status", "")
        try:
            if record.pk != pk:
                sentence = _("It has been merged into “%(name)s”, and nothing was done: look at that one.")
                raise StepRefusedError(sentence % {"name": record})
            refuse_stale(record, request.POST.get("seen", record.status))
            taken = take_step(type(record), [record.pk], step, request.user, request.POST.get("reason", ""))
            if not taken.moved:
                words = {"name": record, "now": record.get_status_display(), "step": step[:20]}
                raise StepRefusedError(_("“%(name)s” is: %(now)s. No step leads from there to “%(step)s”.") % words)
        except StepRefusedError as error:
            messages.error(request, str(error))
        else:
            words = {"name": record, "status": Status(step).label}
            messages.success(request, _("“%(name)s” is now: %(status)s.") % words)
        return HttpResponseRedirect(came_from(request, record.get_absolute_url()))


def came_from(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that a button stood on, as its form says; ``otherwise`` where that makes no sense."""
    address = request.POST.get("next", "")
    if address.startswith("/") and url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return address
    return otherwise
