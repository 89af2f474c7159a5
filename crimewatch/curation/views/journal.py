"""The journal: what is said about a record or claim, what is asked, and what calls whom."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from crimewatch.curation.changes import tracked_models
from crimewatch.curation.forms import AnswerForm, AssignForm, EntryForm, PagedForm, QuestionsForm
from crimewatch.curation.journal import journal_of
from crimewatch.curation.merging.models import went_into
from crimewatch.curation.models import JournalEntry
from crimewatch.records.access import VisibleMixin
from crimewatch.records.database_errors import sentence_of
from crimewatch.records.querysets import sees_drafts

from .history import filters_of
from .paging import pages_of
from .review import came_from

PAGE_SIZE = 25


def visible_row(user: Any, kind: str, pk: int) -> Any:
    """The record or claim whose journal ``user`` may read, that which it was merged into; 404 where there is none."""
    for model in tracked_models():
        if model._meta.model_name == kind and sees_drafts(user, model):
            rows: Any = model._default_manager
            rows = rows.visible_to(user)
            rows = rows.with_records() if hasattr(rows, "with_records") else rows
            row = rows.filter(pk=pk).first() or rows.filter(pk=went_into(model, pk)).first()
            if row is not None:
                return row
    raise Http404


def address_of(row: Any) -> str:
    """The page of the journal of a record or claim."""
    return reverse("curation:journal", args=[row._meta.model_name, row.pk])


@method_decorator(never_cache, name="dispatch")
class JournalView(VisibleMixin, TemplateView):
    """The whole journal of one record or claim; what is posted here becomes an entry of it."""

    template_name = "curation/journal.html"

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        row = visible_row(request.user, kind, pk)
        if row.pk != pk:
            return HttpResponseRedirect(address_of(row))
        return self.render_to_response(self.page_of(row, EntryForm()))

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        row = visible_row(request.user, kind, pk)
        entry = JournalEntry(about=row, author=request.user)  # type: ignore[misc]  # strangers do not come here
        form = EntryForm(request.POST, instance=entry)
        if form.is_valid():
            try:
                with transaction.atomic():
                    called = form.save().call_people()
            except IntegrityError as error:  # what it is about was deleted at the same moment
                form.add_error(None, sentence_of(error))
            else:
                sentence = _("It is in the journal.")
                if called:
                    names = ", ".join(person.get_username() for person in called)
                    sentence = _("It is in the journal, and calls: %(names)s.") % {"names": names}
                messages.success(request, sentence)
                return HttpResponseRedirect(came_from(request, address_of(row)))
        return self.render_to_response(self.page_of(row, form), status=422)

    def page_of(self, row: Any, form: EntryForm) -> dict[str, Any]:
        paged = PagedForm(self.request.GET)
        page = (paged.given("page") or 1) if paged.is_valid() else 1
        journal = journal_of(row, (page - 1) * PAGE_SIZE, page * PAGE_SIZE)
        return self.get_context_data(
            row=row,
            form=form,
            paged=paged,
            journal=journal,
            **pages_of(self.request, page, journal.number, PAGE_SIZE),
        )


class EntryView(VisibleMixin, View):
    """Answers, closes, opens again and assigns a question."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        questions = JournalEntry.objects.questions().visible_to(request.user).filter(pk=pk)
        with transaction.atomic():
            question = questions.select_for_update(of=("self",)).first()
            if question is None:
                raise Http404
            actions = {"answer": self.answer, "close": self.close, "reopen": self.reopen, "assign": self.assign}
            action = actions.get(request.POST.get("action", ""))
            if action is None:
                messages.error(request, _("Answer the question, close it, open it again or assign it."))
            else:
                action(question)
        return HttpResponseRedirect(came_from(request, address_of(question.about)))

    def answer(self, question: JournalEntry) -> None:
        answer = JournalEntry(about=question.about, author=self.request.user, question=question)  # type: ignore[misc]
        form = AnswerForm(self.request.POST, instance=answer)
        if not form.is_valid():
            self.tell_errors(form)
            return
        form.save().call_people()
        if "and_close" in self.request.POST and question.is_open:
            question.close(self.request.user)  # type: ignore[arg-type]
            messages.success(self.request, _("The question is answered and closed."))
        else:
            messages.success(self.request, _("The question is answered; it stays open."))

    def close(self, question: JournalEntry) -> None:
        if not question.is_open:
            messages.error(self.request, _("The question is closed already."))
            return
        question.close(self.request.user)  # type: ignore[arg-type]
        messages.success(self.request, _("The question is closed."))

    def reopen(self, question: JournalEntry) -> None:
        if question.is_open:
            messages.error(self.request, _("The question is open already."))
            return
        question.reopen()
        messages.success(self.request, _("The question is open again."))

    def assign(self, question: JournalEntry) -> None:
        form = AssignForm(question, self.request.POST)
        if not form.is_valid():
            self.tell_errors(form)
            return
        question.assigned_to = person = form.cleaned_data["assigned_to"]
        question.save(update_fields=["assigned_to", "updated_at"])
        sentence = _("The question is for %(person)s.") if person else _("The question is for nobody in particular.")
        messages.success(self.request, sentence % {"person": person and person.get_username()})

    def tell_errors(self, form: Any) -> None:
        for errors in form.errors.values():
            messages.error(self.request, " ".join(map(str, errors)))


class EntryListView(VisibleMixin, TemplateView):
    """Entries on anything that the viewer works on and may see."""

    template_name = "curation/entries.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not any(sees_drafts(request.user, model) for model in tracked_models()):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def shown(self, entries: Any, page: int) -> dict[str, Any]:
        """A page of entries with what they are about."""
        visible = entries.visible_to(self.request.user)
        number = visible.count()
        start = (page - 1) * PAGE_SIZE
        keys = list(visible.values_list("pk", flat=True)[start : start + PAGE_SIZE])
        rows = JournalEntry.objects.filter(pk__in=keys).with_people().prefetch_related("answers__author")
        return {
            "entries": list(rows.with_about()) if keys else [],
            "number": number,
            **pages_of(self.request, page, number, PAGE_SIZE),
        }


@method_decorator(never_cache, name="dispatch")
class QuestionsView(EntryListView):
    """Open questions: one's own at first, or all, by person, state and kind."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = {str(model._meta.model_name): model for model in tracked_models()}
        seen = [model for model in kinds.values() if sees_drafts(self.request.user, model)]
        form = QuestionsForm(seen, self.request.GET)
        found: dict[str, Any] = {"entries": [], "number": 0}
        if form.is_valid():
            entries = JournalEntry.objects.questions()
            if (state := form.given("state")) != "all":
                entries = entries.filter(closed_at__isnull=state != "closed")
            if person := form.given("person"):
                entries = entries.filter(assigned_to=person)
            if kind := form.given("kind"):
                entries = entries.filter(content_type__model=kind)
            found = self.shown(entries, form.given("page") or 1)
        return super().get_context_data(**kwargs, form=form, filters=filters_of(form), what="questions", **found)


@method_decorator(never_cache, name="dispatch")
class MentionsView(EntryListView):
    """What calls the viewer, the latest first."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PagedForm(self.request.GET)
        found: dict[str, Any] = {"entries": [], "number": 0}
        if form.is_valid():
            found = self.shown(JournalEntry.objects.mentioning(self.request.user), form.given("page") or 1)
        return super().get_context_data(**kwargs, form=form, what="mentions", **found)
