"""The one place that reads the environment: every variable, its type, its default and what it is for.

`crimewatch.settings` is the only reader of what is read here; the rest of the code asks Django's settings.
"""

import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvValidationError

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
SECRET_KEY_LENGTH = 50
"""Shortest secret key that Django's deployment check accepts, in characters."""
MAIL_SCHEMES = ("smtp", "smtp+tls", "smtps")
"""Ways to talk to a mail server: in plain text, with STARTTLS, and over TLS from the first word on."""


class ConfigurationError(ImproperlyConfigured):
    """What the environment says cannot be used; the message is a sentence for the person who set it."""


def variable(description: str, *, default: Any, expects: str = "", valid: Callable[[Any], bool] | None = None) -> Any:
    """Declare one variable. `valid` says whether a parsed value will do, `expects` what would be right."""
    return field(default=default, metadata={"description": description, "expects": expects, "valid": valid})


def is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a relative path; the name of a folder of zones
        return False
    return True


def is_positive(number: int) -> bool:
    return number > 0


def are_hosts(names: tuple[str, ...]) -> bool:
    return all(name and "/" not in name for name in names)


def is_mail_server(address: str) -> bool:
    """Whether `address` is that of a mail server; an empty one stands for none."""
    try:
        parts = urlsplit(address)
        return not address or (parts.scheme in MAIL_SCHEMES and bool(parts.hostname) and parts.port != 0)
    except ValueError:  # a port that is no number
        return False


def are_origins(addresses: tuple[str, ...]) -> bool:
    return all(address.startswith(("https://", "http://")) for address in addresses)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Every variable that CrimeWatch reads. The variable of a field is its name in capitals."""

    debug: bool = variable(
        "Show errors in the browser and serve plain http. For one's own machine only.",
        default=False,
    )
    secret_key: str = variable(
        "Signs sessions and links. Generated on first run into `VAR_DIR/secret-key` when unset.",
        default="",
        expects=f"at least {SECRET_KEY_LENGTH} random characters",
        valid=lambda key: not key or len(key) >= SECRET_KEY_LENGTH,
    )
    database_url: str = variable(
        "`postgresql://user:password@host:5432/name`, PostgreSQL 15 or newer. "
        "When unset, a PostgreSQL of our own runs in `VAR_DIR/postgres`.",
        default="",
    )
    var_dir: Path = variable(
        "Folder for what the site writes: embedded database, secret key, uploads, collected static files.",
        default=PROJECT_FOLDER / "var",
        expects="an absolute path",
        valid=Path.is_absolute,
    )
    allowed_hosts: tuple[str, ...] = variable(
        "Host names that the site answers to, separated by commas.",
        default=("localhost", "127.0.0.1", "[::1]"),
        expects="host names without a scheme or a path, such as crimewatch.example.org",
        valid=are_hosts,
    )
    csrf_trusted_origins: tuple[str, ...] = variable(
        "Addresses that forms may be sent from besides the site's own, separated by commas.",
        default=(),
        expects="addresses with their scheme, such as https://crimewatch.example.org",
        valid=are_origins,
    )
    site_is_public: bool = variable(
        "Let anonymous visitors read published records. Otherwise they see nothing but the login page.",
        default=False,
    )
    authors_may_publish: bool = variable(
        "Let whoever last changed a record or sent it to review publish it, too. Otherwise a second person has to.",
        default=False,
    )
    https_only: bool = variable(
        "Redirect http to https and keep cookies off http. Has no effect while DEBUG is on.",
        default=True,
    )
    trust_proxy_headers: bool = variable(
        "Believe `X-Forwarded-Proto` and the last address in `X-Forwarded-For`. "
        "Only behind a proxy that always sets both, or visitors could forge them.",
        default=False,
    )
    hsts_seconds: int = variable(
        "How long browsers shall refuse plain http for this host, in seconds. Raise it once https is known to last.",
        default=3600,
        expects="a positive number of seconds",
        valid=is_positive,
    )
    second_factor_required: bool = variable(
        "Ask everybody who may edit for a second factor, the codes of an app on their phone. "
        "Has no effect while DEBUG is on.",
        default=True,
    )
    session_hours: int = variable(
        "How long somebody stays logged in without using the site, in hours.",
        default=12,
        expects="a positive number of hours",
        valid=is_positive,
    )
    session_longest_hours: int = variable(
        "After how many hours everybody has to log in again, whether they use the site or not.",
        default=168,
        expects="a positive number of hours",
        valid=is_positive,
    )
    email_url: str = variable(
        "`smtp+tls://user:password@host:587`, or `smtps://` or `smtp://`: the server that links for new passwords and "
        "notices about logins are sent through. When unset, no mail is sent.",
        default="",
        expects="the address of a mail server, such as smtp+tls://user:password@mail.example.org:587",
        valid=is_mail_server,
    )
    email_from: str = variable(
        "The sender of these mails.",
        default="crimewatch@localhost",
        expects="an e-mail address",
        valid=lambda address: "@" in address,
    )
    database_connection_seconds: int = variable(
        "How long a web worker keeps its database connection, in seconds.",
        default=60,
        expects="a number of seconds, 0 or more",
        valid=lambda seconds: seconds >= 0,
    )
    upload_limit_mb: int = variable(
        "Largest file that may be uploaded, in megabytes.",
        default=50,
        expects="a positive number of megabytes",
        valid=is_positive,
    )
    files_kept_days: int = variable(
        "How long uploaded files, previews and finished exports are kept, in days.",
        default=30,
        expects="a positive number of days",
        valid=is_positive,
    )
    files_kept_mb: int = variable(
        "What they may take up together, in megabytes. Above it, the oldest go first.",
        default=5000,
        expects="a positive number of megabytes",
        valid=is_positive,
    )
    background_rows: int = variable(
        "Imports and exports of more rows than this run in the background, by a worker.",
        default=2000,
        expects="a number of rows, 0 or more",
        valid=lambda rows: rows >= 0,
    )
    months_between_looks: int = variable(
        "After how many months without a change a published record is to be looked at again.",
        default=24,
        expects="a number of months from 1 to 600",
        valid=lambda months: 1 <= months <= 600,
    )
    time_zone: str = variable(
        "Zone in which times are shown.",
        default="UTC",
        expects="a name of the IANA time zone database, such as America/Lima",
        valid=is_time_zone,
    )
    log_level: str = variable(
        "Least severe message that is logged to standard error.",
        default="INFO",
        expects="DEBUG, INFO, WARNING, ERROR or CRITICAL",
        valid=lambda level: level in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"},
    )


SECRETS = {"secret_key": "too short", "email_url": "no such address"}
"""What is said in place of a wrong value that nobody is to read in a log."""

READERS: dict[Any, tuple[str, Callable[[Env, str], Any]]] = {
    bool: ("true or false", lambda env, name: env.bool(name)),
    int: ("a whole number", lambda env, name: env.int(name)),
    str: ("text", lambda env, name: env.str(name)),
    Path: ("a path", lambda env, name: env.path(name)),
    tuple[str, ...]: ("a list separated by commas", lambda env, name: tuple(map(str.strip, env.list(name)))),
}
"""For each type: what a value must be, in words, and how it is read."""


@dataclass(frozen=True)
class Variable:
    """What the documentation says about one variable."""

    name: str
    kind: str
    default: str
    description: str


def documented_variables() -> list[Variable]:
    """List every variable with its kind, default and description, in the order of declaration."""
    types = get_type_hints(Environment)
    return [
        Variable(item.name.upper(), READERS[types[item.name]][0], in_words(item.default), item.metadata["description"])
        for item in fields(Environment)
    ]


def in_words(default: object) -> str:
    """Write a default as one would type it into the environment."""
    match default:
        case bool():
            return str(default).lower()
        case tuple():
            return ",".join(default)
        case Path() if default.is_relative_to(PROJECT_FOLDER):
            return str(default.relative_to(PROJECT_FOLDER))
        case _:
            return str(default)


def read_environment() -> Environment:
    """Read and check all variables. Raises ConfigurationError naming the first that cannot be used."""
    env = Env()
    types = get_type_hints(Environment)
    # An empty variable counts as unset: env files and container definitions cannot always leave one out.
    given = [item for item in fields(Environment) if os.environ.get(item.name.upper(), "").strip()]
    return Environment(**{item.name: read_variable(env, item, types[item.name]) for item in given})


def read_variable(env: Env, item: "Field[Any]", kind: Any) -> Any:
    name = item.name.upper()
    expected, read = READERS[kind]
    try:
        value = read(env, name)
    except EnvValidationError as error:
        raise ConfigurationError(f"{name} is {os.environ[name]!r}, but must be {expected}.") from error
    valid = item.metadata["valid"]
    if valid is not None and not valid(value):
        shown = SECRETS.get(item.name) or repr(os.environ[name])
        raise ConfigurationError(f"{name} is {shown}, but must be {item.metadata['expects']}.")
    return value


def secret_key_from(folder: Path) -> str:
    """Return the key kept in `folder`/secret-key, made at the first call. Readable by its owner alone."""
    path = folder / "secret-key"
    try:
        if not path.exists():
            write_once(path, secrets.token_urlsafe(SECRET_KEY_LENGTH))
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The secret key in {path} cannot be used ({error}); set SECRET_KEY or make the folder writable."
        ) from error
    if len(key) < SECRET_KEY_LENGTH:
        raise ConfigurationError(
            f"The secret key in {path} has {len(key)} characters, but needs {SECRET_KEY_LENGTH}; "
            "delete the file and a new one is made."
        )
    return key


def write_once(path: Path, text: str) -> None:
    """Write `text` to a file of mode 600 unless another process has just done so: the first one wins, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mkstemp gives mode 600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        os.link(draft, path)  # unlike a rename, a link never replaces what is there
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
