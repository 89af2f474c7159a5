"""The journal: what those who work on the database say to each other about a record or a claim."""

import re
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crimewatch.citations.models import Claim
from crimewatch.records.fields import not_blank
from crimewatch.records.history import tracked
from crimewatch.records.querysets import sees_drafts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from crimewatch.records.querysets import Viewer

#: Characters of an entry, and people that one may call.
LONGEST_TEXT = 2_000
MOST_MENTIONS = 20

#: A login behind an @ that does not stand in the middle of an address. Signs at its end belong to the sentence.
MENTION = re.compile(r"(?<![\w@.+-])@([\w.@+-]*[\w+])")

#: Whatever an entry is about is there, and takes its entries along when it is deleted: see ``operations``.
ABOUT_IS_THERE = pgtrigger.Trigger(
    name="about_is_there",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("content_type_id", "object_id"),
    declare=[("about", "text"), ("is_there", "integer")],
    func=pgtrigger.Func(
        """
        SELECT quote_ident(app_label || '_' || model) INTO about
        FROM django_content_type WHERE id = NEW.content_type_id;
        IF EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = to_regclass(about) AND tgname = 'journal_goes_along'
        ) THEN
            EXECUTE format('SELECT 1 FROM %s WHERE id = $1 FOR KEY SHARE', about) INTO is_there USING NEW.object_id;
        END IF;
        IF is_there IS NULL THEN
            RAISE EXCEPTION 'What the entry is about is not there: an entry is about a record or a claim.'
                USING ERRCODE = 'foreign_key_violation', TABLE = '{meta.db_table}';
        END IF;
        RETURN NEW;
        """
    ),
)


class JournalQuerySet(models.QuerySet["JournalEntry"]):
    """Entries by what they are about, by who may read them, and by what is to be done."""

    def about(self, row: models.Model) -> Self:
        return self.filter(content_type=ContentType.objects.get_for_model(row), object_id=row.pk)

    def visible_to(self, user: "Viewer") -> Self:
        """Entries on what ``user`` works on and may see: nobody else reads the journal."""
        kinds = ContentType.objects.filter(pk__in=self.order_by().values("content_type"))
        condition = Q(pk__in=[])
        for kind in kinds:
            model: Any = kind.model_class()
            if model is not None and sees_drafts(user, model):
                rows = model._default_manager.visible_to(user).order_by().values("pk")
                condition |= Q(content_type=kind, object_id__in=rows)
        return self.filter(condition)

    def beginnings(self) -> Self:
        """Comments and questions, without the answers to these."""
        return self.filter(question=None)

    def questions(self) -> Self:
        return self.filter(is_question=True)

    def still_open(self) -> Self:
        return self.questions().filter(closed_at=None)

    def mentioning(self, user: "Viewer") -> Self:
        return self.filter(mentions__person=user.pk)

    def with_people(self) -> Self:
        """With everybody whom an entry names."""
        return self.select_related("content_type", "author", "assigned_to", "closed_by")

    def with_about(self) -> Self:
        """With what the entries are about, in a query for each kind."""
        kinds = ContentType.objects.filter(pk__in=self.order_by().values("content_type"))
        models_: list[Any] = [model for kind in kinds if (model := kind.model_class())]
        rows = [
            model.objects.with_records() if issubclass(model, Claim) else model.objects.defer(*model.heavy_fields)
            for model in models_
        ]
        return self.prefetch_related(GenericPrefetch("about", rows))


@tracked
class JournalEntry(models.Model):
    """A comment on a record or a claim, a question about it, or an answer to a question. Plain text."""

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    about = GenericForeignKey("content_type", "object_id")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,  # what was said stays when the login goes
        null=True,
        related_name="+",
    )
    text = models.TextField(
        _("text"),
        max_length=LONGEST_TEXT,
        error_messages={"blank": _("Write something first.")},
        help_text=_("Plain text. @ and a login calls that person."),
    )
    is_question = models.BooleanField(_("a question"), default=False)
    question = models.ForeignKey(
        "self",
        verbose_name=_("answer to"),
        on_delete=models.CASCADE,  # an answer says nothing by itself
        null=True,
        blank=True,
        related_name="answers",
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("for"),
        on_delete=models.SET_NULL,  # the question is still open
        null=True,
        blank=True,
        related_name="+",
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        on_delete=models.SET_NULL,  # it stays closed
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects: ClassVar[JournalQuerySet] = JournalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering = ["-pk"]
        default_permissions = ()
        indexes = [
            models.Index("content_type", "object_id", "id", name="journalentry_about"),
            models.Index("assigned_to", "id", name="journalentry_open", condition=Q(is_question=True, closed_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=not_blank("text"),
                name="curation_journalentry_has_a_text",
                violation_error_message=_("Write something first."),
            ),
            models.CheckConstraint(
                condition=Q(LessThanOrEqual(Length("text"), LONGEST_TEXT)),
                name="curation_journalentry_is_not_too_long",
                violation_error_message=_("An entry has at most 2,000 characters: shorten it."),
            ),
            models.CheckConstraint(
                condition=Q(is_question=True) | Q(assigned_to=None, closed_at=None, closed_by=None),
                name="curation_journalentry_only_questions_are_open",
                violation_error_message=_("Only a question is for somebody, and can be closed."),
            ),
            models.CheckConstraint(
                condition=Q(is_question=False) | Q(question=None),
                name="curation_journalentry_an_answer_is_no_question",
                violation_error_message=_("An answer is not a question of its own."),
            ),
        ]
        triggers = [ABOUT_IS_THERE]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79].rstrip()}…"

    def get_absolute_url(self) -> str:
        """Its place in the journal of what it is about."""
        address = reverse("curation:journal", args=[self.content_type.model, self.object_id])
        return f"{address}#entry-{self.question_id or self.pk}"

    def clean(self) -> None:
        super().clean()
        if self.question is not None:
            place = (self.question.content_type_id, self.question.object_id)
            if not self.question.is_question or place != (self.content_type_id, self.object_id):
                raise ValidationError({"question": _("An answer belongs to a question about the same.")})

    @property
    def is_open(self) -> bool:
        return self.is_question and self.closed_at is None

    def close(self, user: "User") -> None:
        self.closed_at, self.closed_by = timezone.now(), user
        self.save(update_fields=["closed_at", "closed_by", "updated_at"])

    def reopen(self) -> None:
        self.closed_at = self.closed_by = None
        self.save(update_fields=["closed_at", "closed_by", "updated_at"])

    def call_people(self) -> list["User"]:
        """Keep whom the text mentions, those who may read it; returns them. An @ before anything else is just text."""
        names = list(dict.fromkeys(MENTION.findall(self.text)))[:MOST_MENTIONS]
        people = get_user_model().objects.filter(username__in=names, is_active=True).order_by("username")
        called = [person for person in people if may_read(person, self.about)]
        JournalMention.objects.bulk_create(JournalMention(entry=self, person=person) for person in called)
        return called


@tracked
class JournalMention(models.Model):
    """Somebody whom an entry calls."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.CASCADE, related_name="mentions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "person"],
                name="curation_journalmention_once",
                violation_error_message=_("An entry mentions a person once."),
            )
        ]

    def __str__(self) -> str:
        return f"@{self.person.get_username()}"


def may_read(user: "Viewer", row: Any) -> bool:
    """Whether ``user`` reads the journal of a record or claim: works on its kind, and may see it."""
    return sees_drafts(user, type(row)) and type(row).objects.filter(pk=row.pk).visible_to(user).exists()
