"""Pages of the quality desk: all checks with their numbers, what one of them finds, and what was dismissed."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from crimewatch.curation.quality.checks import Check
from crimewatch.curation.quality.desk import Desk
from crimewatch.curation.quality.forms import DismissForm, FindingsForm
from crimewatch.curation.quality.models import Dismissal
from crimewatch.records import readable
from crimewatch.records.access import VisibleMixin
from crimewatch.records.downloads import FORMATS, download

PAGE_SIZE = 50

#: How many dismissed findings the page of a check shows, the latest first.
DISMISSED_SHOWN = 100

COLUMNS = ["kind", "key", "title", "detail", "changed", "address"]


class DeskMixin(VisibleMixin):
    """For pages of the desk: who works on no kind of record or claim has none."""

    def desk(self) -> Desk:
        desk = Desk(self.request.user)
        if not desk.checks:
            raise Http404
        return desk

    @staticmethod
    def named(desk: Desk, name: str) -> Check:
        check = desk.check(name)
        if check is None:
            raise Http404
        return check


@method_decorator(never_cache, name="dispatch")
class DeskView(DeskMixin, TemplateView):
    """Every check with its number, now and over time."""

    template_name = "curation/quality/desk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, lines=self.desk().lines())


@method_decorator(never_cache, name="dispatch")
class CheckView(DeskMixin, View):
    """What one check finds, page by page and as files, and what somebody has dismissed."""

    def get(self, request: HttpRequest, check: str) -> HttpResponseBase:
        desk = self.desk()
        asked = self.named(desk, check)
        form = FindingsForm(desk.models(asked), request.GET)
        if not form.is_valid():
            return render(request, "curation/quality/check.html", {"check": asked, "form": form}, status=400)
        if form.cleaned_data["format"]:
            return download(
                form.cleaned_data["format"], f"{asked.name}", COLUMNS, self.cells(desk, asked, form.chosen())
            )
        return render(request, "curation/quality/check.html", self.context(desk, asked, form))

    def context(self, desk: Desk, check: Check, form: FindingsForm) -> dict[str, Any]:
        numbers = desk.numbers(check)
        chosen = [model for model in form.chosen() if model in numbers]
        count = sum(numbers[model] for model in chosen)
        pages = max(1, -(-count // PAGE_SIZE))
        page = min(form.cleaned_data["page"] or 1, pages)
        start = (page - 1) * PAGE_SIZE
        kind = form.cleaned_data["kind"]
        return {
            "check": check,
            "form": form,
            "kinds": [
                (model._meta.model_name, capfirst(str(model._meta.verbose_name_plural)), readable.number(number))
                for model, number in numbers.items()
            ],
            "kind": kind,
            "total_text": readable.number(sum(numbers.values())),
            "count": count,
            "count_text": readable.number(count),
            "findings": [
                (finding, self.may_dismiss(finding.row))
                for finding in desk.page(check, chosen, start, start + PAGE_SIZE)
            ],
            "page": page,
            "last_page": pages,
            "newer": self.address(kind, page - 1) if page > 1 else "",
            "older": self.address(kind, page + 1) if page < pages else "",
            "downloads": [(label, f"{self.address(kind)}format={form_}") for form_, label in FORMATS.items()],
            "list_address": check.list_address(chosen[0]) if len(chosen) == 1 else "",
            "series": desk.series(check)[::-1],
            "dismissed": self.dismissed(desk, check),
        }

    @staticmethod
    def address(kind: str, page: int | None = None) -> str:
        """The address of a page; without one, what the name of a form can be put behind."""
        narrowed = f"?kind={kind}&" if kind else "?"
        return narrowed if page is None else f"{narrowed}page={page}"

    def may_dismiss(self, row: Any) -> bool:
        return may_change(self.request.user, type(row))

    def dismissed(self, desk: Desk, check: Check) -> list[dict[str, Any]]:
        """The findings that somebody has dismissed, with those that are back since: a query, and one for each kind."""
        kinds = {model._meta.label_lower: model for model in desk.models(check)}
        dismissals = list(
            Dismissal.objects.filter(check_name=check.name, kind__in=kinds).select_related("dismissed_by")[
                :DISMISSED_SHOWN
            ]
        )
        shown: dict[tuple[str, int], Any] = {}
        for kind in dict.fromkeys(each.kind for each in dismissals):
            keys = [each.row for each in dismissals if each.kind == kind]
            rows = kinds[kind].objects.visible_to(self.request.user).with_context().order_by().filter(pk__in=keys)
            shown.update({(kind, row.pk): row for row in rows})
        since = timezone.now() - check.lasts if check.lasts else None
        return [
            {
                "dismissal": each,
                "row": row,
                "is_back": each.dismissed_at < row.updated_at or (since is not None and each.dismissed_at < since),
                "may_undo": self.may_dismiss(row),
            }
            for each in dismissals
            if (row := shown.get((each.kind, each.row))) is not None
        ]

    def cells(self, desk: Desk, check: Check, models: list[Any]) -> Iterator[list[Any]]:
        for finding in desk.all(check, models):
            address = self.request.build_absolute_uri(finding.row.get_absolute_url())
            yield [finding.model_name, finding.key, finding.title, finding.detail, finding.row.updated_at, address]


class DismissView(DeskMixin, View):
    """Takes a finding off the list, with the reason, for who may change the row."""

    def post(self, request: HttpRequest, check: str, kind: str, row: int) -> HttpResponse:
        desk = self.desk()
        asked = self.named(desk, check)
        model = next((model for model in desk.models(asked) if model._meta.model_name == kind), None)
        if model is None or not may_change(request.user, model):
            raise Http404
        get_object_or_404(model.objects.visible_to(request.user).order_by(), pk=row)
        form = DismissForm(request.POST)
        if not form.is_valid():
            for errors in form.errors.values():
                messages.error(request, " ".join(map(str, errors)))
        elif not desk.is_found(asked, model, row):
            messages.info(request, _("The check does not find it any more: there is nothing to dismiss."))
        else:
            Dismissal.objects.update_or_create(
                check_name=asked.name,
                kind=model._meta.label_lower,
                row=row,
                defaults={
                    "reason": form.cleaned_data["reason"],
                    "dismissed_at": timezone.now(),
                    "dismissed_by": request.user,
                },
            )
            messages.success(request, _("It is off the list until it is changed."))
        return HttpResponseRedirect(back_to(request, asked))


class UndoView(DeskMixin, View):
    """Puts a dismissed finding back on the list."""

    def post(self, request: HttpRequest, check: str, dismissal: int) -> HttpResponse:
        desk = self.desk()
        asked = self.named(desk, check)
        kinds = {model._meta.label_lower: model for model in desk.models(asked) if may_change(request.user, model)}
        with transaction.atomic():
            found = get_object_or_404(
                Dismissal.objects.select_for_update(), check_name=asked.name, kind__in=kinds, pk=dismissal
            )
            get_object_or_404(kinds[found.kind].objects.visible_to(request.user).order_by(), pk=found.row)
            found.delete()
        messages.success(request, _("It is looked at like any other again."))
        return HttpResponseRedirect(back_to(request, asked))


def may_change(user: Any, model: Any) -> bool:
    return bool(user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}"))


def back_to(request: HttpRequest, check: Check) -> str:
    """The page of the check that the button stood on."""
    own = reverse("curation:quality_check", args=[check.name])
    address = request.POST.get("next", "")
    return address if address == own or address.startswith(f"{own}?") else own
