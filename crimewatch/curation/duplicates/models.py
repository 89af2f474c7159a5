"""Pairs of records of one kind: how alike the machine finds them, and what people have decided."""

from typing import Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crimewatch.records.history import tracked

#: Both records of a pair are there when it is written. A pair whose record is deleted later is asked for by nobody,
#: and is right again when that record is brought back, which it is with the same number.
BOTH_ARE_THERE = pgtrigger.Trigger(
    name="both_are_there",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("content_type_id", "first_id", "second_id"),
    declare=[("kind", "regclass"), ("number", "integer")],
    func=pgtrigger.Func(
        """
        SELECT to_regclass(quote_ident(app_label || '_' || model)) INTO kind
        FROM django_content_type WHERE id = NEW.content_type_id;
        IF kind IS NOT NULL THEN
            EXECUTE format(
                'SELECT count(*) FROM (SELECT FROM %s WHERE id IN ($1, $2) FOR KEY SHARE) AS pair', kind
            ) INTO number USING NEW.first_id, NEW.second_id;
        END IF;
        IF number IS DISTINCT FROM 2 THEN
            RAISE EXCEPTION 'A record of the pair is not there any more.'
                USING ERRCODE = 'foreign_key_violation', TABLE = '{meta.db_table}';
        END IF;
        RETURN NEW;
        """
    ),
)


class PairQuerySet(models.QuerySet[Any]):
    """Pairs by kind and by the records in them."""

    def of_kind(self, model: type[models.Model]) -> Self:
        return self.filter(content_type=ContentType.objects.get_for_model(model))

    def of(self, one: models.Model, other: models.Model) -> Self:
        """The pair of two records, in whatever order they come."""
        first, second = sorted([one.pk, other.pk])
        return self.of_kind(type(one)).filter(first_id=first, second_id=second)


class Pair(models.Model):
    """Two records of one kind, the one with the smaller number first, so that a pair is there once."""

    content_type = models.ForeignKey(
        ContentType,
        on_delete=models.CASCADE,  # a kind that is gone has no pairs
        related_name="+",
    )
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()

    objects: ClassVar[PairQuerySet] = PairQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True
        default_permissions = ()
        indexes = [models.Index("content_type", "second_id", name="%(class)s_second")]
        constraints = [
            models.UniqueConstraint(
                "content_type",
                "first_id",
                "second_id",
                name="%(app_label)s_%(class)s_is_unique",
                violation_error_message=_("This pair is there already."),
            ),
            models.CheckConstraint(
                condition=Q(first_id__lt=F("second_id")),
                name="%(app_label)s_%(class)s_is_in_order",
                violation_error_message=_("A pair has two records, the one with the smaller number first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} · {self.second_id}"


class Likeness(Pair):
    """A pair that looks like one record, found by ``finding``; made anew with each look, so without a history.

    ``strength`` is from 0 to 2: a likeness of names from 0.6 to 1, more with facts that agree, less with facts that
    differ; from 1.5 on something that only one record should have. ``grounds`` says what of it is the same.
    """

    strength = models.FloatField()
    grounds = ArrayField(models.CharField(max_length=60))

    class Meta(Pair.Meta):
        indexes = [
            *Pair.Meta.indexes,
            models.Index("content_type", F("strength").desc(), "id", name="%(class)s_strength"),
        ]


class Answer(models.TextChoices):
    """What a person says of a pair."""

    SAME = "same", _("the same")
    DIFFERENT = "different", _("different")
    UNSURE = "unsure", _("unsure")


@tracked
class Verdict(Pair):
    """What somebody has decided on a pair; it is not asked about again unless they are unsure."""

    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,  # what was decided stays when a login goes
        null=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), auto_now=True)
    note = models.CharField(_("why"), max_length=300, blank=True)

    class Meta(Pair.Meta):
        verbose_name = _("verdict on a pair")
        verbose_name_plural = _("verdicts on pairs")
        triggers = [BOTH_ARE_THERE]
        constraints = [
            *Pair.Meta.constraints,
            models.CheckConstraint(
                condition=Q(answer__in=Answer.values),
                name="%(app_label)s_%(class)s_answer_is_known",
                violation_error_message=_("The answer is one of: same, different, unsure."),
            ),
        ]


class Look(models.Model):
    """When a kind of record was last looked through for pairs, and how many were found."""

    content_type = models.OneToOneField(
        ContentType,
        on_delete=models.CASCADE,  # a kind that is gone has no pairs
        related_name="+",
    )
    looked_at = models.DateTimeField(auto_now=True)
    pairs = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.content_type_id}: {self.looked_at}"
