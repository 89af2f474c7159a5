"""Where one is logged in, and logging out there."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from crimewatch.accounts.browsers import in_words
from crimewatch.accounts.middleware import LastSeenMiddleware
from tests.accounts.codes import PASSWORD, log_in

pytestmark = pytest.mark.django_db
PAGE = "/account/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"


def browser(user_agent: str, address: str = "192.0.2.7", name: str = "ana") -> Client:
    client = Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    assert log_in(client, name).status_code == 302
    return client


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", password=PASSWORD)


def test_the_page_lists_ones_own_sessions_this_one_first_in_few_queries(ana, django_assert_max_num_queries):
    User.objects.create_user("eva", password=PASSWORD)
    browser(PHONE, "192.0.2.9", "eva")
    here = browser(FIREFOX)
    for _ in range(4):
        browser(CHROME, "192.0.2.8")
    with django_assert_max_num_queries(6):
        page = here.get(PAGE)

    found = page.context["sessions"]
    assert [session.browser for session in found] == ["Firefox, Linux", *["Chrome, Windows"] * 4]
    assert [session.is_this_one for session in found] == [True, False, False, False, False]
    assert "192.0.2.8" in page.content.decode()
    assert "192.0.2.9" not in page.content.decode()


def test_logging_out_there_ends_that_session_alone(ana):
    here, there, elsewhere = browser(FIREFOX), browser(CHROME), browser(PHONE)
    number = UserSession.objects.get(session_key=there.session.session_key).pk
    answer = here.post(PAGE, {"session": number}, follow=True)

    assert "You have been logged out there." in answer.content.decode()
    assert there.get(PAGE).status_code == 302
    assert elsewhere.get(PAGE).status_code == here.get(PAGE).status_code == 200


def test_logging_out_everywhere_else_leaves_this_session(ana):
    here, others = browser(FIREFOX), [browser(CHROME), browser(PHONE)]
    here.post(PAGE, {"session": "others"})

    assert here.get(PAGE).status_code == 200
    assert [other.get(PAGE).status_code for other in others] == [302, 302]


@pytest.mark.parametrize("number", ["", "0", "nonsense", "²", "9" * 40])
def test_a_session_that_is_not_ones_own_stays(ana, number):
    User.objects.create_user("eva", password=PASSWORD)
    here, hers = browser(FIREFOX), browser(PHONE, name="eva")
    asked = number if number != "0" else UserSession.objects.get(session_key=hers.session.session_key).pk
    answer = here.post(PAGE, {"session": asked}, follow=True)

    assert "That session had already ended." in answer.content.decode()
    assert hers.get(PAGE).status_code == 200


def test_sessions_that_are_over_are_not_listed(ana):
    here, there = browser(FIREFOX), browser(CHROME)
    Session.objects.filter(session_key=there.session.session_key).update(expire_date=timezone.now())

    assert len(here.get(PAGE).context["sessions"]) == 1


def test_use_is_noted_now_and_then(ana, django_assert_num_queries):
    here = browser(FIREFOX)
    row = UserSession.objects.get()
    here.get(PAGE)
    row.refresh_from_db()
    before = row.last_seen_at
    session = here.session
    session[LastSeenMiddleware.MARK] = int(time.time()) - 700
    session.save()
    here.get(PAGE, REMOTE_ADDR="192.0.2.99")
    row.refresh_from_db()

    assert row.last_seen_at > before
    assert row.ip == "192.0.2.99"


def test_who_comes_by_a_socket_of_this_machine_can_log_in(ana):
    assert browser(FIREFOX, "").get(PAGE).context["sessions"][0].row.ip == "127.0.0.1"


def test_a_session_ends_when_it_is_not_used(ana, settings):
    here = browser(FIREFOX)

    assert here.session.get_expiry_age() == settings.SESSION_COOKIE_AGE == 12 * 60 * 60
    cookie = here.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_session_ends_some_time_after_the_login_however_much_it_is_used(ana, settings):
    here = browser(FIREFOX)
    session = here.session
    began = session[LastSeenMiddleware.BEGAN] = int(time.time()) - settings.SESSION_LONGEST_AGE + 700
    session[LastSeenMiddleware.MARK] = int(time.time()) - 700
    session.save()

    assert here.get(PAGE).status_code == 200
    assert here.session[LastSeenMiddleware.BEGAN] == began  # being seen does not put it off
    settings.SESSION_LONGEST_AGE -= 700
    answer = here.get(PAGE)
    assert (answer.status_code, answer.url) == (302, f"/login/?next={PAGE}")
    assert "_auth_user_id" not in here.session
    assert log_in(here, "ana").status_code == 302
    assert here.get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        (CHROME + " Edg/150.0", "Edge, Windows"),
        (PHONE, "Safari, iOS"),
        ("curl/8.5", "curl/8.5"),
        ("", "unknown browser"),
    ],
)
def test_browsers_are_told_in_words(user_agent, words):
    assert in_words(user_agent) == words
