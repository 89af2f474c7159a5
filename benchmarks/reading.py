"""Which pages of the reader's side are measured, on which rows."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Count
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse

from benchmarks.pages import MISSPELT, Page
from benchmarks.words import COMMON_WORD, RARE_WORD
from crimewatch.explorer.kinds import record_kinds
from crimewatch.records.filter_fields import PeriodField, RecordField, WholeNumberField
from crimewatch.records.models import Record, Status
from crimewatch.records.querysets import claim_relations

#: What people type, by what is hard about it. The texts say *tráfico* and *traficar*; groups are *Los Pumas de …*.
SEARCHES = {
    "rare word": RARE_WORD,
    "common word": COMMON_WORD,
    "misspelt": MISSPELT,
    "word family": "mineras",
    "two words": "pumas mercurio",
    "words of different records": "pumas huánuco",
}
PICTURES = ("map", "timeline", "network", "flows", "figures")


def pages(request: HttpRequest) -> Iterator[Page]:
    """Every page that is measured; ``request`` is one of a reader."""
    yield Page("Start and search", "start page", "as it opens", reverse("explorer:home"))
    for what, words in SEARCHES.items():
        yield Page("Start and search", "search", what, reverse("explorer:search") + "?" + urlencode({"q": words}))
        query = urlencode({"q": words, "kind": "claim"})
        yield Page("Start and search", "search of claims", what, f"{reverse('explorer:search')}?{query}")
    busiest = {model: busiest_visible(model) for model in record_kinds().values()}
    for model in record_kinds().values():
        name = f"{model._meta.app_label}:{model._meta.model_name}_list"
        for what, query in queries_of(name, request, busiest):
            yield Page("Lists", str(model._meta.verbose_name_plural), what, address(name, query))
    for name in ("explorer:claim_list", "explorer:estimate_list"):
        for what, query in queries_of(name, request, busiest):
            yield Page("Lists", name.partition(":")[2].partition("_")[0] + "s", what, address(name, query))
    for model, record in busiest.items():
        yield Page("Profiles", str(model._meta.verbose_name_plural), "busiest", record.get_absolute_url())
        yield Page("Profiles", str(model._meta.verbose_name_plural), "ordinary", ordinary(model).get_absolute_url())
    for picture in PICTURES:
        for what, query in pictures_of(busiest):
            if is_there(f"explorer:{picture}"):
                yield Page("Pictures", picture, what, address(f"explorer:{picture}", query))


def address(name: str, query: dict[str, str]) -> str:
    return f"{reverse(name)}?{urlencode(query)}" if query else reverse(name)


def is_there(name: str) -> bool:
    """Whether there is a page by this name of an address."""
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def queries_of(
    name: str, request: HttpRequest, busiest: dict[type[Record], Record]
) -> Iterator[tuple[str, dict[str, str]]]:
    """A list as it opens, searched, narrowed by each filter, turned to other pages and sorted by each column."""
    view = resolve(reverse(name)).func.view_class  # type: ignore[attr-defined]
    yield "as it opens", {}
    for what, words in SEARCHES.items():
        yield what, {"q": words}
    filters = view.filterset_class(data={}, request=request, queryset=view.filterset_class._meta.model.objects.none())
    for filter_name, one in filters.filters.items():
        value = value_for(one, busiest)
        if filter_name != "q" and value:
            yield filter_name, {filter_name: value}
    yield "page 2", {"page": "2"}
    for column_name, column in view.table_class.base_columns.items():
        if column.orderable is not False and column_name in view.table_class.shown:
            yield "sorted", {"sort": column_name}


def value_for(one: django_filters.Filter, busiest: dict[type[Record], Record]) -> str:
    """Something that a filter can be set to, which many rows fulfil; empty where it takes something else."""
    field = one.field
    if isinstance(field, RecordField):
        record = busiest.get(field.queryset.model)
        return record.slug if record else ""  # nothing is in a collection or has a tag
    if isinstance(field, PeriodField):
        return "2010/2012"
    choices = [key for key, _label in getattr(field, "choices", ()) if key and not isinstance(_label, list | tuple)]
    if choices:
        return str(choices[0])
    return "2" if isinstance(field, WholeNumberField) else COMMON_WORD


def busiest_visible(model: type[Record]) -> Any:
    """Of the records that readers see the one that the most claims of one kind name."""
    counted: list[tuple[int, int]] = []
    for relation in claim_relations(model):
        field = relation.field.name
        named = relation.related_model._default_manager.order_by().filter(**{f"{field}__status": Status.PUBLISHED})
        most = named.values_list(field).annotate(number=Count("pk")).order_by("-number", field).first()
        counted += [(most[1], most[0])] if most else []
    return model._default_manager.get(pk=max(counted)[1])


def ordinary(model: type[Record]) -> Any:
    """A record in the middle of those that readers see."""
    keys = model._default_manager.filter(status=Status.PUBLISHED).order_by("pk").values_list("pk", flat=True)
    return model._default_manager.get(pk=keys[len(keys) // 2])


def pictures_of(busiest: dict[type[Record], Record]) -> Iterator[tuple[str, dict[str, str]]]:
    """A picture of everything, of a period, and of what is in the region with the most claims."""
    yield "as it opens", {}
    yield "during", {"during": "2010/2012"}
    yield (
        "of the busiest region",
        {"region": next(r.slug for m, r in busiest.items() if m._meta.model_name == "region")},
    )
