"""Changing a password, and asking for a new one by mail."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.accounts.codes import PASSWORD, give_app, log_in

pytestmark = pytest.mark.django_db
NEW = "another long password"


@pytest.fixture(autouse=True)
def mail(settings):
    settings.SENDS_MAIL = True


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", "ana@example.org", PASSWORD)


def ask(client, address):
    return client.post("/password/new/", {"email": address}, follow=True)


def text_of(response) -> str:
    """The page without the token of its forms, which is another one each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def link_in(mailoutbox) -> str:
    return re.search(r"http://testserver(\S+)", mailoutbox[-1].body)[1]


def change(client, **changes):
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW} | changes
    return client.post("/password/", data, follow=True)


def test_the_password_is_changed_which_ends_other_sessions_and_is_told_by_mail(client, ana, mailoutbox):
    log_in(client, "ana")
    other = Client()
    log_in(other, "ana")
    key = client.session.session_key
    answer = change(client)

    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert "Your password has been changed" in answer.content.decode()
    assert client.session.session_key != key
    assert other.get("/account/")["Location"] == "/login/?next=/account/"
    assert [message.subject for message in mailoutbox] == ["CrimeWatch: Your password has been changed"]
    assert mailoutbox[0].to == ["ana@example.org"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"oldpassword": "wrong"}, "This is not your present password."),
        ({"password2": "something else"}, "You must type the same password each time."),
        ({"password1": "short", "password2": "short"}, "This password is too short."),
        ({"password1": "123456789012", "password2": "123456789012"}, "This password is entirely numeric."),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_a_sentence(client, ana, changes, sentence):
    client.force_login(ana)

    assert sentence in change(client, **changes).content.decode()
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_a_login_without_a_password_cannot_change_it(client):
    client.force_login(User.objects.create_user("machine"))

    assert client.get("/password/").status_code == 403
    assert "This login has no password." in client.get("/account/").content.decode()


@pytest.mark.parametrize("address", ["nobody@example.org", "closed@example.org", "none@example.org"])
def test_an_address_that_gets_no_link_is_answered_like_one_that_does(ana, mailoutbox, address):
    User.objects.create_user("closed", "closed@example.org", PASSWORD, is_active=False)
    User.objects.create_user("none", "none@example.org")
    known, unknown = ask(Client(), "ana@example.org"), ask(Client(), address)

    assert known.status_code == unknown.status_code == 200
    assert known.redirect_chain == unknown.redirect_chain
    assert text_of(known) == text_of(unknown)
    to_known, to_unknown = mailoutbox
    assert (to_known.to, to_unknown.to) == (["ana@example.org"], [address])
    assert "/password/new/" in to_known.body
    assert "/password/new/" not in to_unknown.body


def test_a_mail_server_that_is_down_does_not_tell_who_has_a_login(ana, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    pages = [text_of(ask(Client(), address)) for address in ("ana@example.org", "nobody@example.org")]

    assert pages[0] == pages[1]
    assert "could not be sent" in caplog.text


def test_a_link_sets_a_password_once_ends_the_lock_and_skips_no_second_factor(client, ana, mailoutbox):
    give_app(ana)
    for _ in range(6):
        log_in(client, "ana", "wrong")
    ask(client, "ana@example.org")
    link = link_in(mailoutbox)
    form = client.get(link, follow=True)
    action = form.request["PATH_INFO"]
    assert ana.email not in action
    assert "set-password" in action  # what is in the address could be passed on
    answer = client.post(action, {"password1": NEW, "password2": NEW}, follow=True)

    assert "You can log in with your new password now." in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert mailoutbox[-1].subject == "CrimeWatch: Your password has been changed"
    assert "used before" in Client().get(link, follow=True).content.decode()
    assert log_in(client, "ana", NEW)["Location"] == "/login/code/"


def test_a_link_goes_stale_with_the_address_it_was_sent_to(client, ana, mailoutbox):
    ask(client, "ana@example.org")
    User.objects.update(email="new@example.org")

    assert "This link does not work" in client.get(link_in(mailoutbox), follow=True).content.decode()


@pytest.mark.parametrize("address", ["ana@example.org", "nobody@example.org"])
def test_nobody_is_flooded_with_mails(client, ana, mailoutbox, address):
    statuses = [ask(client, address).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]
    assert len(mailoutbox) == 3


def test_a_site_without_mail_says_whom_to_ask(client, settings):
    settings.SENDS_MAIL = False

    assert "This site sends no mail." in client.get("/password/new/").content.decode()
    assert "/password/new/" not in client.get("/login/").content.decode()
