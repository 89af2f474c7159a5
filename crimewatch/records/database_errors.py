"""What the database refuses, in the sentence that belongs to the broken rule."""

from django.apps import apps
from django.db import IntegrityError, models
from django.utils.translation import gettext as _


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
        return str(diagnosis.message_primary)
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
