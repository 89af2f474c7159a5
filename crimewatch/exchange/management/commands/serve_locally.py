"""`manage.py serve_locally`: what `make run` does, from an empty database to a site that one can log in to."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.commands.runserver import Command as RunserverCommand
from django.db import transaction
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from crimewatch.exchange.catalog import TABLES

PACKAGES = ("vocabularies", "peru-2017")
"""Folders of fixtures/ that an empty database gets, in order."""

LOGIN = "admin"


class Command(RunserverCommand):
    help = (
        "Serve the site on this machine: migrate, fill an empty database with the vocabularies and the Peru data, "
        "make a login, work on jobs beside, and restart whenever the code changes. "
        "For one's own machine only; needs DEBUG=true."
    )

    addr: str
    protocol: str

    def run(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("DEBUG is false, but serve_locally is for one's own machine; set DEBUG=true.")
        # The server restarts itself in a child process at every change of the code; once is enough for this.
        if DJANGO_AUTORELOAD_ENV not in os.environ:
            self.prepare()
        super().run(**options)

    def prepare(self) -> None:
        self.stdout.write("Preparing the database ...")
        call_command("migrate", verbosity=0)
        if not any(table.model.objects.exists() for table in TABLES):
            with transaction.atomic():
                for package in PACKAGES:
                    self.stdout.write(f"Loading fixtures/{package} ...")
                    call_command("import_dataset", settings.BASE_DIR / "fixtures" / package)
        if not get_user_model().objects.exists():
            make_login()

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Serve, with a worker beside that ends when this process does, also where it is killed."""
        command = [sys.executable, sys.argv[0], "worker", "--until-stdin-ends"]
        # In a session of its own Ctrl-C does not reach it. It ends when its standard input does, and is waited for.
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
            super().inner_run(*args, **options)

    def on_bind(self, server_port: int) -> None:
        password = password_of_login()
        login = f"Log in as {LOGIN} with the password {password}" if password else "Log in as usual."
        self.stdout.write(f"\nCrimeWatch is at {self.protocol}://{self.addr}:{server_port}/\n{login}\nCtrl-C stops it.")


def password_file() -> Path:
    return Path(settings.VAR_DIR) / f"{LOGIN}-password"


def make_login() -> None:
    """Make a login that may do everything. Its password is kept where only the owner of the checkout can read it."""
    password = secrets.token_urlsafe(9)
    path = password_file()
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"{password}\n")
    get_user_model().objects.create_superuser(LOGIN, password=password)


def password_of_login() -> str:
    """Return the password that was made for the login, or nothing if it has another one by now."""
    user = get_user_model().objects.filter(username=LOGIN).first()
    try:
        password = password_file().read_text().strip()
    except OSError:
        return ""
    return password if user and user.check_password(password) else ""
