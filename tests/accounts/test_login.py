"""The door: names, passwords, and what strangers find out by knocking, which is nothing."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.db import connection
from django.test import Client

from tests.accounts.codes import PASSWORD, log_in
from tests.people import make_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", "ana@example.org", PASSWORD)


def test_a_login_leads_back_to_the_page_that_was_asked_for(client, ana):
    assert log_in(client, "ana", next="/search/?q=puno")["Location"] == "/search/?q=puno"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)", "/\\example.org"]
)
def test_neither_door_leads_to_another_site(client, ana, settings, elsewhere):
    settings.CSRF_TRUSTED_ORIGINS = ["https://example.org"]
    User.objects.update(is_staff=True)

    assert client.get("/admin/login/", {"next": elsewhere})["Location"] == "/login/?next=/admin/"
    assert log_in(client, "ana", next=elsewhere)["Location"] == "/"
    assert client.get("/login/", {"next": elsewhere})["Location"] == "/"
    assert client.get("/admin/login/", {"next": elsewhere})["Location"] == "/admin/"


def test_a_session_gets_a_new_key_when_somebody_logs_in(client, ana):
    session = client.session
    session["anything"] = 1
    session.save()
    before = session.session_key

    log_in(client, "ana")
    assert client.session.session_key != before


def test_an_unknown_name_is_answered_like_a_wrong_password_and_a_closed_login(client, ana):
    User.objects.create_user("closed", password=PASSWORD, is_active=False)
    answers = [
        log_in(client, "ana", "wrong"),
        log_in(client, "nobody", "wrong"),
        log_in(client, "closed"),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert answer.context["form"].non_field_errors() == [
            "No login has this name and password. Capitals count in both."
        ]


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_after_five_wrong_passwords_not_even_the_right_one_is_looked_at(client, ana, name):
    for _ in range(5):
        log_in(client, name, "wrong")
    (sentence,) = log_in(client, name).context["form"].non_field_errors()

    assert sentence == "That was wrong too often. Try again in 15 minutes."
    assert "_auth_user_id" not in client.session


def test_another_port_in_the_address_gives_no_further_tries(client, ana):
    for number in range(6):
        answer = client.post("/login/", {"login": "ana", "password": "wrong"}, headers={"host": f"localhost:{number}"})

    assert "Try again in" in answer.content.decode()


def test_the_other_logins_are_not_locked(ana):
    User.objects.create_user("eva", password=PASSWORD)
    for _ in range(6):
        log_in(Client(REMOTE_ADDR="192.0.2.1"), "ana", "wrong")

    assert log_in(Client(REMOTE_ADDR="192.0.2.2"), "eva").status_code == 302


def test_one_address_tries_no_list_of_names(client):
    for number in range(10):
        log_in(client, f"name-{number}", "wrong")

    assert "Try again in 1 minute." in log_in(client, "name-11", "wrong").content.decode()


def test_limits_outlive_the_process(client, ana):
    for _ in range(5):
        log_in(client, "ana", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_cache")
        assert cursor.fetchone()[0] > 0
    caches.close_all()
    del caches["default"]  # what a new process would begin with

    assert "Try again in" in log_in(Client(), "ana").content.decode()


@pytest.mark.parametrize("address", ["/signup/", "/accounts/signup/", "/login/signup/", "/account/email/"])
def test_nobody_signs_up(client, address):
    assert client.get(address).status_code == 404


def test_logging_out_takes_a_click_and_leads_to_the_start(client):
    client.force_login(make_reader())

    assert "Do you want to log out?" in client.get("/logout/").content.decode()
    assert "_auth_user_id" in client.session
    assert client.post("/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_a_form_of_before_the_login_is_refused_with_advice(ana):
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    stale = {"csrfmiddlewaretoken": "a" * 64, "login": "ana", "password": PASSWORD}
    answer = client.post("/login/", stale)

    assert answer.status_code == 403
    assert "The form was refused" in answer.content.decode()


def test_asking_too_often_gets_a_page_that_says_when_to_try_again(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    log_in(client, "x", "y")
    answer = log_in(client, "x", "y")

    assert answer.status_code == 429
    assert "Wait a minute" in answer.content.decode()


def test_the_admin_has_no_door_of_its_own(client, ana):
    ana.is_staff = True
    ana.save()
    answer = client.post("/admin/login/?next=/admin/actors/", {"username": "ana", "password": PASSWORD})

    assert answer["Location"] == "/login/?next=/admin/actors/"
    assert "_auth_user_id" not in client.session


def test_who_may_not_enter_the_admin_is_told_so(client):
    client.force_login(make_reader())

    assert client.get("/admin/", follow=True).status_code == 403


def test_no_page_of_the_admin_shows_keys_or_sessions(client):
    client.force_login(User.objects.create_superuser("root"))
    for address in ("mfa/authenticator/", "usersessions/usersession/", "account/emailaddress/"):
        assert client.get(f"/admin/{address}").status_code == 404
