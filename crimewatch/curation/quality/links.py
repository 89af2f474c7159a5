"""Asks addresses whether they still lead somewhere, without letting them do harm.

An address is what somebody has typed, and an answer is whatever its host sends. So only http and https are spoken, and
only with hosts of the public internet; redirects are followed a few times and never in a circle; of an answer no more
is read than tells that one comes; and all of it together takes no longer than was agreed.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.utils.translation import gettext as _

from crimewatch.curation.quality.models import LinkOutcome

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
GONE = frozenset({404, 410})

#: What stays as it is in the path and query of an address.
SAFE = "/%:@!$&'()*+,;=~-._?"

#: How much of an answer is asked for at a time, in bytes.
PIECE = 8_192


@dataclass(frozen=True)
class Answer:
    """What became of asking for an address, the last one where it led on to others."""

    outcome: LinkOutcome
    detail: str
    status: int | None = None


class NotAskedError(Exception):
    """An address is not one that may be asked; the message says why."""


@dataclass(frozen=True)
class Asker:
    """How addresses are asked: ``seconds`` and ``bytes_read`` bound each of them, redirects included."""

    seconds: float = 20.0
    bytes_read: int = 65_536
    #: For a test's own server, and for sources on a network of one's own.
    allows_private: bool = False
    user_agent: str = "CrimeWatch link check"

    def ask(self, url: str) -> Answer:
        """What ``url`` answers; an address that cannot be asked, and a host that misbehaves, are answers too."""
        deadline = monotonic() + self.seconds
        try:
            return self._follow(url, deadline)
        except NotAskedError as error:
            return Answer(LinkOutcome.NOT_ASKED, str(error))
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, TimeoutError) or monotonic() >= deadline:  # then that is why the line was cut
                words = _("It took longer than %(seconds)g seconds.") % {"seconds": self.seconds}
            else:
                words = _("It cannot be reached: %(reason)s") % {"reason": str(error) or type(error).__name__}
            return Answer(LinkOutcome.UNREACHABLE, words[:300])

    def _follow(self, url: str, deadline: float) -> Answer:
        """The last answer behind ``url`` and what it is redirected to."""
        passed = {url}
        while True:
            status, leads_to = self._ask_once(url, deadline)
            if not leads_to:
                return answer_of(status, moved_to=url if len(passed) > 1 else "")
            url = leads_to
            if url in passed:
                return Answer(LinkOutcome.UNREACHABLE, _("It is redirected in a circle."), status)
            if len(passed) > MOST_REDIRECTS:
                words = _("It is redirected more than %(number)d times.") % {"number": MOST_REDIRECTS}
                return Answer(LinkOutcome.UNREACHABLE, words, status)
            passed.add(url)

    def _ask_once(self, url: str, deadline: float) -> tuple[int, str]:
        """The status of one answer, and the address that it leads on to."""
        parts = split(url)
        address = self._address_of(parts)
        with self._connected(parts, address, deadline) as connection:
            path = quote(parts.path or "/", safe=SAFE)
            path += f"?{quote(parts.query, safe=SAFE)}" if parts.query else ""
            connection.request("GET", path, headers={"User-Agent": self.user_agent, "Accept": "*/*"})
            response = connection.getresponse()
            if monotonic() >= deadline:
                raise TimeoutError  # headers that are cut off look like short ones
            location = response.headers.get("Location", "").strip()
            if response.status in REDIRECTS and location:
                return response.status, urljoin(url, location).partition("#")[0]
            read = 0
            while read < self.bytes_read and (piece := response.read1(min(PIECE, self.bytes_read - read))):
                read += len(piece)
            return response.status, ""

    def _address_of(self, parts: SplitResult) -> str:
        """The address of the host on the network. It is asked once: a second time it could be another."""
        host, port = str(parts.hostname), port_of(parts)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise OSError(_("there is no host “%(host)s”") % {"host": host}) from error
        addresses = [str(entry[4][0]) for entry in found]
        if not self.allows_private:
            for each in addresses:
                if not is_public(each):
                    raise NotAskedError(
                        _("“%(host)s” is not a host of the public internet (%(address)s).")
                        % {"host": host, "address": each}
                    )
        return addresses[0]

    @contextmanager
    def _connected(self, parts: SplitResult, address: str, deadline: float) -> Iterator[http.client.HTTPConnection]:
        """A connection to ``address`` that is cut at the deadline, whatever the other side is sending by then."""
        left = deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        host, port = str(parts.hostname), port_of(parts)
        line = Line(socket.create_connection((address, port), timeout=left))
        cut = threading.Timer(max(0.0, deadline - monotonic()), line.cut)
        cut.daemon = True
        cut.start()
        try:
            if parts.scheme == "https":
                line.encrypt(host)
            connection = http.client.HTTPConnection(host, port)
            connection.sock = line.socket
            yield connection
        finally:
            cut.cancel()
            line.socket.close()


@dataclass
class Line:
    """A connection that another thread may cut at any moment, the greeting of TLS included."""

    socket: socket.socket

    def encrypt(self, host: str) -> None:
        context = ssl.create_default_context()
        wrapped = context.wrap_socket(self.socket, server_hostname=host, do_handshake_on_connect=False)
        self.socket = wrapped
        wrapped.do_handshake()

    def cut(self) -> None:
        with suppress(OSError):  # it is closed already
            self.socket.shutdown(socket.SHUT_RDWR)


def split(url: str) -> SplitResult:
    """The parts of an address of the web. Raises `NotAskedError` for any other."""
    try:
        parts = urlsplit(url)
        port_of(parts)
    except ValueError as error:
        raise NotAskedError(_("“%(url)s” is not an address.") % {"url": url[:200]}) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotAskedError(_("“%(url)s” is not an address of the web.") % {"url": url[:200]})
    return parts


def port_of(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None)
    parsed = inner or parsed
    return parsed.is_global and not parsed.is_multicast


def answer_of(status: int, moved_to: str = "") -> Answer:
    if status in GONE:
        return Answer(LinkOutcome.GONE, _("It answers %(status)d.") % {"status": status}, status)
    if status >= 400 or status in REDIRECTS:
        return Answer(LinkOutcome.REFUSED, _("It answers %(status)d.") % {"status": status}, status)
    moved = _("It has moved to %(url)s") % {"url": moved_to} if moved_to else ""
    return Answer(LinkOutcome.ANSWERS, moved[:300], status)
