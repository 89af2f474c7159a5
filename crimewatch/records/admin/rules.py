"""What the admin page of every row shares: search, selects with context, the database's rules and safe deletion."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crimewatch.records import readable
from crimewatch.records.database_errors import sentence_of
from crimewatch.records.forms import (
    NUMBERS_AS_TEXT,
    LinesField,
    RecordChoiceField,
    RecordMultipleChoiceField,
    RecordSelect,
    keep_closed_records,
    remember_records,
)
from crimewatch.records.history import gone_into, lock_rows
from crimewatch.records.meanwhile import OPENED, Meanwhile, Version, meanwhile, newest_event, settle
from crimewatch.records.models import Record
from crimewatch.records.transfer import TransferMixin
from crimewatch.records.workflow import (
    StepRefusedError,
)

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


#: Rows that the action of deletion takes: its page lists them all.
MOST_DELETED_AT_ONCE = 1_000


def check_deferred_rules() -> None:
    """Let the database check now what it would check at the end of the transaction; raises ``IntegrityError``."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class RememberingForm(forms.ModelForm):
    """A form whose selects know the records that the instance has at hand, and that speaks the database's refusals."""

    #: What the database has refused when the same form was saved a moment ago.
    refusal: ClassVar[str] = ""
    #: What others have saved since the form was opened.
    meanwhile: Meanwhile | None = None
    #: Who looks at the form; None where it names no records that are restricted.
    viewer: ClassVar["Viewer | None"] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})  # labels stand above their fields
        remember_records(self)
        if self.viewer is not None and self.instance.pk is not None:
            keep_closed_records(self, self.viewer)

    @cached_property
    def version(self) -> str:
        """At which state of the row the form was opened; empty for a new one, and for a line among others."""
        if not self._is_about_a_stored_row:
            return ""
        return self.data.get(OPENED, "") if self.is_bound else str(Version.of(self))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self._is_about_a_stored_row:
            self._look_at_others()
        if self.refusal:
            self.add_error(None, self.refusal)
        return cleaned

    @property
    def _is_about_a_stored_row(self) -> bool:
        return self.instance.pk is not None and not self.prefix and hasattr(self.instance, "newest_event")

    def _look_at_others(self) -> None:
        self.meanwhile = meanwhile(self)
        if self.meanwhile is None:
            return
        if self.meanwhile.is_settled:
            settle(self, self.meanwhile)
        else:
            self.add_error(None, _("Somebody else has saved this meanwhile: choose below what is to stay."))


class RecordSelectsMixin:
    """Every foreign key and many-to-many to a record becomes an autocompleted select with context."""

    admin_site: admin.AdminSite
    #: Whether the chosen record can be changed from beside its select. Each such link is one more key on the way down.
    can_change_chosen = True

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # A record is deleted on its own page; to look at one, it is enough that it can be changed.
            field.widget.can_delete_related = field.widget.can_view_related = False
            field.widget.can_change_related &= self.can_change_chosen
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if issubclass(db_field.related_model, Record):
            kwargs.setdefault("widget", RecordSelect(db_field, self.admin_site))
            kwargs.setdefault("form_class", RecordChoiceField)
            kwargs.setdefault("queryset", db_field.related_model.objects.open_to(request.user).with_context())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if issubclass(db_field.related_model, Record):
            kwargs.setdefault("widget", AutocompleteSelectMultiple(db_field, self.admin_site))
            kwargs.setdefault("form_class", RecordMultipleChoiceField)
            kwargs.setdefault("queryset", db_field.related_model.objects.open_to(request.user).with_context())
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class SearchableChangeList(ChangeList):
    """Lists the best matches of a search first, unless the reader has asked for another order."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        if self.query and not request.GET.get("o") and queryset.query.order_by:
            return list(queryset.query.order_by)
        return list(super().get_ordering(request, queryset))

    def get_results(self, request: HttpRequest) -> None:
        """Find the keys of the page's rows first, and fetch those rows alone with what they are joined to.

        In one go the database would join the rows of all pages before as well, only to throw them away.
        """
        super().get_results(request)
        # As a sub-select the keys would not do: among so many joins the planner puts it last.
        rows = self.root_queryset.filter(pk__in=list(self.result_list.values_list("pk", flat=True)))
        if not rows.query.select_related:
            rows = self.apply_select_related(rows)
        self.result_list = rows.order_by(*self.queryset.query.order_by).defer(*getattr(self.model, "heavy_fields", ()))


class RulesAdmin(RecordSelectsMixin, TransferMixin, admin.ModelAdmin):
    """An admin in which the database has the last word, and says it in the form.

    Whatever it refuses at the end, the form comes back with all that was typed and the sentence of the broken rule.
    """

    form = RememberingForm
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        **NUMBERS_AS_TEXT,
        ArrayField: {"form_class": LinesField},
        models.URLField: {"assume_scheme": "https"},
    }
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).open_to(request.user)  # type: ignore[attr-defined]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SearchableChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.search(search_term), False  # type: ignore[attr-defined]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        own = {"refusal": getattr(request, "refusal", ""), "viewer": request.user}
        return type(form.__name__, (form,), own)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            # Nothing is written: the view runs in a transaction. The second pass stops at the form's own errors.
            request.refusal = sentence_of(error)  # type: ignore[attr-defined]
        except StepRefusedError as error:
            request.refusal = str(error)  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; whoever is about to save it waits for those who are at it already, and sees what they saved."""
        if not object_id.isdecimal() or not hasattr(self.model, "pgh_event_model"):
            return super().get_object(request, object_id, from_field)
        if request.method == "POST" and connection.in_atomic_block:
            lock_rows(self.model, [int(object_id)])
        event = newest_event(self.model, int(object_id))
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None:
            row.newest_event = event
        return row

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Show what was typed into the form of a row that is gone: it must not be lost with it.

        Of a record that was merged into another which the user may see, that one is named; who has typed nothing is
        brought to it.
        """
        typed, successor = list(self._typed(request)), self._successor(request, object_id)
        if not typed and successor is not None:
            words = gettext("It has been merged into “%(name)s”, which is here.") % {"name": successor.name}
            self.message_user(request, words, messages.WARNING)
            return HttpResponseRedirect(reverse(self._address_name("change"), args=[successor.pk]))
        if not typed:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]  # Django has it
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("It is not there any more"),
            "opts": opts,
            "typed": typed,
            "successor": successor,
            "successor_address": successor and reverse(self._address_name("change"), args=[successor.pk]),
            "list_address": reverse(self._address_name("changelist")),
        }
        return TemplateResponse(request, "admin/records/gone.html", context, status=409)

    def _successor(self, request: HttpRequest, object_id: str) -> Any:
        """The record that the one with this number was merged into, if the user may see it; None for what was not."""
        if not issubclass(self.model, Record) or not object_id.isdecimal():
            return None
        into = gone_into(self.model, int(object_id))
        return None if into is None else self.model.objects.visible_to(request.user).filter(pk=into).first()

    def _typed(self, request: HttpRequest) -> Iterator[tuple[str, str]]:
        """What a posted form holds, with the names of the fields; without what the form itself put there."""
        fields: list[Any] = [*self.opts.concrete_fields, *self.opts.many_to_many]
        names = {field.name: capfirst(str(field.verbose_name)) for field in fields}
        for name, values in request.POST.lists():
            if (
                not name.startswith(("_", "csrf", "initial-"))
                and not name.endswith(("_FORMS", "-id", "-seen"))
                and any(values)
            ):
                yield names.get(name, name.replace("-", " ")), "\n".join(values)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the row only if something in it was changed: the history is no list of who pressed a button."""
        if form.has_changed() or not change:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self.after_saving(request, form.instance)
        check_deferred_rules()

    def after_saving(self, request: HttpRequest, record: Any) -> None:
        """What else a save brings with it, when the row and its inlines are written but the rules not yet checked."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of the record, or of the one that a claim belongs to, with everything that was ever changed."""
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        record = row if isinstance(row, Record) else row.subject_record
        address = reverse("curation:record_history", args=[record._meta.model_name, record.slug])
        return HttpResponseRedirect(address)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        check_deferred_rules()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            _django, name, description = actions["delete_selected"]
            actions[name] = (RulesAdmin.delete_not_too_many, name, description)
        return actions

    def delete_not_too_many(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Django's own action, for as many rows as a person can confirm: its page names each and posts each again."""
        number = queryset.order_by().count()
        if number > MOST_DELETED_AT_ONCE:
            words = {"most": readable.number(MOST_DELETED_AT_ONCE), "number": readable.number(number)}
            sentence = gettext(
                "At most %(most)s rows are deleted at once, and these are %(number)s: narrow the list down."
            )
            self.message_user(request, sentence % words, messages.ERROR)
            return None
        return delete_selected(self, request, queryset)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            check_deferred_rules()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            messages.error(request, sentence_of(error))
            return HttpResponseRedirect(reverse(self._address_name("change"), args=[quote(object_id)]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except IntegrityError as error:
            messages.error(request, sentence_of(error))
            return HttpResponseRedirect(request.get_full_path())

    def _address_name(self, page: str) -> str:
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}"
