"""Saved filters on the lists: those that a viewer has or may use, and saving, changing and deleting one's own."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, TextField, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from crimewatch.explorer.models import NO_NAME, NO_QUERY, SavedFilter
from crimewatch.records.database_errors import sentence_of
from crimewatch.records.filter_fields import NOT, NOTHING, RecordField, keys_in
from crimewatch.records.filters import OPTIONS, ChoiceFilter
from crimewatch.records.models import Record
from crimewatch.records.options import ListOptions
from crimewatch.records.views import ListView

#: As many of one's own, and of those that others share, are shown on a list.
OWN_SHOWN = 50
SHARED_SHOWN = 20

#: What of an address says where in the list one is, and not what it holds.
PASSING = ("format", "page", "after", "before")

# What a viewer is shown


def own_filters(view: ListView, list_name: str) -> list[SavedFilter]:
    return list(SavedFilter.objects.filter(owner=view.request.user.pk, list_name=list_name)[:OWN_SHOWN])


def shared_filters(view: ListView, list_name: str) -> list[SavedFilter]:
    """What others share of this list; nothing that the list would refuse to the viewer.

    An address that names a record which the viewer may not see is refused, so that neither it nor its name is told.
    The records are looked up all at once.
    """
    shared = SavedFilter.objects.visible_to(view.request.user).filter(list_name=list_name)
    shared = shared.exclude(owner=view.request.user.pk).select_related("owner")
    queries = {saved: QueryDict(saved.query) for saved in shared[:SHARED_SHOWN]}
    sensible = {saved: query for saved, query in queries.items() if makes_sense(view, query)}
    visible = visible_keys(view, sensible.values())
    return [saved for saved, query in sensible.items() if visible.issuperset(keys_named(view, query))]


def makes_sense(view: ListView, query: QueryDict) -> bool:
    """Whether the list takes all of ``query`` from the viewer, as far as can be told without looking up its records."""
    options = ListOptions(query, view.name, view.columns, view.shown, view.formats)
    filters = {name: values for name, values in query.lists() if name not in OPTIONS}
    return not options.problems and all(takes(view, query, name) for name in filters)


def takes(view: ListView, query: QueryDict, name: str) -> bool:
    known = view.filterset.filters.get(name)
    if known is None or (len(query.getlist(name)) > 1 and not isinstance(known, ChoiceFilter)):
        return False
    if isinstance(known.field, RecordField):
        return True
    field = view.filterset.form.fields[name]
    try:
        field.clean(field.widget.value_from_datadict(query, {}, name))
    except ValidationError:
        return False
    return True


Key = tuple[type[models.Model], str]


def keys_named(view: ListView, query: QueryDict) -> set[Key]:
    """The records that ``query`` names, by their kinds and keys."""
    keys: set[Key] = set()
    for name, known in view.filterset.filters.items():
        if query.get(name) and isinstance(known.field, RecordField):
            text = str(query[name]).strip().removeprefix(NOT).strip()
            if text != NOTHING or not known.field.may_be_empty:
                keys |= {(known.field.queryset.model, slugify(key)) for key in keys_in(text)}
    return keys


def visible_keys(view: ListView, queries: Iterable[QueryDict]) -> set[Key]:
    """Those of the records that ``queries`` name which the viewer may see. One query, whatever they name."""
    named: dict[Any, set[str]] = defaultdict(set)
    for query in queries:
        for model, key in keys_named(view, query):
            named[model].add(key)
    if not named:
        return set()
    kinds = {model._meta.label_lower: model for model in named}
    parts = [slugs_among(view.visible(model), keys) for model, keys in named.items()]
    rows = parts[0].union(*parts[1:], all=True)
    return {(kinds[kind], key) for kind, slug, past in rows for key in (slug, *past)}


def slugs_among(records: Any, keys: set[str]) -> Any:
    """The kind, the present and the past keys of those of ``records`` that have or had one of ``keys``."""
    # Collections and tags have no past keys.
    has_past = issubclass(records.model, Record)
    past: Any = F("past_slugs") if has_past else Value([], output_field=ArrayField(TextField()))
    return records.having_slug(keys).order_by().values_list(Value(records.model._meta.label_lower), "slug", past)


# What a person does with their own


class SavedFilterForm(forms.ModelForm):
    """A new name for a filter that is saved, and whether others are shown it."""

    class Meta:
        model = SavedFilter
        fields: tuple[str, ...] = ("name", "is_shared")
        error_messages = {
            "name": {
                "required": NO_NAME,
                "max_length": gettext_lazy("The name has more than %(limit_value)d characters: shorten it."),
            },
            "query": {
                "required": NO_QUERY,
                "max_length": gettext_lazy("The address has more than %(limit_value)d characters: ask for less."),
            },
            "list_name": {
                "required": gettext_lazy("Say of which list the filter is."),
                "max_length": gettext_lazy("No list has a name of more than %(limit_value)d characters."),
            },
        }

    def _get_validation_exclusions(self) -> set[str]:
        """The owner and the list are not typed, but the name must be one of its kind among theirs."""
        return super()._get_validation_exclusions() - ({"owner", "list_name"} - set(self.errors))  # type: ignore[misc]

    @property
    def problems(self) -> list[str]:
        return [str(error) for errors in self.errors.values() for error in errors]


class NewFilterForm(SavedFilterForm):
    """A name for what a list shows now."""

    class Meta(SavedFilterForm.Meta):
        fields = ("list_name", "query", "name", "is_shared")
        widgets = {"list_name": forms.HiddenInput, "query": forms.HiddenInput}

    def clean_query(self) -> str:
        query = QueryDict(self.cleaned_data["query"].removeprefix("?"), mutable=True)
        for option in PASSING:
            query.pop(option, None)
        text = query.urlencode(safe="/:,!")
        if not text:
            raise ValidationError(NO_QUERY)
        return text

    def clean(self) -> None:
        super().clean()
        mine = SavedFilter.objects.filter(owner=self.instance.owner, list_name=self.cleaned_data.get("list_name", ""))
        if mine.count() >= OWN_SHOWN:
            sentence = _("You have saved %(number)s filters of this list: delete one that you no longer need.")
            raise ValidationError(sentence % {"number": OWN_SHOWN})


class OwnFilterView(LoginRequiredMixin, View):
    """Does what a button of the list sends, for the login that it belongs to; what is not one's own is not there."""

    http_method_names = ["post"]

    def own(self, pk: int) -> SavedFilter:
        return get_object_or_404(SavedFilter, pk=pk, owner=self.request.user.pk)

    def save(self, form: SavedFilterForm, done: str) -> HttpResponse:
        """Back to the list with ``done``, or the form once more with what is wrong."""
        if form.is_valid():
            try:
                with transaction.atomic():
                    saved = form.save()
            except IntegrityError as error:  # the same name at the same time
                form.add_error(None, sentence_of(error))
            else:
                messages.success(self.request, done % {"name": saved.name})
                return self.back(saved)
        return render(self.request, "explorer/saved_filter.html", {"form": form}, status=422)

    def back(self, saved: SavedFilter) -> HttpResponse:
        """To the list as it was when the button was pressed."""
        path, came_from = reverse(saved.list_name), urlsplit(self.request.headers.get("Referer", ""))
        if came_from.path != path:
            return HttpResponseRedirect(saved.address)
        return HttpResponseRedirect(f"{path}?{came_from.query}" if came_from.query else path)


class SaveFilterView(OwnFilterView):
    """Saves what a list shows under a name."""

    def post(self, request: HttpRequest) -> HttpResponse:
        owner: Any = request.user
        form = NewFilterForm(request.POST, instance=SavedFilter(owner=owner))
        return self.save(form, _("“%(name)s” is saved."))


class ChangeFilterView(OwnFilterView):
    """Renames, shares, and shares no more."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.save(SavedFilterForm(request.POST, instance=self.own(pk)), _("“%(name)s” is changed."))


class DeleteFilterView(OwnFilterView):
    """Deletes one's own."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        saved = self.own(pk)
        saved.delete()
        done = _("“%(name)s” is deleted.") % {"name": saved.name}
        # Who pressed the button by mistake saves it again from there.
        messages.success(request, format_html('{} <a href="{}">{}</a>', done, saved.address, _("What it showed")))
        return self.back(saved)
