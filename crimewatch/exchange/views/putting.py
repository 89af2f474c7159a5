"""The page on which rows that were chosen in a list are put into collections and under tags."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from crimewatch.collections.forms import PutForm
from crimewatch.collections.gathered import may_tag
from crimewatch.collections.putting import MovedError, Step, plan, put_all, stamp_of
from crimewatch.exchange.edits.chosen import chosen_rows
from crimewatch.exchange.models.batches import counted
from crimewatch.exchange.outgoing import EmptySelectionError
from crimewatch.exchange.views.edits import SELECTION
from crimewatch.records.access import VisibleMixin


class PutView(LoginRequiredMixin, VisibleMixin, View):
    """Asks where the chosen rows are to be put, shows what would become of them, and does it once that is confirmed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        data = request.POST if request.method == "POST" else request.GET
        try:
            rows = chosen_rows(data, request.user)
        except EmptySelectionError as error:
            return self.page({"problem": str(error)}, status=422 if request.method == "POST" else 200)
        pks = {table.model: list(found.order_by("pk").values_list("pk", flat=True)) for table, found in rows.items()}
        posted = data if request.method == "POST" else None
        form = PutForm(posted, user=request.user, tags=any(may_tag(request.user, model) for model in pks))
        context = {
            "form": form,
            "chosen": [counted(model, len(found)) for model, found in pks.items()],
            "selection": [(name, value) for name in SELECTION for value in data.getlist(name)],
            "missing": len(set(data.getlist("row"))) - sum(map(len, pks.values())) if "all" not in data else 0,
        }
        if posted is None or not form.is_valid() or "again" in posted:
            return self.page(context, status=422 if form.errors else 200)
        steps = plan(pks, form.cleaned_data, request.user)
        is_moved = False
        if "stamp" in posted and has_something_to_do(steps):
            try:
                done = put_all(pks, form.cleaned_data, request.user, posted["stamp"])
            except MovedError:
                is_moved = True
            else:
                return redirect("collections:take_back", done.context)
        context |= {
            "steps": [(step, list(step.outcomes())) for step in steps],
            "typed": [(name, value) for name in form.fields for value in posted.getlist(name)],
            "stamp": stamp_of(steps) if has_something_to_do(steps) else "",
            "is_moved": is_moved,
        }
        return self.page(context, status=409 if is_moved else 200)

    def page(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return render(self.request, "exchange/put.html", context, status=status)


def has_something_to_do(steps: list[Step]) -> bool:
    return any(step.todo for step in steps)
