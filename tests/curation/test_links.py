"""Addresses of sources are asked for, and no answer does harm; a server of the test's own gives the worst of them."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import call_command

from crimewatch.citations.models import Source
from crimewatch.curation.models import LinkCheck, LinkOutcome
from crimewatch.curation.quality.links import Answer, Asker, is_public
from tests.factories import make_source


class Host(BaseHTTPRequestHandler):
    """A host that answers each path in its own way."""

    asked: list[str] = []
    sent = 0

    def do_GET(self) -> None:
        Host.asked.append(self.path)
        with suppress(OSError):  # who asked has had enough
            getattr(self, f"answer_{self.path.strip('/').partition('?')[0].partition('-')[0]}")()

    def reply(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.end_headers()

    def answer_fine(self) -> None:
        self.reply(200, ("Content-Length", "2"))
        self.wfile.write(b"ok")

    def answer_gone(self) -> None:
        self.reply(404, ("Content-Length", "0"))

    def answer_closed(self) -> None:
        self.reply(403, ("Content-Length", "0"))

    def answer_moved(self) -> None:
        self.reply(301, ("Location", "/fine"), ("Content-Length", "0"))

    def answer_circle(self) -> None:
        self.reply(302, ("Location", "/circle-2" if self.path == "/circle" else "/circle"), ("Content-Length", "0"))

    def answer_on(self) -> None:
        number = int(self.path.partition("-")[2] or 0)
        self.reply(302, ("Location", f"/on-{number + 1}"), ("Content-Length", "0"))

    def answer_elsewhere(self) -> None:
        self.reply(302, ("Location", "file:///etc/passwd"), ("Content-Length", "0"))

    def answer_endless(self) -> None:
        self.reply(200)
        while True:
            Host.sent += self.wfile.write(b"x" * 65_536)

    def answer_huge(self) -> None:
        self.reply(200, ("Content-Length", str(2 * 1024**3)))
        while True:
            Host.sent += self.wfile.write(b"x" * 65_536)

    def answer_slow(self) -> None:
        self.reply(200)
        while True:
            self.wfile.write(b"x")
            time.sleep(0.02)

    def answer_headers(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Long: ")
        while True:
            self.wfile.write(b"x")
            time.sleep(0.02)

    def answer_nonsense(self) -> None:
        self.wfile.write(b"what?\r\n\r\n")

    def log_message(self, *_args: object) -> None:
        """Nothing is written to the test's output."""


@pytest.fixture
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    Host.asked, Host.sent = [], 0
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("path", "outcome", "detail"),
    [
        ("/fine", LinkOutcome.ANSWERS, ""),
        ("/moved", LinkOutcome.ANSWERS, "It has moved to "),
        ("/gone", LinkOutcome.GONE, "It answers 404."),
        ("/closed", LinkOutcome.REFUSED, "It answers 403."),
        ("/circle", LinkOutcome.UNREACHABLE, "It is redirected in a circle."),
        ("/on", LinkOutcome.UNREACHABLE, "It is redirected more than 5 times."),
        ("/elsewhere", LinkOutcome.NOT_ASKED, "“file:///etc/passwd” is not an address of the web."),
        ("/nonsense", LinkOutcome.UNREACHABLE, "It cannot be reached: "),
    ],
)
def test_each_answer_is_told_apart(host: str, path: str, outcome: LinkOutcome, detail: str) -> None:
    answer = Asker(seconds=10, allows_private=True).ask(host + path)

    assert (answer.outcome, answer.detail[: len(detail)]) == (outcome, detail)
    assert len(Host.asked) <= 6


@pytest.mark.parametrize("path", ["/endless", "/huge"])  # without an end, and of the 2 GB that it announces
def test_of_an_endless_answer_no_more_is_read_than_was_agreed(host: str, path: str) -> None:
    answer = Asker(seconds=10, bytes_read=10_000, allows_private=True).ask(host + path)

    assert answer.outcome == LinkOutcome.ANSWERS
    assert Host.sent < 50_000_000  # what the system takes on the way


@pytest.mark.parametrize(
    ("path", "outcome"),
    [("/slow", LinkOutcome.ANSWERS), ("/headers", LinkOutcome.UNREACHABLE)],  # something came, or nothing did
)
def test_an_answer_that_drips_is_cut_off_in_time(host: str, path: str, outcome: LinkOutcome) -> None:
    start = time.monotonic()
    answer = Asker(seconds=0.5, allows_private=True).ask(host + path)

    assert time.monotonic() - start < 5
    assert answer.outcome == outcome


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "0.1.2.3"],
)
def test_an_address_within_is_not_public(address: str) -> None:
    assert not is_public(address)
    assert is_public("93.184.215.14")


def test_a_host_within_is_not_asked_unless_that_is_allowed(host: str) -> None:
    answer = Asker(seconds=5).ask(f"{host}/fine")

    assert answer.outcome == LinkOutcome.NOT_ASKED
    assert "not a host of the public internet" in answer.detail
    assert Host.asked == []


@pytest.mark.parametrize(
    "url", ["ftp://example.org/a", "javascript:alert(1)", "http://", "http://[::1", "http://a:99999/"]
)
def test_what_is_not_an_address_of_the_web_is_not_asked(url: str) -> None:
    assert Asker(seconds=5).ask(url).outcome == LinkOutcome.NOT_ASKED


def check_links(*arguments: str) -> str:
    out = StringIO()
    call_command("check_links", "--pause", "0", "--timeout", "10", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_nothing_is_asked_without_go(host: str) -> None:
    make_source(url=f"{host}/fine")

    assert check_links("--allow-private") == "1 addresses would be asked. Add --go to ask them.\n"
    assert Host.asked == []
    assert not LinkCheck.objects.exists()


@pytest.mark.django_db
def test_answers_are_kept_and_nobody_is_asked_twice_in_a_month(host: str) -> None:
    gone, fine = make_source(url=f"{host}/gone"), make_source(url=f"{host}/fine")
    make_source()
    told = check_links("--allow-private", "--go")

    assert told == f"{gone.slug}: gone. It answers 404.\n2 addresses were asked: 1 answers, 1 gone.\n"
    assert set(LinkCheck.objects.values_list("source", "outcome", "status")) == {
        (gone.pk, "gone", 404),
        (fine.pk, "answers", 200),
    }
    assert check_links("--allow-private", "--go") == "0 addresses were asked.\n"
    fine.url = f"{host}/fine?moved"
    fine.save()
    assert check_links("--allow-private", "--go", "--limit", "1") == "1 addresses were asked: 1 answers.\n"


@pytest.mark.django_db(transaction=True)
def test_a_source_that_goes_while_its_address_is_asked_does_not_end_it(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, fine = make_source(url=f"{host}/fine?1"), make_source(url=f"{host}/fine?2")
    ask = Asker.ask

    def delete_and_ask(self: Asker, url: str) -> Answer:
        Source.objects.filter(pk=gone.pk).delete()
        return ask(self, url)

    monkeypatch.setattr(Asker, "ask", delete_and_ask)
    assert check_links("--allow-private", "--go") == "1 addresses were asked: 1 answers.\n"
    assert LinkCheck.objects.get().source == fine


@pytest.mark.django_db
def test_a_host_is_left_in_peace_between_two_questions(host: str) -> None:
    for number in range(3):
        make_source(url=f"{host}/fine?{number}")
    start = time.monotonic()
    check_links("--allow-private", "--go", "--pause", "0.3")

    assert time.monotonic() - start >= 0.6
