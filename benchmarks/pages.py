"""Which pages of the admin are measured, on which rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import IS_FACETS_VAR, ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.paginator import Paginator
from django.db.models import Count, ForeignKey, Model
from django.http import HttpRequest
from django.urls import reverse

from benchmarks.words import COMMON_WORD, RARE_WORD
from crimewatch.citations.models import Claim
from crimewatch.records.models import Record
from crimewatch.records.querysets import claim_relations
from regions.models import Region

#: Half of one name and half of another, each with a letter missing or changed.
MISSPELT = "quirquncho"


@dataclass(frozen=True)
class Page:
    """A page to open: of which kind of row, what it shows, and its address."""

    section: str
    model: str
    what: str
    address: str


def measured_models() -> list[type[Model]]:
    """Every kind of record and claim that the admin shows, in its order."""
    return [model for model in admin.site._registry if issubclass(model, Record | Claim)]


def pages(request: HttpRequest) -> Iterator[Page]:
    """Every page that is measured; ``request`` is one of somebody who may see them all."""
    yield Page("Forms", "start page", "list", reverse("admin:index"))
    for model in measured_models():
        name = str(model._meta.verbose_name_plural)
        for what, query in lists_of(model, request):
            yield Page("Lists", name, what, address(model, "changelist", **query))
        for what, row_address in forms_of(model):
            yield Page("Forms", name, what, row_address)
        for what, query in choices_of(model):
            yield Page("Selects", name, what, f"{reverse('admin:autocomplete')}?{urlencode(query)}")


def address(model: type[Model], page: str, *keys: Any, **query: Any) -> str:
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=keys)
    return f"{path}?{urlencode(query)}" if query else path


def lists_of(model: type[Model], request: HttpRequest) -> Iterator[tuple[str, dict[str, Any]]]:
    """The list as it opens, searched, filtered, turned to other pages and sorted by each column."""
    yield "as it opens", {}
    yield "rare word", {SEARCH_VAR: RARE_WORD}
    yield "common word", {SEARCH_VAR: COMMON_WORD}
    yield "misspelt", {SEARCH_VAR: MISSPELT}
    if issubclass(model, Record):
        yield "published", {"status__exact": "published"}
        yield "uncited", {"support": "uncited"}
    else:
        yield "accepted", {"status__exact": "accepted"}
        field, record = best_known_record_of(model)
        yield "of one record", {f"{field}__id__exact": record.pk}
    yield "counts beside the filters", {IS_FACETS_VAR: "True"}
    yield "page 2", {PAGE_VAR: 2}
    yield "last page", {PAGE_VAR: last_page(model)}
    for column in sortable_columns(model, request):
        yield "sorted", {ORDER_VAR: column}


def last_page(model: type[Model]) -> int:
    return Paginator(model._default_manager.order_by("pk"), admin.site._registry[model].list_per_page).num_pages


def sortable_columns(model: type[Model], request: HttpRequest) -> list[int]:
    """The numbers of the columns that a click sorts by, as they stand in the list's address."""
    model_admin = admin.site._registry[model]
    changelist = model_admin.get_changelist_instance(request)
    return [
        number
        for number, column in enumerate(changelist.list_display)
        if number and changelist.get_ordering_field(column)
    ]


def best_known_record_of(model: type[Claim]) -> tuple[str, Record]:
    """The record that the most claims of a kind name, a region where they name one, and the field that names it."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    field = next((key for key in keys if key.related_model is Region), model._meta.get_field(model.subject))
    return field.name, row_named_most(model, field.name)


def row_named_most(model: type[Model], field: str) -> Any:
    named = model._default_manager.order_by().exclude(**{field: None}).values(field)
    counted = named.annotate(number=Count("pk")).order_by("-number", field)
    return model._meta.get_field(field).related_model._default_manager.get(pk=counted[0][field])


def forms_of(model: type[Model]) -> Iterator[tuple[str, str]]:
    """The empty form, the form of an ordinary row and of the record with the most claims, and its deletion."""
    yield "add", address(model, "add")
    keys = model._default_manager.order_by("pk").values_list("pk", flat=True)
    yield "ordinary", address(model, "change", keys[len(keys) // 2])
    if issubclass(model, Record):
        busiest = busiest_record(model)
        yield "busiest", address(model, "change", busiest.pk)
        yield "delete the busiest", address(model, "delete", busiest.pk)
    else:
        yield "delete", address(model, "delete", keys[len(keys) // 2])


def busiest_record(model: type[Record]) -> Any:
    """The record that has the most claims of one kind: the longest of all inlines, or else the most mentions."""
    inlines = {inline.model for inline in admin.site._registry[model].inlines}
    relations = claim_relations(model)
    owning = [relation for relation in relations if relation.related_model in inlines] or relations
    found = [row_named_most(relation.related_model, relation.field.name) for relation in owning]
    counts = [
        relation.related_model._default_manager.filter(**{relation.field.name: record}).count()
        for relation, record in zip(owning, found, strict=True)
    ]
    return found[counts.index(max(counts))]


def choices_of(model: type[Model]) -> Iterator[tuple[str, dict[str, str]]]:
    """What a select for records of a kind offers at first, and as words are typed into it."""
    if not issubclass(model, Record):
        return
    field = claim_relations(model)[0].field
    asked = {
        "app_label": field.model._meta.app_label,
        "model_name": field.model._meta.model_name,
        "field_name": field.name,
    }
    yield "nothing typed", {**asked, "term": ""}
    yield "rare word", {**asked, "term": RARE_WORD}
    yield "common word", {**asked, "term": COMMON_WORD}
    yield "misspelt", {**asked, "term": MISSPELT}
