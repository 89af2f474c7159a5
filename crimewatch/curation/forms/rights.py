"""Single rights, in the words of whoever gives them: Django keeps theirs in English."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib.auth.models import Permission
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

ACTIONS = {
    "add": gettext_lazy("add"),
    "change": gettext_lazy("change"),
    "delete": gettext_lazy("delete"),
    "view": gettext_lazy("view"),
    "publish": gettext_lazy("publish"),
    "restrict": gettext_lazy("restrict"),
}


def in_words(permission: Permission) -> str:
    """What a right is for: ``Groups · publish``."""
    model = permission.content_type.model_class()
    if model is None:
        return permission.name
    action = permission.codename.removesuffix(f"_{model._meta.model_name}")
    return f"{capfirst(str(model._meta.verbose_name_plural))} · {ACTIONS.get(action, permission.name)}"


def inner_tables() -> list[str]:
    """The names of models that keep the states of rows, or stand for links of many to many."""
    models = apps.get_models()
    return [str(model._meta.model_name) for model in models if model._meta.proxy or hasattr(model, "pgh_tracked_model")]


#: Apps that keep the history, the queue of jobs, and what belongs to logins.
INNER_APPS = ("pghistory", "procrastinate", "account", "mfa", "usersessions")


class RightsField(forms.ModelMultipleChoiceField):
    """A choice of single rights, all but those to tables that no page shows: of the history, and of links."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rights = Permission.objects.select_related("content_type").exclude(content_type__app_label__in=INNER_APPS)
        rights = rights.exclude(content_type__model__in=inner_tables())
        self.queryset = rights.order_by("content_type__app_label", "content_type__model", "codename")

    def label_from_instance(self, obj: Any) -> str:
        return in_words(obj)
