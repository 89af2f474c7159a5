"""Django's PostgreSQL backend, which starts the embedded server when the first connection is wanted.

Nothing starts at import: `manage.py check` or `makemigrations` need no server. Everything that connects, psql and the
making of test databases included, comes through here.
"""

from typing import Any

from django.db.backends.postgresql import base, client, features
from django.db.utils import NotSupportedError

from crimewatch.environment import ConfigurationError
from crimewatch.postgresql.embedded import EmbeddedServer, embedded_server


class DatabaseFeatures(features.DatabaseFeatures):
    minimum_database_version = (15,)


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`, on the embedded server too."""

    def runshell(self, parameters: list[str]) -> None:
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
        """Have the embedded server run and name its socket: also for those who connect by these without Django."""
        if self.embedded:
            self.settings_dict["HOST"] = str(self.embedded.hold())
        return super().get_connection_params()

    def check_database_version_supported(self) -> None:
        try:
            super().check_database_version_supported()
        except NotSupportedError as error:
            version = ".".join(map(str, self.get_database_version()))
            raise ConfigurationError(
                f"DATABASE_URL leads to PostgreSQL {version}, but CrimeWatch needs version 15 or newer."
            ) from error
