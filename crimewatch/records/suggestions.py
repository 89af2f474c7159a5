"""Keys of records proposed while one is typed into a filter."""

from typing import Any

from django.apps import apps
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views import View

from crimewatch.records.access import VisibleMixin
from crimewatch.records.filter_fields import LONGEST_TEXT, NOT
from crimewatch.records.models import Record
from crimewatch.records.search import Fold

PROPOSED = 10


class KeysView(VisibleMixin, View):
    """The options of a list: the records of a kind that the text of the address may mean, those first that begin so.

    The text is what stands in a filter. Of several keys, ``puno,vra``, the last is completed; ``!`` stays before them.
    """

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        model = next((each for each in apps.get_models() if is_kind(each, kind)), None)
        if model is None:
            raise Http404
        written = str(next(iter(request.GET.values()), ""))[:LONGEST_TEXT].replace("\x00", "")
        before, comma, last = written.rpartition(",")
        if not comma and last.lstrip().startswith(NOT):
            before, last = NOT, last.lstrip().removeprefix(NOT)
        context = {"before": before + comma, "records": self.records(model, last.strip())}
        return render(request, "site/_keys.html", context)

    def records(self, model: Any, text: str) -> list[Any]:
        if not text:
            return []
        key = slugify(text)
        visible = self.visible(model).with_context()
        begins = Q(slug__startswith=key) if key else Q(pk__in=[])
        found = visible.filter(begins | Q(search_key__contains=Fold(Value(text)))).order_by(
            Case(When(begins, then=0), default=1), Length("name"), "pk"
        )
        return list(found[:PROPOSED]) or list(visible.search(text)[:PROPOSED])


def is_kind(model: type[Any], kind: str) -> bool:
    return issubclass(model, Record) and model._meta.model_name == kind
