"""What the admin page of every record has besides: its status, its support, and what is much like it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import CharField, Count, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crimewatch.records import readable
from crimewatch.records.alike import alike, alike_to
from crimewatch.records.history import because
from crimewatch.records.models import Record, Status
from crimewatch.records.profiles import merge_address
from crimewatch.records.querysets import claim_relations
from crimewatch.records.workflow import (
    LONGEST_REASON,
    MOST_AT_ONCE,
    StepRefusedError,
    may_publish,
    missing_for_publication,
    reason_from,
    refuse_stale,
    refuse_too_many,
    steps_from,
    take_step,
)

from .rules import RulesAdmin

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


class SupportFilter(admin.SimpleListFilter):
    """Records by whether claims speak of them."""

    title = _("support")
    parameter_name = "support"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("supported", _("supported by a claim")), ("uncited", _("no claim at all"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "supported":
            return queryset.supported()  # type: ignore[attr-defined]
        if self.value() == "uncited":
            return queryset.uncited()  # type: ignore[attr-defined]
        return queryset


#: The words on the button of each step in a form.
SAVE_AND: dict[tuple[str, str], Any] = {
    (Status.DRAFT, Status.IN_REVIEW): _("Save and send to review"),
    (Status.DRAFT, Status.PUBLISHED): _("Save and publish"),
    (Status.IN_REVIEW, Status.PUBLISHED): _("Save and publish"),
    (Status.IN_REVIEW, Status.DRAFT): _("Save and back to draft"),
    (Status.PUBLISHED, Status.WITHDRAWN): _("Save and withdraw"),
    (Status.WITHDRAWN, Status.PUBLISHED): _("Save and publish again"),
    (Status.WITHDRAWN, Status.DRAFT): _("Save and back to draft"),
}


class ReasonedActionForm(ActionForm):
    """What to do with the chosen records, and why."""

    reason = forms.CharField(
        label=_("Why:"), required=False, max_length=LONGEST_REASON, widget=forms.TextInput(attrs={"size": 24})
    )


class RecordAdmin(RulesAdmin):
    """The admin of a kind of record: its own fields, its state, what claims say of it, and where else it is named."""

    search_fields = ("name",)
    search_help_text = _("Names, aliases and codes; accents and small typing errors do not matter.")
    readonly_fields = ("past_slugs_shown", "mentions_shown", "created_at", "updated_at")
    change_form_template = "admin/records/change_form.html"
    view_on_site = True
    actions = ("send_to_review", "send_back", "publish", "withdraw")
    action_form = ReasonedActionForm
    #: The fields of the kind, in the order in which they are typed; see :meth:`get_fieldsets`.
    own_fields: ClassVar[tuple[Any, ...]] = ()
    #: Further fields behind a fold.
    folded_fields: ClassVar[tuple[Any, ...]] = ()

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return ("name", *self.list_display[1:], "status_shown", "updated_at")

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        return (*self.list_filter, "status", SupportFilter)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        more = (*self.folded_fields, "slug", "restricted_to", "restriction_reason")
        fieldsets: list[tuple[Any, Any]] = [
            (None, {"fields": ("name", *self.own_fields, "aliases", "summary")}),
            (_("Codes, key and more"), {"fields": more, "classes": ("collapse",)}),
        ]
        if obj is not None:
            fieldsets[1][1]["fields"] = (*more, "past_slugs_shown", ("created_at", "updated_at"))
            fieldsets.append((_("Named in"), {"fields": ("mentions_shown",)}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        if request.user.has_perm(f"{self.opts.app_label}.restrict_{self.opts.model_name}"):
            return self.readonly_fields
        return (*self.readonly_fields, "restricted_to", "restriction_reason")

    # What is much like it

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_alike"
        return [path("alike/", self.admin_site.admin_view(self.alike_view), name=name), *super().get_urls()]

    def alike_view(self, request: HttpRequest) -> JsonResponse:
        """The records that are much like what is being typed, for a script beside the form."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        typed = {name: value.replace("\x00", "")[:1000] for name, value in request.GET.dict().items()}
        names = [typed.get("name", ""), *typed.get("aliases", "").splitlines()]
        found = alike(self.seen_by(request), names, typed)
        shown = [{"label": record.label(), "address": record.get_absolute_url()} for record in found]
        return JsonResponse({"alike": shown})

    def seen_by(self, request: HttpRequest) -> Any:
        """The records of the kind that the user may see."""
        return self.model._default_manager.visible_to(request.user).with_context()

    def tell_of_alike(self, request: HttpRequest, record: Record) -> None:
        """Say behind a new record that is saved what it may be one with: it is never refused for that."""
        found = alike_to(record, self.seen_by(request))
        if found:
            links = [(each.label(), each.get_absolute_url()) for each in found]
            named = format_html_join(", ", '<a href="{1}">{0}</a>', links)
            words = gettext("Much like it is there already: {}. If they are one, merge them.")
            self.message_user(request, format_html(words, named), messages.WARNING)

    # Publication

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether the user may publish and withdraw records of this kind."""
        return may_publish(request.user, self.model)

    def steps_from(self, request: HttpRequest, status: str) -> list[tuple[str, Any]]:
        """The states that the user may bring a record to from ``status``, each with the words on its button."""
        return [(after, SAVE_AND[status, after]) for after in steps_from(request.user, self.model, status)]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; what it saves has the reason that is typed beside its buttons."""
        reason = ""
        try:
            reason = reason_from(request.POST.get("_reason", ""))
        except StepRefusedError as error:
            request.refusal = str(error)  # type: ignore[attr-defined]
        with because(reason):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def after_saving(self, request: HttpRequest, record: Any) -> None:
        """Take the step that the pressed button names; the claims just saved may be the record's support."""
        step = request.POST.get("_status")
        if step is None:
            return
        # As it stands in the database, with whatever somebody else has made of it meanwhile.
        record.status = self.model.objects.select_for_update(no_key=True).values_list("status").get(pk=record.pk)[0]
        refuse_stale(record, request.POST.get("_status_seen", record.status))
        taken = take_step(self.model, [record.pk], step, request.user, request.POST.get("_reason", ""))
        if not taken.moved:
            words = {"name": record, "now": record.get_status_display(), "step": step}
            raise StepRefusedError(gettext("“%(name)s” is: %(now)s. No step leads from there to “%(step)s”.") % words)
        record.status = step

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if add or (obj and self.has_change_permission(request, obj)):
            status = obj.status if obj and obj.pk else Status.DRAFT
            context["status_steps"] = steps = self.steps_from(request, status)
            context["status_seen"] = status
            context["reason"] = request.POST.get("_reason", "")
            if obj and obj.pk and Status.PUBLISHED in dict(steps):
                context["missing"] = missing_for_publication(obj, request.user)
            if obj and obj.pk and self.has_delete_permission(request, obj):
                context["merge_address"] = merge_address(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        self.tell_of_alike(request, obj)
        return self._stay(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._stay(request, obj) or super().response_change(request, obj)

    def _stay(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        if "_status" not in request.POST:
            return None
        self.message_user(
            request,
            gettext("“%(name)s” is saved; its status is now: %(status)s.")
            % {"name": obj, "status": obj.get_status_display()},
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse(self._address_name("change"), args=[quote(obj.pk)]))

    @admin.action(description=_("Send the selected to review"), permissions=["change"])
    def send_to_review(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._step_all(request, queryset, Status.IN_REVIEW)

    @admin.action(description=_("Send the selected back to draft"), permissions=["change"])
    def send_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._step_all(request, queryset, Status.DRAFT)

    @admin.action(description=_("Publish the selected"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._step_all(request, queryset, Status.PUBLISHED)

    @admin.action(description=_("Withdraw the selected"), permissions=["publish"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._step_all(request, queryset, Status.WITHDRAWN)

    def _step_all(self, request: HttpRequest, queryset: QuerySet[Any], status: Status) -> None:
        try:
            keys = list(queryset.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
            refuse_too_many(len(keys))
            taken = take_step(self.model, keys, status, request.user, request.POST.get("reason", ""))
        except StepRefusedError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        sentence = ngettext(
            "%(count)s record is now: %(status)s.", "%(count)s records are now: %(status)s.", taken.moved
        )
        sentences = [sentence % {"count": readable.number(taken.moved), "status": status.label}]
        if taken.left:
            sentence = ngettext(
                "%(count)s other stays as it is: the step does not lead there from its status.",
                "%(count)s others stay as they are: the step does not lead there from their status.",
                taken.left,
            )
            sentences.append(sentence % {"count": readable.number(taken.left)})
        self.message_user(request, " ".join(sentences), messages.SUCCESS if taken.moved else messages.WARNING)

    # What is shown beside the fields

    @admin.display(description=_("status"), ordering="status")
    def status_shown(self, record: Record) -> SafeString:
        return format_html('<span class="status status-{}">{}</span>', record.status, record.get_status_display())

    @admin.display(description=_("past keys"))
    def past_slugs_shown(self, record: Record) -> str:
        return ", ".join(record.past_slugs) or "–"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The record, which knows who looks at it: not everyone may see all claims that name it."""
        record = super().get_object(request, object_id, from_field)
        if record is not None:
            record.viewer = request.user
        return record

    @admin.display(description=_("claims"))
    def mentions_shown(self, record: Any) -> SafeString | str:
        """Links to the claims that name the record, by kind, with their numbers."""
        found = mention_counts(record, record.viewer)
        if not found:
            return gettext("No claim names it yet.")
        items = [
            format_html(
                '<li><a href="{}">{} {}</a>{}</li>',
                self._list_of(relation, record),
                readable.number(count),
                relation.related_model._meta.verbose_name_plural
                if count != 1
                else relation.related_model._meta.verbose_name,
                ""
                if relation.field.name in (relation.related_model.subject, "source")
                else format_html(" ({})", relation.field.verbose_name),
            )
            for relation, count in found
        ]
        return format_html('<ul class="mentions">{}</ul>', SafeString("".join(items)))

    def _list_of(self, relation: Any, record: Record) -> str:
        options = relation.related_model._meta
        try:
            address = reverse(f"{self.admin_site.name}:{options.app_label}_{options.model_name}_changelist")
        except NoReverseMatch:
            return ""
        return f"{address}?{relation.field.name}__id__exact={record.pk}"

    # Deletion

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What goes with the records and what forbids it, counted by the database and not listed row by row.

        Django's own way reads every claim of a record; a region may have a hundred thousand.
        """
        records = list(objs)
        going: list[Any] = [str(record) for record in records]
        counts = {str(self.opts.verbose_name_plural): len(records)}
        protected: list[Any] = []
        missing_rights: set[str] = set()
        keys = [record.pk for record in records]
        if not all(self.has_delete_permission(request, record) for record in records):
            missing_rights.add(str(self.opts.verbose_name))
        for relation in self.opts.related_objects:
            model: Any = relation.related_model
            if relation.on_delete not in (models.PROTECT, models.CASCADE) or relation.many_to_many:
                continue
            rows = model._default_manager.filter(**{f"{relation.field.name}__in": keys})
            seen = rows.open_to(request.user) if hasattr(rows, "open_to") else rows
            counted = rows.aggregate(
                number=Count("pk"), seen=Count("pk", filter=Q(pk__in=seen.order_by().values("pk")))
            )
            number = counted["number"]
            if not number:
                continue
            kind = model._meta.verbose_name_plural if number != 1 else model._meta.verbose_name
            words = f"{readable.number(number)} {kind}"
            if counted["seen"] != number:
                words = gettext("something that you may not see")
            link = (
                format_html('<a href="{}">{}</a>', self._list_of(relation, records[0]), words)
                if len(records) == 1
                else words
            )
            if relation.on_delete is models.PROTECT:
                protected.append(link)
                continue
            going.append(link)
            counts[str(model._meta.verbose_name_plural)] = number
            if not request.user.has_perm(f"{model._meta.app_label}.delete_{model._meta.model_name}"):
                missing_rights.add(str(model._meta.verbose_name))
        return going, counts, missing_rights, protected


def mention_counts(record: Record, user: "Viewer") -> list[tuple[Any, int]]:
    """How many claims of each kind name ``record``, of those that are not restricted to others than ``user``.

    Pairs of relation and number, in one query; zeros are left out.
    """
    relations = claim_relations(type(record))
    counts: list[QuerySet[Any]] = [
        relation.related_model._default_manager.filter(**{relation.field.name: record})
        .open_to(user)
        .order_by()
        .values(place=Value(str(number), output_field=CharField()))
        .annotate(number=Count("pk"))
        for number, relation in enumerate(relations)
    ]
    if not counts:
        return []
    rows = counts[0].union(*counts[1:], all=True) if len(counts) > 1 else counts[0]
    found = {int(row["place"]): row["number"] for row in rows if row["number"]}
    return [(relations[place], found[place]) for place in sorted(found)]
