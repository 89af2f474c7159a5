#!/usr/bin/env python3
"""Run a command of the project: `python manage.py help` lists them."""

import os
import sys

from django.core.management import execute_from_command_line

from crimewatch.environment import ConfigurationError
from crimewatch.postgresql.base import UnreachableError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crimewatch.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ConfigurationError, UnreachableError) as error:
        # The message is a sentence for whoever set the environment: a traceback would bury it.
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
