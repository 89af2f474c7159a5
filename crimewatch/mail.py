"""Which server mails go through: that of `EMAIL_URL`, or the terminal of whoever runs the site for themselves."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from crimewatch.environment import Environment

PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class MailServer(NamedTuple):
    """A mail server, in the order of Django's settings `EMAIL_HOST` and so on."""

    host: str = "localhost"
    port: int = PORTS["smtp"]
    user: str = ""
    password: str = ""
    use_starttls: bool = False
    use_tls: bool = False


def mail_server(address: str) -> MailServer:
    """Take the address of a mail server apart, which the environment has found to be one."""
    if not address:
        return MailServer()
    parts = urlsplit(address)
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_starttls=parts.scheme == "smtp+tls",
        use_tls=parts.scheme == "smtps",
    )


def mail_backend(environment: Environment) -> str:
    """The name of the backend of Django's that sends mails: `smtp`, `console`, or `dummy`, which sends nothing."""
    if environment.email_url:
        return "smtp"
    return "console" if environment.debug else "dummy"
