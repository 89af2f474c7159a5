"""All claims as one relation, all the records that they name, and the filters that people keep under a name.

The first two are SQL views: nothing is stored twice, and a claim is in them as soon as it is written, by whatever way.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.search import SearchVectorField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Claim, ClaimStatus, LocatorType, Source, Stance, Wording
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.records.fields import EDTFField, not_blank
from crimewatch.records.history import tracked
from crimewatch.records.querysets import SearchableQuerySet
from crimewatch.records.views import ListView

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: The columns that every claim has, as they stand in ``all_claims`` behind its kind and subject.
SHARED_COLUMNS = (
    "uid",
    "source_id",
    "locator_type",
    "locator",
    "quotation",
    "wording",
    "attributed_to",
    "credibility",
    "stance",
    "status",
    "when",
    "period",
    "note",
    "created_at",
    "updated_at",
    "search_key",
    "search_stems",
)


def claim_models() -> list[type[Claim]]:
    """Every kind of claim, in the order of the tables' names."""
    kinds = [model for model in apps.get_models() if issubclass(model, Claim)]
    return sorted(kinds, key=lambda model: model._meta.db_table)


def all_claims_sql() -> str:
    """``CREATE VIEW all_claims``: a row for each claim of every kind."""
    selects = []
    for model in claim_models():
        subject: Any = model._meta.get_field(model.subject)
        shared = ", ".join(f'"{column}"' for column in SHARED_COLUMNS)
        table = model._meta.db_table
        selects.append(
            f"SELECT '{table}:' || id AS key, '{table}' AS claim_type, id AS claim_id,"
            f" '{subject.related_model._meta.db_table}' AS subject_type, {subject.column} AS subject_id,"
            f" {shared} FROM {table}"
        )
    return "CREATE VIEW all_claims AS\n" + "\nUNION ALL\n".join(selects)


def all_mentions_sql() -> str:
    """``CREATE VIEW all_mentions``: a row for each record that a claim names, its source among them.

    ``supports`` says whether the claim holds the record up; a source is held up by whatever rests on it.
    """
    selects = []
    for model in claim_models():
        table = model._meta.db_table
        for field in mentioned_record_fields(model):
            supports = "true" if field.name == "source" else "stance = 'supports'"
            named = f" WHERE {field.column} IS NOT NULL" if field.null else ""
            selects.append(
                f"SELECT '{table}' AS claim_type, id AS claim_id, '{field.name}' AS role,"
                f" '{field.related_model._meta.db_table}' AS record_type, {field.column} AS record_id,"
                f" {supports} AS supports FROM {table}{named}"
            )
    return "CREATE VIEW all_mentions AS\n" + "\nUNION ALL\n".join(selects)


class AnyClaim(models.Model):
    """A claim of any kind: what all kinds have in common, and which record it belongs to."""

    key = models.CharField(primary_key=True, max_length=80)
    claim_type = models.CharField(_("kind of claim"), max_length=60)
    claim_id = models.BigIntegerField()
    subject_type = models.CharField(_("kind of record"), max_length=60)
    subject_id = models.BigIntegerField()
    uid = models.CharField(_("uid"), max_length=64)
    source = models.ForeignKey(
        Source,
        on_delete=models.DO_NOTHING,  # a view has nothing to delete
        db_constraint=False,
        related_name="+",
    )
    locator_type = models.CharField(_("at"), max_length=20, choices=LocatorType.choices)
    locator = models.CharField(_("locator"), max_length=60)
    quotation = models.CharField(_("quotation"), max_length=300)
    wording = models.CharField(_("wording"), max_length=20, choices=Wording.choices)
    attributed_to = models.CharField(_("attributed to"), max_length=300)
    credibility = models.PositiveSmallIntegerField(_("credibility"))
    stance = models.CharField(_("stance"), max_length=20, choices=Stance.choices)
    status = models.CharField(_("status"), max_length=20, choices=ClaimStatus.choices)
    when = EDTFField(_("when"))
    period = Claim._meta.get_field("period").output_field.clone()  # type: ignore[union-attr]
    note = models.TextField(_("note"))
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("last changed"))
    search_key = models.TextField()
    search_stems = SearchVectorField()

    objects: ClassVar[SearchableQuerySet[Self]] = SearchableQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        managed = False
        db_table = "all_claims"
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        default_permissions = ()

    def __str__(self) -> str:
        return self.uid


class Mention(models.Model):
    """One record that a claim names, and in which role."""

    claim_type = models.CharField(_("kind of claim"), max_length=60)
    claim_id = models.BigIntegerField()
    role = models.CharField(_("role"), max_length=40)
    record_type = models.CharField(_("kind of record"), max_length=60)
    record_id = models.BigIntegerField()
    supports = models.BooleanField(_("supports"))
    pk = models.CompositePrimaryKey("claim_type", "claim_id", "role")

    class Meta:
        managed = False
        db_table = "all_mentions"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.claim_type} {self.claim_id} · {self.role}"


#: Longer than any address that a person makes by choosing.
LONGEST_QUERY = 2_000

NO_NAME = _("Give the saved filter a name.")
NO_QUERY = _("There is nothing to save yet: choose a filter, columns or an order first.")


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: "Viewer") -> Self:
        """One's own, and what others share with everybody who has a login."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(owner=user.pk) | Q(is_shared=True))


@tracked
class SavedFilter(models.Model):
    """What somebody asks of a list or picture again and again: its filters, columns and order, under a name."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose it is"),
        on_delete=models.CASCADE,  # nobody else could mend it
        related_name="+",
    )
    #: The name of the list's address: ``actors:group_list``.
    list_name = models.CharField(_("list"), max_length=60)
    name = models.CharField(_("name"), max_length=80, error_messages={"blank": NO_NAME})
    #: What stands behind the question mark: ``region=vraem&during=2017``.
    query = models.CharField(_("query"), max_length=LONGEST_QUERY, error_messages={"blank": NO_QUERY})
    is_shared = models.BooleanField(_("shared with everybody who has a login"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects: ClassVar[SavedFilterQuerySet] = SavedFilterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = [Lower("name"), "pk"]
        default_permissions = ("view", "delete")
        indexes = [models.Index("list_name", condition=Q(is_shared=True), name="savedfilter_shared")]
        constraints = [
            models.CheckConstraint(
                condition=not_blank("name"), name="explorer_savedfilter_has_a_name", violation_error_message=NO_NAME
            ),
            models.CheckConstraint(
                condition=not_blank("query"), name="explorer_savedfilter_has_a_query", violation_error_message=NO_QUERY
            ),
            models.UniqueConstraint(
                "owner",
                "list_name",
                Lower("name"),
                name="explorer_savedfilter_name_is_unique",
                violation_error_message=_("You have saved a filter of this list under that name: choose another one."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not is_list(self.list_name):
            raise ValidationError(
                _("There is no list “%(value)s” whose filters could be saved."), params={"value": self.list_name[:60]}
            )

    @property
    def address(self) -> str:
        """Where the list is as it was saved."""
        return f"{reverse(self.list_name)}?{self.query}"


def is_list(name: str) -> bool:
    """Whether an address of this name is that of a list or picture."""
    try:
        view = getattr(resolve(reverse(name)).func, "view_class", None)
    except (NoReverseMatch, Resolver404):
        return False
    return view is not None and issubclass(view, ListView)
