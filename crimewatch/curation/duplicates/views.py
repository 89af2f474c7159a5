"""The list of pairs that may be one, what people say of each, and looking a kind through anew."""

from typing import Any

import pghistory
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from crimewatch.curation.duplicates.finding import look_through
from crimewatch.curation.duplicates.forms import QueueForm, VerdictForm
from crimewatch.curation.duplicates.models import Look, Verdict
from crimewatch.curation.duplicates.queue import OPEN, kind_of, lines_of, numbers_of_open, pairs_of
from crimewatch.curation.merging.references import record_kinds
from crimewatch.records.access import VisibleMixin
from crimewatch.records.querysets import sees_drafts
from crimewatch.records.views import estimated_rows

PAGE_SIZE = 20

#: Of kinds with more records, the command line looks: it takes longer than a page may.
LOOKED_THROUGH_HERE = 10_000


def kinds_of(user: Any) -> dict[str, Any]:
    """The kinds of record whose drafts ``user`` sees, by name; 404 where there are none."""
    kinds = {name: model for name, model in record_kinds().items() if sees_drafts(user, model)}
    if not kinds:
        raise Http404
    return kinds


def may_change(user: Any, model: Any) -> bool:
    return bool(user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}"))


@method_decorator(never_cache, name="dispatch")
class DuplicatesView(VisibleMixin, View):
    """The pairs of one kind, the strongest first; a button looks the kind through anew."""

    def get(self, request: HttpRequest) -> HttpResponse:
        kinds = kinds_of(request.user)
        form = QueueForm(kinds, request.GET)
        is_valid = form.is_valid()
        numbers = numbers_of_open(list(kinds.values()), request.user)
        asked = form.cleaned_data.get("kind") if is_valid else ""
        model = kinds[asked] if asked else next((each for each in numbers if numbers[each]), next(iter(numbers)))
        said = (form.cleaned_data.get("said") if is_valid else "") or OPEN
        page = (form.cleaned_data.get("page") if is_valid else None) or 1
        start = (page - 1) * PAGE_SIZE
        rows = list(pairs_of(model, request.user, said)[start : start + PAGE_SIZE + 1]) if is_valid else []
        context = {
            "form": form,
            "filters": [{"field": field} for field in form.visible_fields()],
            "numbers": [
                (each._meta.model_name, each._meta.verbose_name_plural, number, each is model)
                for each, number in numbers.items()
            ],
            "model": model._meta.model_name,
            "kinds": model._meta.verbose_name_plural,
            "lines": lines_of(model, rows[:PAGE_SIZE], request.user),
            "said": said,
            "look": Look.objects.filter(content_type=kind_of(model)).first(),
            "may_judge": may_change(request.user, model),
            "may_look_here": (estimated_rows([model]) or 0) <= LOOKED_THROUGH_HERE,
            "page": page,
            "newer": self.address(page - 1) if page > 1 else "",
            "older": self.address(page + 1) if len(rows) > PAGE_SIZE else "",
        }
        return render(request, "curation/duplicates/duplicates.html", context, status=200 if is_valid else 400)

    def address(self, page: int) -> str:
        query: QueryDict = self.request.GET.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Look a kind through."""
        model = kinds_of(request.user).get(request.POST.get("kind", ""))
        if model is None:
            raise Http404
        if not may_change(request.user, model):
            raise PermissionDenied
        address = f"{reverse('curation:duplicates')}?kind={model._meta.model_name}"
        if (estimated_rows([model]) or 0) > LOOKED_THROUGH_HERE:
            messages.error(request, _("There are too many to look through here: run manage.py find_duplicates."))
            return HttpResponseRedirect(address)
        look_through(model)
        messages.success(request, _("Looked through: %(kinds)s.") % {"kinds": model._meta.verbose_name_plural})
        return HttpResponseRedirect(address)


class VerdictView(VisibleMixin, View):
    """Remembers what somebody says of a pair."""

    def post(self, request: HttpRequest, kind: str, first: int, second: int) -> HttpResponse:
        model = kinds_of(request.user).get(kind)
        if model is None or first == second:
            raise Http404
        one, other = (get_object_or_404(self.visible(model), pk=pk) for pk in sorted([first, second]))
        if not may_change(request.user, model):
            raise PermissionDenied
        form = VerdictForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
            return HttpResponseRedirect(self.back(kind))
        given = form.cleaned_data
        with pghistory.context(reason=given["note"]) if given["note"] else pghistory.context():
            Verdict.objects.update_or_create(
                content_type=kind_of(model),
                first_id=one.pk,
                second_id=other.pk,
                defaults={"answer": given["answer"], "note": given["note"], "person": request.user},
            )
        if given["answer"] == "same" and "merge" in request.POST:
            return HttpResponseRedirect(f"{reverse('curation:merge')}?stays={kind}/{one.slug}&goes={kind}/{other.slug}")
        messages.success(
            request, _("“%(one)s” and “%(other)s”: your answer is remembered.") % {"one": one, "other": other}
        )
        return HttpResponseRedirect(self.back(kind))

    def back(self, kind: str) -> str:
        """The page that the button stood on."""
        address = self.request.POST.get("next", "")
        here = reverse("curation:duplicates")
        return address if address.startswith(f"{here}?") else f"{here}?kind={kind}"
