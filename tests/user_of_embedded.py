"""A process that uses the embedded database of its VAR_DIR, for tests to watch and to kill.

For each line that it reads it connects anew, and writes when the server that it reached was started. On `fork` it first
has a child that comes and goes. It has no apps, so that it is quick to start.
"""

import os
import sys

from django.conf import settings
from django.db import connection

from crimewatch.database import database_settings
from crimewatch.environment import read_environment


def server_start() -> str:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()::text")
        return str(cursor.fetchone()[0])


def main() -> None:
    database = database_settings(read_environment())
    database["EMBEDDED_SERVER"]["durable"] = False  # waiting for the disk would take most of the time
    settings.configure(DATABASES={"default": database})
    for line in sys.stdin:
        if line.strip() == "fork":
            connection.close()
            child = os.fork()
            if not child:
                sys.exit()
            os.waitpid(child, 0)
        sys.stdout.write(f"{server_start()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
