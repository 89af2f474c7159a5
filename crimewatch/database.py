"""Which PostgreSQL the site talks to: the one of `DATABASE_URL`, or one of our own when that is unset."""

from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from crimewatch.environment import ConfigurationError, Environment
from crimewatch.postgresql.keeper import PORT

ENGINE = "crimewatch.postgresql"
RIGHT_ADDRESS = "postgresql://user:password@host:5432/name"


def database_settings(environment: Environment) -> dict[str, Any]:
    """Return Django's settings of the default database. Starts nothing: that waits for the first connection."""
    if not environment.database_url:
        return embedded_database(environment)
    check_address(environment.database_url)
    database: dict[str, Any] = {
        **dj_database_url.parse(
            environment.database_url,
            engine=ENGINE,
            conn_max_age=environment.database_connection_seconds,
            conn_health_checks=True,
        )
    }
    # `?host=/var/run/postgresql` is how libpq's addresses name a socket; Django's dbshell looks for it in HOST.
    options = database.setdefault("OPTIONS", {})
    database["HOST"] = options.pop("host", database.get("HOST", ""))
    database["PORT"] = options.pop("port", database.get("PORT", ""))
    return database


def embedded_database(environment: Environment) -> dict[str, Any]:
    """Describe the server that `crimewatch.postgresql` runs in the var folder; HOST is known once it runs."""
    return {
        "ENGINE": ENGINE,
        "NAME": "crimewatch",
        "USER": "crimewatch",
        "PORT": PORT,
        "CONN_MAX_AGE": environment.database_connection_seconds,
        "CONN_HEALTH_CHECKS": True,
        "EMBEDDED_SERVER": {"folder": environment.var_dir / "postgres", "durable": True},
    }


def check_address(address: str) -> None:
    """Refuse an address of anything but a PostgreSQL database. The address is not shown: it holds a password."""
    parts = urlsplit(address)
    if parts.scheme not in {"postgres", "postgresql"}:
        kind = repr(parts.scheme) if parts.scheme else "no scheme"
        raise ConfigurationError(
            f"DATABASE_URL has {kind} in front, but only PostgreSQL will do; write {RIGHT_ADDRESS}."
        )
    if not parts.path.strip("/"):
        raise ConfigurationError(f"DATABASE_URL names no database at its end; write {RIGHT_ADDRESS}.")
    try:
        parts.port  # noqa: B018 (raises when the port is not a number)
    except ValueError as error:
        raise ConfigurationError(
            f"DATABASE_URL has a port that is not a number up to 65535; write {RIGHT_ADDRESS}."
        ) from error
