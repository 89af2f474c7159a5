"""The environment: read in one place, documented in one table, refused with a sentence."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from crimewatch.environment import (
    PROJECT_FOLDER,
    SECRET_KEY_LENGTH,
    ConfigurationError,
    Environment,
    documented_variables,
    read_environment,
    secret_key_from,
)
from crimewatch.mail import MailServer, mail_server
from tests.environments import environment, manage

PRODUCTION = {
    "DATABASE_URL": "postgresql://crimewatch:secret@db.example.org/crimewatch",
    "SECRET_KEY": "k9-Vb3!xR7_uY2#nQ8&zT4*wP6+sL1=mJ5?hG0~fD" * 2,
    "ALLOWED_HOSTS": "crimewatch.example.org",
    "TRUST_PROXY_HEADERS": "true",
}


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in documented_variables():
        monkeypatch.delenv(variable.name, raising=False)


def test_every_variable_is_in_the_table_of_the_deployment_page() -> None:
    page = (PROJECT_FOLDER / "docs" / "deployment.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{variable.name}` | {variable.kind} | {f'`{variable.default}` ' if variable.default else ''}"
        f"| {variable.description} |"
        for variable in documented_variables()
    ]


def test_the_environment_is_read_in_one_place_only() -> None:
    reads = re.compile(r"\benviron\b(?!\.setdefault)|\bgetenv\b")
    readers = [
        str(path.relative_to(PROJECT_FOLDER))
        for folder in ("crimewatch", "regions", "actors", "programs")
        for path in sorted((PROJECT_FOLDER / folder).rglob("*.py"))
        if reads.search(path.read_text())
    ]
    # The second asks Django's own reloader which of its two processes it is.
    assert readers == [
        "crimewatch/environment.py",
        "crimewatch/exchange/management/commands/serve_locally.py",
    ]


def test_without_variables_the_defaults_hold(no_variables: None) -> None:
    read = read_environment()
    assert read == Environment()
    assert not read.debug
    assert not read.site_is_public


def test_an_empty_variable_counts_as_unset(no_variables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSTS_SECONDS", " ")
    monkeypatch.setenv("ALLOWED_HOSTS", "")
    assert read_environment() == Environment()


def test_values_are_typed(no_variables: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEBUG", "yes")
    monkeypatch.setenv("UPLOAD_LIMIT_MB", "7")
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example.org, b.example.org")
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    read = read_environment()
    assert read.debug is True
    assert read.upload_limit_mb == 7
    assert read.allowed_hosts == ("a.example.org", "b.example.org")
    assert read.var_dir == tmp_path


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "maybe", "DEBUG is 'maybe', but must be true or false."),
        ("UPLOAD_LIMIT_MB", "ten", "UPLOAD_LIMIT_MB is 'ten', but must be a whole number."),
        ("UPLOAD_LIMIT_MB", "0", "UPLOAD_LIMIT_MB is '0', but must be a positive number of megabytes."),
        ("HSTS_SECONDS", "-1", "HSTS_SECONDS is '-1', but must be a positive number of seconds."),
        (
            "DATABASE_CONNECTION_SECONDS",
            "-1",
            "DATABASE_CONNECTION_SECONDS is '-1', but must be a number of seconds, 0 or more.",
        ),
        (
            "ALLOWED_HOSTS",
            "https://crimewatch.example.org",
            (
                "ALLOWED_HOSTS is 'https://crimewatch.example.org', but must be host names without a scheme or a path, "
                "such as crimewatch.example.org."
            ),
        ),
        (
            "CSRF_TRUSTED_ORIGINS",
            "crimewatch.example.org",
            (
                "CSRF_TRUSTED_ORIGINS is 'crimewatch.example.org', but must be addresses with their scheme, "
                "such as https://crimewatch.example.org."
            ),
        ),
        ("VAR_DIR", "var", "VAR_DIR is 'var', but must be an absolute path."),
        (
            "TIME_ZONE",
            "Mars/Olympus",
            "TIME_ZONE is 'Mars/Olympus', but must be a name of the IANA time zone database, such as America/Lima.",
        ),
        ("TIME_ZONE", "America", "TIME_ZONE is 'America', but must be a name of the IANA time zone database"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud', but must be DEBUG, INFO, WARNING, ERROR or CRITICAL."),
        ("SESSION_HOURS", "0", "SESSION_HOURS is '0', but must be a positive number of hours."),
        ("EMAIL_URL", "mail.example.org", "EMAIL_URL is no such address, but must be the address of a mail server"),
        (
            "EMAIL_URL",
            "smtp://u:secret@host:x",
            "EMAIL_URL is no such address, but must be the address of a mail server",
        ),
        ("EMAIL_FROM", "crimewatch", "EMAIL_FROM is 'crimewatch', but must be an e-mail address."),
        ("SECRET_KEY", "hunter2", "SECRET_KEY is too short, but must be at least 50 random characters."),
    ],
)
def test_a_wrong_value_gets_a_sentence(
    no_variables: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as refusal:
        read_environment()
    assert str(refusal.value).startswith(sentence)


def test_a_wrong_value_stops_every_command_with_that_sentence_alone(tmp_path: Path) -> None:
    run = manage("check", DEBUG="maybe", VAR_DIR=tmp_path)
    assert run.returncode == 1
    assert run.stderr == "Error: DEBUG is 'maybe', but must be true or false.\n"


def test_a_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    key = secret_key_from(tmp_path / "var")
    assert len(key) >= SECRET_KEY_LENGTH
    assert secret_key_from(tmp_path / "var") == key
    path = tmp_path / "var" / "secret-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_together_agree_on_the_secret_key(tmp_path: Path) -> None:
    code = "import sys, pathlib; from crimewatch.environment import secret_key_from as key; "
    code += "sys.stdin.read(); print(key(pathlib.Path(sys.argv[1])))"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, tmp_path],
            cwd=PROJECT_FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:  # all have started by now, or do so while the first write
        assert process.stdin
        process.stdin.close()
        process.stdin = None
    keys = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert len(keys) == 1
    assert len(keys.pop()) >= SECRET_KEY_LENGTH


def test_a_truncated_secret_key_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")
    with pytest.raises(ConfigurationError, match="has 5 characters, but needs 50; delete the file"):
        secret_key_from(tmp_path)


def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    with pytest.raises(ConfigurationError, match="set SECRET_KEY or make the folder writable"):
        secret_key_from(tmp_path / "var")


def test_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    run = manage("check", "--deploy", "--fail-level", "WARNING", VAR_DIR=tmp_path, **PRODUCTION)
    assert run.returncode == 0, run.stderr
    assert not (tmp_path / "secret-key").exists()


def test_the_defaults_pass_the_deployment_check(tmp_path: Path) -> None:
    run = manage("check", "--deploy", "--fail-level", "WARNING", VAR_DIR=tmp_path)
    assert run.returncode == 0, run.stderr


def test_debug_fails_the_deployment_check(tmp_path: Path) -> None:
    run = manage("check", "--deploy", "--fail-level", "WARNING", VAR_DIR=tmp_path, DEBUG="true")
    assert run.returncode == 1
    assert "security.W018" in run.stderr


def test_static_files_can_be_collected_for_production(tmp_path: Path) -> None:
    run = manage("collectstatic", "--no-input", VAR_DIR=tmp_path, **PRODUCTION)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "static" / "staticfiles.json").exists()


@pytest.mark.django_db
def test_pages_allow_no_inline_code_no_framing_and_no_foreign_content(client: Client) -> None:
    headers = client.get("/admin/login/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.django_db
def test_the_root_leads_a_stranger_to_the_login(client: Client) -> None:
    response = client.get("/", follow=True)
    assert response.redirect_chain[0][0] == "/login/?next=/"


def test_http_is_redirected_to_https_and_https_is_remembered(tmp_path: Path) -> None:
    code = """
import django
django.setup()
from django.test import Client
plain = Client(headers={"host": "crimewatch.example.org"}).get("/")
print(plain.status_code, plain["Location"])
behind_proxy = Client(headers={"host": "crimewatch.example.org", "x-forwarded-proto": "https"}).get("/")
print(behind_proxy.status_code, behind_proxy["Location"], behind_proxy["Strict-Transport-Security"])
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_FOLDER,
        env=environment(DJANGO_SETTINGS_MODULE="crimewatch.settings", VAR_DIR=tmp_path, **PRODUCTION),
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == ["301 https://crimewatch.example.org/", "302 /login/?next=/ max-age=3600"]


def test_argon2_hashes_new_passwords() -> None:
    # The tests themselves use a cheaper hasher, so the settings are asked in a process of their own.
    run = subprocess.run(
        [sys.executable, "-c", "from crimewatch import settings; print(settings.PASSWORD_HASHERS[0])"],
        cwd=PROJECT_FOLDER,
        env=environment(VAR_DIR=settings.VAR_DIR),
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip().endswith("Argon2PasswordHasher")


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("", MailServer()),
        (
            "smtp+tls://ana:p%40ss@mail.example.org",
            MailServer("mail.example.org", 587, "ana", "p@ss", use_starttls=True),
        ),
        ("smtps://mail.example.org:2465", MailServer("mail.example.org", 2465, use_tls=True)),
    ],
)
def test_the_address_of_a_mail_server_is_taken_apart(address: str, server: MailServer) -> None:
    assert mail_server(address) == server
