"""People with a role."""

from django.contrib.auth.models import Group, User

from crimewatch.curation import roles


def make_member(role: str) -> User:
    """A login with ``role``, which lets it into the admin or not."""
    if not Group.objects.filter(name=role).exists():
        roles.grant()  # a test with transactions of its own has emptied the tables
    user = User.objects.create_user(f"{role.lower().replace(' ', '-')}-{User.objects.count()}")
    user.groups.add(Group.objects.get(name=role))
    roles.settle_staff(user)
    return User.objects.get(pk=user.pk)
