"""Claims as inlines of the record they belong to: compact, paged, and quick to add to."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Citation, Claim, Source
from crimewatch.records.admin import RecordSelectsMixin, RememberingForm
from crimewatch.records.fields import EDTFField
from crimewatch.records.forms import NUMBERS_AS_TEXT

#: Claims on one page of an inline. Each brings some fifteen fields; a record may have thousands of claims.
CLAIMS_PER_PAGE = 10

#: Where the claim typed last was found: the next one is most often a few lines further down.
LAST_PLACE = "last_place"
PLACE_FIELDS = ("source", "locator_type", "locator")


def remember_place(request: HttpRequest, claim: Claim) -> None:
    """Keep source and locator of the claim just typed for the next one, in the user's session."""
    request.session[LAST_PLACE] = {
        "source": claim.source_id,
        "locator_type": claim.locator_type,
        "locator": claim.locator,
    }


def last_place(request: HttpRequest) -> dict[str, Any]:
    """Source and locator of the claim typed last in this session, as a form's initial values."""
    place: dict[str, Any] = request.session.get(LAST_PLACE) or {}
    source = Source.objects.open_to(request.user).filter(pk=place["source"]).first() if place else None
    return {**place, "source": source} if source else {}


class ClaimInlineForm(RememberingForm):
    """A row for one claim: a line in words for a stored one, which is edited on its own page, and fields for a new one.

    A page of stored claims with all their fields took a second to render and lost what others had changed meanwhile. A
    new row counts only once something beyond the place carried over is typed into it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        if instance is not None and instance.pk is not None:
            # Copying sixty times fifteen fields takes longer than the page's queries.
            self.base_fields = {}  # type: ignore[misc]
        super().__init__(*args, **kwargs)

    def has_changed(self) -> bool:
        return bool(set(self.changed_data) - set(PLACE_FIELDS))

    def _post_clean(self) -> None:
        if self.instance.pk is None:
            super()._post_clean()  # type: ignore[misc]


class PagedClaimFormSet(BaseInlineFormSet):
    """A page of a record's claims. What is posted is looked up by its ids, so a page that moved on loses nothing."""

    page: Page | None = None
    queryset: QuerySet[Any]
    place: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.query: QueryDict = kwargs.pop("query", QueryDict())
        claims: QuerySet[Any] = kwargs.pop("queryset")
        super().__init__(*args, queryset=claims.none(), **kwargs)  # type: ignore[misc]
        self.page_parameter = f"{self.prefix}-page"
        if self.instance.pk is None:
            self._queryset = []
            return
        claims = claims.filter(**{self.fk.name: self.instance}).order_by("-pk")
        if self.is_bound:
            self.queryset = claims.filter(pk__in=self._posted_ids())
        else:
            self.page = Paginator(claims, CLAIMS_PER_PAGE).get_page(self.query.get(self.page_parameter, 1))
            self.queryset = claims.filter(pk__in=[claim.pk for claim in self.page])
            self._queryset = list(self.page)  # the page is fetched already
        for claim in self.get_queryset():
            setattr(claim, self.fk.name, self.instance)

    @cached_property
    def empty_form(self) -> Any:
        """Django makes it anew, with all its fields, for each of the five times that a page asks for it."""
        return super().empty_form

    def get_queryset(self) -> Any:
        if not hasattr(self, "_queryset"):
            self._queryset = list(self.queryset)
        return self._queryset

    def newer_address(self) -> str:
        """The address of the page before, which has the claims typed later; empty on the first."""
        return self._address_of(self.page.previous_page_number()) if self.page and self.page.has_previous() else ""

    def older_address(self) -> str:
        """The address of the next page; empty on the last."""
        return self._address_of(self.page.next_page_number()) if self.page and self.page.has_next() else ""

    def _address_of(self, number: int) -> str:
        query = self.query.copy()
        query[self.page_parameter] = str(number)
        return f"?{query.urlencode()}#{self.prefix}-group"

    def clean(self) -> None:
        """Refuse to delete a claim that somebody has changed since its line was shown."""
        super().clean()
        for form in self.initial_forms:
            seen = self.data.get(f"{form.prefix}-seen")
            if form in self.deleted_forms and seen and seen != form.instance.updated_at.isoformat():
                raise ValidationError(
                    _("Somebody has changed “%(claim)s” since you opened this page: look at it before you delete it."),
                    params={"claim": form.instance},
                    code="changed",
                )

    def _posted_ids(self) -> list[int]:
        ids = (self.data.get(f"{self.add_prefix(number)}-id", "") for number in range(self.initial_form_count()))
        return [int(value) for value in ids if value.isdecimal()]

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        if self.is_bound and i < self.initial_form_count() and form.instance.pk is None:
            # Somebody has deleted it since the page was opened: there is nothing left to ask of the row.
            form.fields = {name: field for name, field in form.fields.items() if name == DELETION_FIELD_NAME}
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.pk is not None:
            # Django's own field would ask the database for each claim, which has been found by this key already.
            form.fields["id"] = forms.IntegerField(initial=form.instance.pk, required=False, widget=forms.HiddenInput)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs = super().get_form_kwargs(index)
        if index is None or index >= self.initial_form_count():
            kwargs["initial"] = dict(self.place)
        return kwargs


class ClaimInline(RecordSelectsMixin, admin.StackedInline):
    """The claims of one kind that belong to a record, ten to a page, each a line in words, and rows for new ones.

    ``own_fields`` are the fields in which the kind differs from others, in the order in which they are typed.
    """

    form = ClaimInlineForm
    formset = PagedClaimFormSet
    template = "admin/citations/claims_inline.html"
    formfield_overrides = NUMBERS_AS_TEXT
    can_change_chosen = False
    extra = 0
    show_change_link = True
    own_fields: ClassVar[tuple[str, ...]] = ()
    #: Further fields of the kind, behind the fold.
    more_fields: ClassVar[tuple[str, ...]] = ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, Any]]:
        """What the claim says and where it is from; behind a fold, who said it and how sure it is."""
        more = [("attributed_to", "quotation"), ("credibility", "stance", "status"), ("note",)]
        if self.more_fields:
            more.insert(0, self.more_fields)
        place = ("source", "locator_type", "locator", "wording", "when")
        return [
            (None, {"fields": (self.own_fields, place), "classes": ("compact",)}),
            (
                _("Attribution, credibility, notes"),
                {"fields": tuple(more), "classes": ("compact", "collapse")},
            ),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).open_to(request.user).with_context()  # type: ignore[attr-defined]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        if not hasattr(request, "last_place"):
            request.last_place = last_place(request)  # type: ignore[attr-defined]
        formset.place = request.last_place  # type: ignore[attr-defined]
        return formset

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        return field_for_claim(super().formfield_for_dbfield(db_field, request, **kwargs), db_field)


class CitationInline(ClaimInline):
    """Statements about a record in words."""

    own_fields = ("statement", "field")


class EstimateInline(ClaimInline):
    """Figures about a record."""

    own_fields = ("indicator", "low", "best", "high", "unit", "source_words")
    more_fields: ClassVar[tuple[str, ...]] = ("basis", "cut_off", "is_series_break", "is_derived")


def field_for_claim(field: forms.Field | None, db_field: models.Field) -> forms.Field | None:
    """Fit a form field for typing claims.

    Long texts are two lines high, dates as wide as a date, and the field that a citation is about is a choice.
    """
    if field is None:
        return None
    if isinstance(db_field, models.TextField):
        field.widget.attrs["rows"] = 2
    if isinstance(db_field, EDTFField):
        field.widget.attrs.update(size=14, placeholder="2017-03")
    if db_field.name == "field" and issubclass(db_field.model, Citation):
        record: Any = db_field.model._meta.get_field("record").related_model  # type: ignore[misc]
        names = [(name, record._meta.get_field(name).verbose_name) for name in db_field.model.fields_of_record()]
        return forms.ChoiceField(
            label=field.label,
            help_text=field.help_text,
            required=False,
            choices=[("", _("the record as a whole")), *names],
        )
    return field
