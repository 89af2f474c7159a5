"""What people gather for purposes of their own: collections of any rows, and tags on them.

A row is named by its table and number, since it may be of any kind of record or claim. Where it is deleted its place in
a collection is kept, shown to nobody, and filled again if the row comes back.
"""

from collections.abc import Collection as Numbers
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from crimewatch.records.fields import not_blank
from crimewatch.records.history import tracked
from crimewatch.records.models import validate_slug

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer

#: So many rows are written at a time.
BATCH = 2_000
LONGEST_NOTE = 500


class Audience(models.TextChoices):
    """Who is shown a collection besides its owner."""

    OWNER = "owner", _("nobody else")
    STAFF = "staff", _("those who work on the database")
    EVERYONE = "everyone", _("everyone who may read")


class KeyedQuerySet(models.QuerySet[Any]):
    """Things with a key and a name, as filters ask for them."""

    def having_slug(self, slugs: Iterable[str]) -> Self:
        return self.filter(slug__in=list(slugs))

    def by_slugs(self, slugs: Iterable[str]) -> dict[str, Any]:
        return {each.slug: each for each in self.having_slug(slugs)}

    def search(self, text: str) -> Self:
        return self.filter(Q(slug__icontains=slugify(text)[:30]) | Q(name__icontains=text)).order_by("name")


class CollectionQuerySet(KeyedQuerySet):
    def visible_to(self, user: "Viewer") -> Self:
        """One's own, and those that are shared with somebody like ``user``. All others are as if they were not."""
        shared = [Audience.EVERYONE]
        if getattr(user, "is_staff", False):
            shared.append(Audience.STAFF)
        condition = Q(audience__in=shared)
        return self.filter(condition | Q(owner=user.pk) if user.is_authenticated else condition)

    def changeable_by(self, user: "Viewer") -> Self:
        """Those that ``user`` may add to and take from."""
        if not user.is_authenticated:
            return self.none()
        condition = Q(owner=user.pk)
        if getattr(user, "is_staff", False):
            condition |= Q(is_common=True) & ~Q(audience=Audience.OWNER)
        return self.filter(condition)


class TagQuerySet(KeyedQuerySet):
    def visible_to(self, user: "Viewer") -> Self:  # noqa: ARG002 - as records and collections are asked
        """All of them: a tag is a word of a vocabulary. On what it stands is another matter."""
        return self


class PlaceQuerySet(models.QuerySet[Any]):
    """Places of rows: in collections, or under tags."""

    def of(self, model: type[models.Model]) -> Self:
        return self.filter(content_type=ContentType.objects.get_for_model(model))

    def of_row(self, row: models.Model) -> Self:
        return self.of(type(row)).filter(object_id=row.pk)

    def numbers(self) -> Any:
        """The primary keys of the rows, as a part of another query."""
        return self.order_by().values("object_id")


def put(place: type["Member | Tagging"], model: type[models.Model], pks: Numbers[int], **named: Any) -> int:
    """Put rows of ``model`` to a collection or under a tag, those that are not there yet; returns how many were not."""
    content_type = ContentType.objects.get_for_model(model)
    there = set(place.objects.filter(**{place.where: named[place.where]}).of(model).values_list("object_id", flat=True))
    missing = [pk for pk in pks if pk not in there]
    rows = [place(content_type=content_type, object_id=pk, **named) for pk in missing]
    places: Any = place.objects
    places.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return len(missing)


def take_out(place: type["Member | Tagging"], model: type[models.Model], pks: Numbers[int], where: Any) -> int:
    """Take rows of ``model`` out of a collection or from under a tag; returns how many were there."""
    number, _by_kind = place.objects.filter(**{place.where: where}).of(model).filter(object_id__in=list(pks)).delete()
    return number


@tracked
class Tag(models.Model):
    """A word that people put on records and claims, beside the vocabularies that are the same for all."""

    slug = models.SlugField(_("key"), max_length=60, unique=True, validators=[validate_slug])
    name = models.CharField(_("name"), max_length=60)
    description = models.TextField(_("what it is put on"), max_length=1_000, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects: ClassVar[TagQuerySet] = TagQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=not_blank("name"),
                name="collections_tag_has_a_name",
                violation_error_message=_("Give the tag a name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("collections:tag", args=[self.slug])


@tracked
class Tagging(models.Model):
    """A tag on a row."""

    #: The field that says where the row is put.
    where: ClassVar[str] = "tag"

    tag = models.ForeignKey(Tag, verbose_name=_("tag"), on_delete=models.CASCADE, related_name="taggings")
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    about = GenericForeignKey("content_type", "object_id")

    objects: ClassVar[PlaceQuerySet] = PlaceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("tag on a row")
        verbose_name_plural = _("tags on rows")
        default_permissions = ()
        indexes = [models.Index("content_type", "object_id", name="tagging_of_row")]
        constraints = [
            models.UniqueConstraint(
                fields=["tag", "content_type", "object_id"],
                name="collections_tagging_once",
                violation_error_message=_("It has this tag already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.tag)


@tracked
class Collection(models.Model):
    """Any records, claims and sources that somebody gathers for a project: a question, a chapter, a team's work."""

    slug = models.SlugField(_("key"), max_length=80, unique=True, validators=[validate_slug])
    name = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=4_000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,  # what is shared stays for the others when a login goes
        null=True,
        related_name="+",
    )
    audience = models.CharField(
        _("shown to"), max_length=10, choices=Audience.choices, default=Audience.OWNER, blank=False
    )
    is_common = models.BooleanField(
        _("those who work on the database may add to it and take out"),
        default=False,
        help_text=_("Its title, and to whom it is shown, stay the owner's."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects: ClassVar[CollectionQuerySet] = CollectionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["name", "pk"]
        default_permissions = ()
        indexes = [models.Index("owner", "name", name="collection_by_owner")]
        constraints = [
            models.CheckConstraint(
                condition=not_blank("name"),
                name="collections_collection_has_a_title",
                violation_error_message=_("Give the collection a title."),
            ),
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values),
                name="collections_collection_audience_is_known",
                violation_error_message=_("It is shown to one of: owner, staff, everyone."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("collections:collection", args=[self.slug])


@tracked
class Member(models.Model):
    """A row in a collection, with what is to be said of it there."""

    #: The field that says where the row is put.
    where: ClassVar[str] = "collection"

    collection = models.ForeignKey(
        Collection, verbose_name=_("collection"), on_delete=models.CASCADE, related_name="members"
    )
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    about = GenericForeignKey("content_type", "object_id")
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        on_delete=models.SET_NULL,  # it stays where it was put
        null=True,
        related_name="+",
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    objects: ClassVar[PlaceQuerySet] = PlaceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("member of a collection")
        verbose_name_plural = _("members of collections")
        ordering = ["pk"]
        default_permissions = ()
        indexes = [models.Index("content_type", "object_id", name="member_of_row")]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "content_type", "object_id"],
                name="collections_member_once",
                violation_error_message=_("It is in the collection already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.collection}: {self.object_id}"


def free_key(model: type[models.Model], name: str) -> str:
    """A key made of a name that no other row of ``model`` has."""
    field: Any = model._meta.get_field("slug")
    longest = field.max_length - len("-1000000")
    base = slugify(name).replace("_", "-")[:longest].strip("-") or str(model._meta.model_name)
    taken = set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True))
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key
