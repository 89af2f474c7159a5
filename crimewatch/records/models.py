"""The ground of every record: a noun with a stable key, names, a summary and a state of publication."""

from typing import Any, ClassVar, Self

import pgtrigger
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from crimewatch.records.alike import Identity
from crimewatch.records.fields import folded, not_blank, record_stems_of, search_key_of
from crimewatch.records.labels import Labelled
from crimewatch.records.querysets import RecordQuerySet

validate_slug = RegexValidator(
    r"\A[a-z0-9]+(?:-[a-z0-9]+)*\Z",
    _("“%(value)s” is not a key: use small letters, digits and single hyphens between them, as in madre-de-dios."),
    code="slug",
)


class Status(models.TextChoices):
    """Where a record stands on its way to the readers."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in-review", _("in review")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


#: Keeps every key that a record has had, so that published addresses and old CSV files go on resolving, whoever changes
#: the key and however; a copy of the record that was loaded before the change cannot take them away again.
KEEP_PAST_SLUG = pgtrigger.Trigger(
    name="keep_past_slug",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("slug", "past_slugs"),
    func="""
        NEW.past_slugs := ARRAY(
            SELECT past
            FROM unnest(OLD.past_slugs || NEW.past_slugs || OLD.slug) WITH ORDINALITY AS kept (past, place)
            WHERE past <> NEW.slug
            GROUP BY past
            ORDER BY min(place)
        );
        RETURN NEW;
    """,
)

#: Refuses, at the end of the transaction, to leave a record published that no claim supports. It finds the record by
#: its primary key alone: were the status asked for too, PostgreSQL would go through all published ones for each row, as
#: long as few of them were published when it last counted.
PUBLISHED_IS_SUPPORTED = pgtrigger.Trigger(
    name="published_is_supported",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),
    condition=pgtrigger.Q(new__status="published"),
    timing=pgtrigger.Deferred,
    func=pgtrigger.Func(
        """
        IF (SELECT status FROM {meta.db_table} WHERE id = NEW.id) = 'published' AND NOT EXISTS (
            SELECT FROM all_mentions WHERE record_type = '{meta.db_table}' AND record_id = NEW.id AND supports
        ) THEN
            RAISE EXCEPTION '“%” cannot be published: no claim supports it yet. Add a claim with its source first.', NEW.slug
                USING ERRCODE = 'check_violation', CONSTRAINT = '{meta.db_table}_published_is_supported',
                    TABLE = '{meta.db_table}', COLUMN = 'status';
        END IF;
        RETURN NULL;
        """  # noqa: E501 - the text is compared with what is installed
    ),
)

#: Refuses a parent that lies below its own child. The lock keeps two transactions from each adding half of a cycle.
NO_CYCLE = pgtrigger.Trigger(
    name="no_cycle",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
    condition=pgtrigger.Q(new__parent__isnull=False),
    declare=[("ancestor", "bigint := NEW.parent_id"), ("passed", "bigint[] := '{}'")],
    func=pgtrigger.Func(
        """
        PERFORM pg_advisory_xact_lock(hashtext('{meta.db_table}_no_cycle'));
        -- A cycle that does not hold this row is refused by the rows that it does hold.
        WHILE ancestor IS NOT NULL AND ancestor <> ALL (passed) LOOP
            IF ancestor = NEW.id THEN
                RAISE EXCEPTION '“%” cannot lie below “%”, which is the record itself or lies below it.',
                    NEW.slug, (SELECT slug FROM {meta.db_table} WHERE id = NEW.parent_id)
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{meta.db_table}_no_cycle',
                        TABLE = '{meta.db_table}', COLUMN = 'parent_id';
            END IF;
            passed := passed || ancestor;
            ancestor := (SELECT parent_id FROM {meta.db_table} WHERE id = ancestor);
        END LOOP;
        RETURN NULL;
        """
    ),
)


class LinkInUse(pgtrigger.Trigger):
    """For a link of many to many: what is linked to cannot be deleted from under the record that lists it.

    Django deletes such links without a word; at the end of the transaction this asks whether the owner is still there.
    """

    def __init__(self, owner: str, used: str) -> None:
        self.owner, self.used = owner, used
        super().__init__(
            name="link_in_use", when=pgtrigger.After, operation=pgtrigger.Delete, timing=pgtrigger.Deferred
        )

    def get_func(self, model: type[models.Model]) -> str:  # type: ignore[override]  # it is a class that comes
        owner: Any = model._meta.get_field(self.owner)
        used: Any = model._meta.get_field(self.used)
        owner_table, used_table = (field.related_model._meta.db_table for field in (owner, used))
        return f"""
            IF EXISTS (SELECT FROM {owner_table} WHERE id = OLD.{owner.column})
                AND NOT EXISTS (SELECT FROM {used_table} WHERE id = OLD.{used.column})
            THEN
                RAISE EXCEPTION 'It cannot be deleted: “%” lists it. Take it out there first.',
                    (SELECT slug FROM {owner_table} WHERE id = OLD.{owner.column})
                    USING ERRCODE = 'restrict_violation', TABLE = '{used_table}';
            END IF;
            RETURN NULL;
        """


class Record(Labelled):
    """A noun of the database: something that claims speak about.

    The slug is its natural key in addresses and CSV and stays when the name changes; earlier slugs go on resolving.
    """

    slug = models.SlugField(
        _("key"),
        max_length=100,
        unique=True,
        blank=True,
        validators=[validate_slug],
        error_messages={"unique": _("This key is taken by another record of the same kind.")},
        help_text=_(
            "Short and lasting: it stands in addresses and CSV files. Left empty, it is made from the name. "
            "If you change it, the old one goes on working."
        ),
    )
    name = models.CharField(_("name"), max_length=300, help_text=_("In its usual spelling, with its accents."))
    aliases = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("aliases"),
        default=list,
        blank=True,
        help_text=_("Other names, spellings and abbreviations, one a line. Search finds the record by each of them."),
    )
    past_slugs = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("past keys"),
        default=list,
        blank=True,
        editable=False,
    )
    summary = models.TextField(
        _("summary"),
        blank=True,
        help_text=_("What it is, in two or three sentences of your own. Facts belong in claims."),
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=Status.choices,
        default=Status.DRAFT,
        help_text=_("Only published records are shown to readers; a record needs a supporting claim to be published."),
    )
    restricted_to = ArrayField(
        models.CharField(max_length=150),
        verbose_name=_("restricted to"),
        default=list,
        blank=True,
        help_text=_("Groups of logins, one a line: nobody else sees the record or a claim that names it."),
    )
    restriction_reason = models.TextField(
        _("reason of the restriction"),
        blank=True,
        help_text=_("Why only some may see it, as in: names a witness who is still in the country."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    name_key = folded("name")
    search_key = search_key_of("name", "aliases")
    search_stems = record_stems_of("name", "aliases", "summary")

    #: An import sets this: there the claims come after the record, and support is checked when all rows are in.
    support_is_checked_later = False

    #: An import sets this as well: it judges the tree that it makes as a whole, without a query for each step upward.
    tree_is_checked_later = False

    #: The fields that `clean` looks at and fills in, besides keys, parents and support, which an import sees to itself.
    cleaned_from: ClassVar[tuple[str, ...]] = ("restricted_to",)

    #: Fields whose values come from one record, all of them or none, when two records become one.
    fields_together: ClassVar[tuple[tuple[str, ...], ...]] = (("restricted_to", "restriction_reason"),)

    #: Codes that only one record of the kind has; the name or alias of another may be one by mistake.
    codes: ClassVar[tuple[str, ...]] = ()

    #: What else tells that two records are one, by a word for it.
    identities: ClassVar[dict[str, Identity]] = {}

    #: Fields in which two records of nearly one name must not differ to be taken for one, as far as both have a value.
    told_apart_by: ClassVar[tuple[str, ...]] = ()

    #: Long fields, which lists that only name the record do not fetch.
    heavy_fields: ClassVar[tuple[str, ...]] = ("summary", "search_key", "search_stems")

    objects: ClassVar[RecordQuerySet[Self]] = RecordQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True
        ordering = ["name_key", "pk"]
        default_permissions = ("add", "change", "delete", "view", "publish", "restrict")
        indexes = [
            models.Index("name_key", "id", name="%(class)s_name_key"),
            models.Index("status", "name_key", name="%(class)s_status"),
            GinIndex(fields=["past_slugs"], name="%(class)s_past_slugs"),
            GinIndex(fields=["search_key"], opclasses=["gin_trgm_ops"], name="%(class)s_search_key"),
            models.Index("id", name="%(class)s_restricted", condition=~Q(restricted_to=[])),
            models.Index(
                "id",
                name="%(class)s_hidden",
                include=["status", "restricted_to"],
                condition=~Q(status=Status.PUBLISHED) | ~Q(restricted_to=[]),
            ),
            GinIndex(fields=["search_stems"], name="%(class)s_search_stems"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
                name="%(app_label)s_%(class)s_slug_is_a_key",
                violation_error_message=_("A key has small letters, digits and single hyphens, as in madre-de-dios."),
            ),
            models.CheckConstraint(
                condition=not_blank("name"),
                name="%(app_label)s_%(class)s_has_a_name",
                violation_error_message=_("A record needs a name."),
            ),
            models.CheckConstraint(
                condition=~Q(aliases__contains=[""]),
                name="%(app_label)s_%(class)s_aliases_are_not_empty",
                violation_error_message=_("An alias cannot be empty."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values),
                name="%(app_label)s_%(class)s_status_is_known",
                violation_error_message=_("The status is one of: draft, in-review, published, withdrawn."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(restricted_to=[], restriction_reason="")
                    | (~Q(restricted_to=[]) & ~Q(restricted_to__contains=[""]) & not_blank("restriction_reason"))
                ),
                name="%(app_label)s_%(class)s_restriction_has_a_reason",
                violation_error_message=_(
                    "A restriction has two parts: the groups that may see the record, and the reason for it."
                ),
            ),
        ]
        triggers = [KEEP_PAST_SLUG, PUBLISHED_IS_SUPPORTED]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_slug()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The page that readers see, or the admin's for a kind of record that has none yet."""
        try:
            return reverse(f"{self._meta.app_label}:{self._meta.model_name}_detail", args=[self.slug])
        except NoReverseMatch:
            return reverse(f"admin:{self._meta.app_label}_{self._meta.model_name}_change", args=[self.pk])

    def label(self) -> str:
        """The name with as much context as it takes to tell it from another of the same name."""
        return str(self)

    def clean(self) -> None:
        super().clean()
        self.fill_slug()
        self.refuse_cycle()
        self.refuse_unknown_groups()
        if self.status == Status.PUBLISHED and not self.support_is_checked_later and not self.is_supported():
            raise ValidationError({"status": unsupported_message(self)}, code="unsupported")

    def fill_slug(self) -> None:
        """Make the slug from the name where it is empty, with a number behind it where that slug is taken."""
        if self.slug or not self.name:
            return
        base = self.slug_of_name()
        others = type(self)._default_manager.order_by().exclude(pk=self.pk)
        taken = set(others.filter(slug__startswith=base).values_list("slug", flat=True))
        self.slug, number = base, 2
        while self.slug in taken or others.filter(past_slugs__contains=[self.slug]).exists():
            self.slug, number = f"{base}-{number}", number + 1

    def slug_of_name(self) -> str:
        """The key that the name would give, whether it is taken or not."""
        made = slugify(slugify(self.name).replace("_", "-"))[:90].strip("-")
        return made or type(self)._meta.model_name or "record"

    def refuse_unknown_groups(self) -> None:
        """Raise ``ValidationError`` if the record is restricted to a group of logins that does not exist."""
        if not self.restricted_to:
            return
        known = set(Group.objects.values_list("name", flat=True))
        unknown = [name for name in self.restricted_to if name not in known]
        if unknown:
            raise ValidationError(
                {
                    "restricted_to": _("There is no group of logins “%(name)s”; there are: %(known)s.")
                    % {"name": unknown[0], "known": ", ".join(sorted(known)) or "–"}
                },
                code="unknown_group",
            )

    def is_supported(self) -> bool:
        """Whether at least one stored claim supports this record."""
        return self.pk is not None and type(self).objects.filter(pk=self.pk).supported().exists()

    def refuse_cycle(self) -> None:
        """Raise ``ValidationError`` if the record's ``parent`` (where its kind has one) lies below the record."""
        if self.pk is None or getattr(self, "parent_id", None) is None or self.tree_is_checked_later:
            return
        seen: set[int] = set()
        ancestor = self.parent_id  # type: ignore[attr-defined]
        while ancestor is not None and ancestor not in seen:
            if ancestor == self.pk:
                raise ValidationError(
                    {
                        "parent": _(
                            "“%(slug)s” cannot lie below “%(parent)s”, which is the record itself or lies below it."
                        )
                        % {"slug": self.slug, "parent": self.parent.slug}  # type: ignore[attr-defined]
                    },
                    code="cycle",
                )
            seen.add(ancestor)
            above = type(self)._default_manager.filter(pk=ancestor)
            ancestor = above.values_list("parent_id", flat=True).first()  # type: ignore[misc]


def unsupported_message(record: Record) -> str:
    """Why ``record`` cannot be published, and what to do."""
    return _("“%(slug)s” cannot be published: no claim supports it yet. Add a claim with its source first.") % {
        "slug": record.slug
    }
