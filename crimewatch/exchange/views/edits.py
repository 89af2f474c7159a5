"""The page on which many rows are changed at once, before there is a preview of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from crimewatch.exchange import edits, sweeping, tasks
from crimewatch.exchange.batches import change_state
from crimewatch.exchange.edits.chosen import chosen_rows, rows_to_change
from crimewatch.exchange.edits.claims import ClaimForm, begin_claims, label_of, roles_of
from crimewatch.exchange.edits.forms import EditForm
from crimewatch.exchange.models import BatchKind, BatchState
from crimewatch.exchange.models.batches import counted
from crimewatch.exchange.outgoing import EmptySelectionError
from crimewatch.exchange.rights import ImporterMixin
from crimewatch.exchange.views.batches import BatchMixin

#: What the address of a selection holds; see `chosen.chosen_rows`.
SELECTION = ("row", "all", "list", "model", "filters")


class EditView(ImporterMixin, View):
    """Asks what is to be done with the rows that were chosen in a list, and makes the batch that previews it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        data = request.POST if request.method == "POST" else request.GET
        try:
            rows = rows_to_change(data, request.user)
        except EmptySelectionError as error:
            return self.page({"problem": str(error)}, status=422 if request.method == "POST" else 200)
        posted = data if request.method == "POST" else None
        form = EditForm(posted, tables=list(rows), user=request.user)
        if posted is not None and form.is_valid():
            sweeping.make_room()
            batch = edits.begin(rows, form.changes, user=request.user, reason=form.cleaned_data["reason"])
            tasks.begin_preview(batch)
            return redirect(batch)
        context = {
            "form": form,
            "roles": roles_to_choose(rows, request),
            "chosen": [counted(table.model, found.order_by().count()) for table, found in rows.items()],
            "selection": [(name, value) for name in SELECTION for value in data.getlist(name)],
        }
        return self.page(context, status=200 if posted is None else 422)

    def page(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return render(self.request, "exchange/edit.html", context, status=status)


def roles_to_choose(rows: Any, request: HttpRequest) -> list[tuple[str, str]]:
    """Where records of one kind are chosen: the addresses of the form of each claim that can be added about them."""
    if len(rows) != 1:
        return []
    query = QueryDict(mutable=True)
    data = request.POST if request.method == "POST" else request.GET
    for name in SELECTION:
        query.setlist(name, data.getlist(name))
    (table,) = rows
    return [
        (label_of(claims, field), f"{reverse('exchange:add_claims')}?{query.urlencode(safe=':')}&claim={role}")
        for role, (claims, field) in roles_of(table, request.user).items()
    ]


class AddClaimsView(ImporterMixin, View):
    """Asks for a claim that is to be added about each of the chosen records, and makes the batch that previews it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        data = request.POST if request.method == "POST" else request.GET
        try:
            rows = chosen_rows(data, request.user)
            (table, found), *others = rows.items()
            role = roles_of(table, request.user).get(data.get("claim", ""))
            if others or role is None:
                raise EmptySelectionError(_("Choose records of one kind, and a claim about them that you may add."))
        except EmptySelectionError as error:
            return self.page({"problem": str(error)}, status=422 if request.method == "POST" else 200)
        posted = data if request.method == "POST" else None
        form = ClaimForm(posted, claims=role[0], field=role[1], user=request.user)
        if posted is not None and form.is_valid():
            sweeping.make_room()
            reason = form.cleaned_data["reason"]
            batch = begin_claims(table, found, *role, form.cells, user=request.user, reason=reason)
            tasks.begin_preview(batch)
            return redirect(batch)
        context = {
            "form": form,
            "what": label_of(*role),
            "chosen": [counted(table.model, found.order_by().count())],
            "selection": [(name, value) for name in (*SELECTION, "claim") for value in data.getlist(name)],
        }
        return self.page(context, status=200 if posted is None else 422)

    def page(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return render(self.request, "exchange/add_claims.html", context, status=status)


class LeaveOutView(ImporterMixin, BatchMixin, View):
    """Goes on with a bulk edit without the rows that its preview refuses."""

    def post(self, request: HttpRequest, uid: Any) -> HttpResponse:
        batch = self.batch_to_use(uid)
        waits = batch.kind == BatchKind.EDIT and batch.is_kept
        if not waits or not change_state(batch, {BatchState.PREVIEWED}, BatchState.UPLOADED):
            messages.error(request, _("There is nothing to leave out: the edit has been confirmed, changed or ended."))
            return redirect(batch)
        edits.leave_out_bad_rows(batch, edits.sources_of(batch))
        tasks.begin_preview(batch)
        return redirect(batch)
