"""`manage.py forget_second_factor`: lets somebody back in who has lost both phone and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from crimewatch.accounts import second_factor


class Command(BaseCommand):
    help = (
        "Take away the second factor and the recovery codes of a login whose owner has lost both. "
        "At the next login a new one is set up. Make sure first that it is the owner who asks."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **_options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no login “{username}”.")
        had_one = second_factor.forget(user)
        self.stdout.write(
            f"The second factor of “{username}” is gone." if had_one else f"“{username}” has no second factor."
        )
