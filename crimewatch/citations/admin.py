"""The admin of sources and indicators, and what the admins of all claims share."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.inlines import PLACE_FIELDS, field_for_claim, last_place, remember_place
from crimewatch.citations.models import Claim, Indicator, Source, Stance
from crimewatch.records.admin import RecordAdmin, RulesAdmin

#: The parameter that says where a claim's page was opened from.
BACK = "_back"


class CitedRecordAdmin(RecordAdmin):
    """The admin of a record with its claims as inlines: what is typed into them is remembered for the next."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for claim in getattr(formset, "new_objects", []):
            if isinstance(claim, Claim):
                remember_place(request, claim)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if issubclass(inline.model, Claim):
            kwargs["query"] = request.GET
        return kwargs


class ClaimAdmin(RulesAdmin):
    """The admin of a kind of claim: a list to find and check them in, and a form to type them one after another."""

    can_change_chosen = False
    search_fields = ("uid",)
    search_help_text = _("Names of the records and the source, quotation, note or uid.")
    list_display = ("sentence", "found_at", "wording", "when", "credibility_shown", "standing")
    list_filter: ClassVar[Any] = ("wording", "credibility", "stance", "status")
    ordering = ("-pk",)
    readonly_fields = ("uid", "created_at", "updated_at")
    #: The fields in which the kind differs from others, in the order in which they are typed.
    own_fields: ClassVar[tuple[Any, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_context()  # type: ignore[attr-defined]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        fieldsets: list[tuple[Any, Any]] = [
            (_("What is claimed"), {"fields": self.own_fields}),
            (
                _("Where it is from"),
                {"fields": ("source", ("locator_type", "locator"), "wording", "attributed_to", "quotation")},
            ),
            (_("When, and how sure"), {"fields": ("when", ("credibility", "stance", "status"), "note")}),
        ]
        if obj is not None:
            fieldsets.append(
                (_("Identity"), {"fields": ("uid", ("created_at", "updated_at")), "classes": ("collapse",)})
            )
        return fieldsets

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return field_for_claim(super().formfield_for_dbfield(db_field, request, **kwargs), db_field)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The place of the claim typed last, under whatever the address itself prefills."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {**last_place(request), **initial}

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        remember_place(request, obj)
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST and isinstance(response, HttpResponseRedirect):
            # In the address too, so that going back or reloading prefills the same.
            place = {
                field: value
                for field in PLACE_FIELDS
                if (value := getattr(obj, f"{field}_id" if field == "source" else field))
            }
            return HttpResponseRedirect(f"{response.url}{'&' if '?' in response.url else '?'}{urlencode(place)}")
        return response

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go back to where the claim was opened from, which a record's page says in the address."""
        response = super().response_change(request, obj)
        back = request.GET.get(BACK, "")
        if "_save" in request.POST and back.startswith("/") and url_has_allowed_host_and_scheme(back, None):
            return HttpResponseRedirect(back)
        return response

    @admin.display(description=_("claim"))
    def sentence(self, claim: Claim) -> str:
        return str(claim)

    @admin.display(description=_("source"), ordering="source__name_key")
    def found_at(self, claim: Claim) -> SafeString:
        place = f" · {claim.get_locator_type_display()} {claim.locator}" if claim.locator else ""
        address = reverse("admin:citations_source_change", args=[quote(claim.source_id)])
        source = claim.source
        return format_html('<a href="{}" title="{}">{}</a>{}', address, source, source.short_citation(), place)

    @admin.display(description=_("credibility"), ordering="credibility")
    def credibility_shown(self, claim: Claim) -> SafeString:
        """The digit; what the six of them mean stands in the filter beside the list."""
        return format_html('<span title="{}">{}</span>', claim.get_credibility_display(), claim.credibility)

    @admin.display(description=_("standing"), ordering="status")
    def standing(self, claim: Claim) -> SafeString:
        """How far the claim is worked through and, unless it supports what it is about, what it does to that."""
        stance = (
            format_html(' <span class="mark stance-{}">{}</span>', claim.stance, claim.get_stance_display())
            if claim.stance != Stance.SUPPORTS
            else ""
        )
        return format_html(
            '<span class="status status-{}">{}</span>{}', claim.status, claim.get_status_display(), stance
        )


class CitationAdmin(ClaimAdmin):
    """The admin of statements about a kind of record."""

    own_fields = ("record", "statement", "field")


class EstimateAdmin(ClaimAdmin):
    """The admin of figures about a kind of record; ``own_fields`` names what they are about."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        fieldsets = super().get_fieldsets(request, obj)
        figure = (
            "indicator",
            ("low", "best", "high", "unit"),
            "source_words",
            ("basis", "cut_off"),
            ("is_series_break", "is_derived"),
        )
        fieldsets[0][1]["fields"] = (*self.own_fields, *figure)
        return fieldsets


@admin.register(Source)
class SourceAdmin(CitedRecordAdmin):
    list_display = ("name", "source_type", "authors_shown", "issued", "reliability")
    list_filter = ("source_type", "reliability", "language")
    date_hierarchy = "created_at"
    own_fields = (
        ("source_type", "language"),
        "authors",
        ("container_title", "publisher"),
        ("issued", "accessed"),
        "url",
        "archive_url",
        "reliability",
        "note",
    )
    folded_fields = (("volume", "issue", "pages"), ("doi", "isbn"), "publisher_place", "file", "full_text")

    @admin.display(description=_("authors"))
    def authors_shown(self, source: Source) -> str:
        return "; ".join(source.authors)


@admin.register(Indicator)
class IndicatorAdmin(RecordAdmin):
    list_display = ("name", "unit")
    own_fields = ("unit", "definition")
