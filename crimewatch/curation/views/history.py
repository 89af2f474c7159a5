"""Pages of the history: the latest changes, all that became of one record, and the way back."""

from typing import Any

import pghistory
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from crimewatch.curation.changes import History, all_links, tracked_models
from crimewatch.curation.forms import LAST_PAGE, ChangesForm, CompareForm, RecordHistoryForm, RestoreForm
from crimewatch.curation.restoring import CannotRestoreError, restore
from crimewatch.curation.versions import Versions
from crimewatch.records.access import VisibleMixin
from crimewatch.records.database_errors import sentence_of
from crimewatch.records.models import Record
from crimewatch.records.querysets import sees_drafts

PAGE_SIZE = 25


def kind_named(name: str) -> Any:
    """The model of records, claims or links that an address calls by ``name``; 404 where there is none."""
    for model in [*tracked_models(), *all_links()]:
        if model._meta.model_name == name:
            return model
    raise Http404


@method_decorator(never_cache, name="dispatch")
class ChangesView(VisibleMixin, TemplateView):
    """What was changed lately, by whom and why, for those who work on the database."""

    template_name = "curation/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        history = History(self.request.user)
        if not history.models:
            raise Http404
        form = ChangesForm(history, self.request.GET)
        page = (form.cleaned_data["page"] or 1) if form.is_valid() else 1
        start = (page - 1) * PAGE_SIZE
        changes = history.recent(start, start + PAGE_SIZE + 1, **form.options()) if form.is_valid() else []
        return super().get_context_data(
            **kwargs, form=form, filters=filters_of(form), may_restore=True, **turned(self.request, changes, page)
        )


class OneRecordView(VisibleMixin, TemplateView):
    """A page on the past of one record, for those who work on its kind and may see it."""

    def record(self) -> Record:
        """The record with this key now, or the one that had it or took it over."""
        model = kind_named(self.kwargs["kind"])
        if not issubclass(model, Record) or not sees_drafts(self.request.user, model):
            raise Http404
        records: Any = model._default_manager
        slug = self.kwargs["slug"].replace("\x00", "")
        record: Record | None = records.visible_to(self.request.user).by_slug(slug).first()
        if record is None:
            raise Http404
        return record


@method_decorator(never_cache, name="dispatch")
class RecordHistoryView(OneRecordView):
    """All that became of one record and of the claims and links that name it; or how it stood at some moment."""

    template_name = "curation/record_history.html"

    def get(self, _request: HttpRequest, kind: str, slug: str) -> HttpResponse:
        record = self.record()
        if record.slug != slug:
            return HttpResponseRedirect(reverse("curation:record_history", args=[kind, record.slug]))
        return self.render_to_response(self.get_context_data(record=record))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record = kwargs["record"]
        versions = Versions(self.request.user, record)
        form = RecordHistoryForm(self.request.GET)
        page, moment, found = 1, None, []
        if form.is_valid():
            page, moment = form.cleaned_data["page"] or 1, form.cleaned_data["on"]
            start = (page - 1) * PAGE_SIZE
            stop = start + PAGE_SIZE + 1
            found = versions.at(moment.before, start, stop) if moment else versions.of_record(record, start, stop)
        options = record._meta
        return super().get_context_data(
            **kwargs,
            form=form,
            filters=filters_of(form),
            moment=moment,
            compare_address=reverse("curation:compare", args=[options.model_name, record.slug]),
            may_restore=self.request.user.has_perm(f"{options.app_label}.change_{options.model_name}"),
            **turned(self.request, found, page),
        )


@method_decorator(never_cache, name="dispatch")
class CompareView(OneRecordView):
    """A record with its claims and links at two moments, side by side and field by field."""

    template_name = "curation/compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record = self.record()
        form = CompareForm(self.request.GET or None)
        page, found = 1, []
        if form.is_valid():
            page = form.cleaned_data["page"] or 1
            start = (page - 1) * PAGE_SIZE
            moments = (form.cleaned_data["first"].before, form.cleaned_data["second"].before)
            found = Versions(self.request.user, record).between(*moments, start, start + PAGE_SIZE + 1)
        return super().get_context_data(
            **kwargs,
            record=record,
            form=form,
            filters=filters_of(form),
            history_address=reverse("curation:record_history", args=[record._meta.model_name, record.slug]),
            **turned(self.request, found, page),
        )


def filters_of(form: Form) -> list[dict[str, Any]]:
    """The fields of a form as the lists' template of one filter takes them."""
    return [{"field": field} for field in form.visible_fields()]


def turned(request: HttpRequest, changes: list[Any], page: int) -> dict[str, Any]:
    """A page of changes, with the addresses of those before and behind it; ``changes`` may hold one too many."""
    query = request.GET.copy()

    def address(number: int) -> str:
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "changes": changes[:PAGE_SIZE],
        "page": page,
        "newer": address(page - 1) if page > 1 else "",
        "older": address(page + 1) if len(changes) > PAGE_SIZE and page < LAST_PAGE else "",
    }


class RestoreView(VisibleMixin, View):
    """Brings a row back to an earlier state, whole or in one field; a deleted record comes back with its claims."""

    def post(self, request: HttpRequest, kind: str, event: int) -> HttpResponse:
        model = kind_named(kind)
        change = History(request.user).change(model, event)
        if change is None:
            raise Http404
        form = RestoreForm(request.POST)
        if not form.is_valid():
            for errors in form.errors.values():
                messages.error(request, " ".join(map(str, errors)))
            return HttpResponseRedirect(self.back())
        try:
            with transaction.atomic(), pghistory.context(reason=form.cleaned_data["reason"]):
                restored = restore(change, request.user, form.cleaned_data["field"])
                connection.check_constraints()
        except CannotRestoreError as error:
            messages.error(request, str(error))
        except ValidationError as error:
            messages.error(request, _("It was not brought back: %(reason)s") % {"reason": " ".join(error.messages)})
        except IntegrityError as error:
            messages.error(request, _("It was not brought back: %(reason)s") % {"reason": sentence_of(error)})
        else:
            number = restored.rows
            sentence = ngettext("%(number)d row was brought back.", "%(number)d rows were brought back.", number)
            messages.success(request, sentence % {"number": number})
            for sentence in restored.left_out:
                messages.warning(request, sentence)
        return HttpResponseRedirect(self.back())

    def back(self) -> str:
        """The page that the button stood on."""
        address = self.request.POST.get("next", "")
        return address if address.startswith(reverse("curation:changes")) else reverse("curation:changes")
