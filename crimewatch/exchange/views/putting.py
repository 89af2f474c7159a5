"""The page on which rows that were chosen in a list are put into collections and under tags."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from crimewatch.collections.forms import PutForm
from crimewatch.collections.gathered import may_tag
from crimewatch.collections.putting import put_all
from crimewatch.exchange.edits.chosen import chosen_rows
from crimewatch.exchange.models.batches import counted
from crimewatch.exchange.outgoing import EmptySelectionError
from crimewatch.exchange.views.edits import SELECTION
from crimewatch.records.access import VisibleMixin


class PutView(LoginRequiredMixin, VisibleMixin, View):
    """Asks where the chosen rows are to be put, puts them there, and says how many were put."""

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
        posted = data if request.method == "POST" else None
        form = PutForm(posted, user=request.user, tags=all(may_tag(request.user, table.model) for table in rows))
        if posted is not None and form.is_valid():
            pks = {table.model: list(found.order_by().values_list("pk", flat=True)) for table, found in rows.items()}
            done = put_all(pks, form.cleaned_data, request.user)
            return self.page({"done": done, "context": done.context})
        context = {
            "form": form,
            "chosen": [counted(table.model, found.order_by().count()) for table, found in rows.items()],
            "selection": [(name, value) for name in SELECTION for value in data.getlist(name)],
        }
        return self.page(context, status=200 if posted is None else 422)

    def page(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return render(self.request, "exchange/put.html", context, status=status)
