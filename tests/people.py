"""The people who look at the site, by what they may see."""

from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import models


def make_reader(**overrides: object) -> User:
    """Somebody with a login and nothing more."""
    return User.objects.create(**{"username": f"reader-{User.objects.count()}", **overrides})


def make_researcher(*models_: type[models.Model], actions: tuple[str, ...] = ("view",)) -> User:
    """Somebody of the staff with rights to ``models_``; to none if there are none."""
    user = make_reader(username=f"researcher-{User.objects.count()}", is_staff=True)
    for model in models_:
        content_type = ContentType.objects.get_for_model(model)
        names = [f"{action}_{model._meta.model_name}" for action in actions]
        user.user_permissions.add(*Permission.objects.filter(content_type=content_type, codename__in=names))
    return user
