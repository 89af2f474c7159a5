"""What the database refuses, in the sentence that belongs to the broken rule."""

import re
from functools import cache

from django.apps import apps
from django.db import IntegrityError, models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

#: What the triggers of the models say, in English, for the database knows no languages.
TRIGGER_SENTENCES = (
    gettext_noop("“%(slug)s” cannot be published: no claim supports it yet. Add a claim with its source first."),
    gettext_noop(
        "“%(slug)s” is published and this is the last claim that supports it. Withdraw it first, or add a claim."
    ),
    gettext_noop("“%(slug)s” cannot lie below “%(parent)s”, which is the record itself or lies below it."),
    gettext_noop("“%(slug)s” cannot be a part of itself."),
    gettext_noop("A record of the pair is not there any more."),
    gettext_noop("It cannot be deleted: “%(slug)s” lists it. Take it out there first."),
    gettext_noop("What the entry is about is not there: an entry is about a record or a claim."),
)


def sentence_of(error: IntegrityError) -> str:
    """The sentence for a person of what the database has refused.

    A broken constraint speaks through its ``violation_error_message``, a trigger through its own message.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None:
        return str(error)
    constraint = constraint_named(diagnosis.constraint_name)
    if constraint is not None:
        return str(constraint.get_violation_error_message())
    if diagnosis.source_function == "exec_stmt_raise":
        return translated(diagnosis.message_primary)
    if diagnosis.sqlstate == "23505":
        return _("Another row has the same value: %(detail)s") % {"detail": diagnosis.message_detail}
    if diagnosis.sqlstate == "23503":
        return _("It is in use, or names something that is gone meanwhile: %(detail)s") % {
            "detail": diagnosis.message_detail
        }
    return str(diagnosis.message_primary)


def constraint_named(name: str | None) -> models.BaseConstraint | None:
    """The constraint of ours that the database knows by ``name``."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return constraint
    return None


def translated(sentence: str) -> str:
    """What a trigger says in the language of the reader; any other sentence as it is."""
    for template in TRIGGER_SENTENCES:
        match = _pattern_of(template).fullmatch(sentence)
        if match:
            return _(template) % match.groupdict()
    return sentence


@cache
def _pattern_of(template: str) -> re.Pattern[str]:
    """A pattern that finds the words that the database has put into a template."""
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*?)", re.escape(template)), re.DOTALL)
