"""The second factor: where it is required nobody who may edit gets past it, by any door."""

import re
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from tests.accounts.codes import PASSWORD, code_of, give_app, log_in, wrong_code
from tests.environments import manage
from tests.people import make_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", "ana@example.org", PASSWORD, is_staff=True)


@pytest.fixture
def required(settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def give(client, code):
    return client.post("/login/code/", {"code": code})


@pytest.mark.parametrize(
    ("variables", "is_required"),
    [({}, True), ({"DEBUG": "true"}, False), ({"SECOND_FACTOR_REQUIRED": "false"}, False)],
)
def test_it_is_required_in_production_unless_a_setting_says_otherwise(tmp_path, variables, is_required):
    code = "from django.conf import settings; print(settings.SECOND_FACTOR_REQUIRED)"
    run = manage("shell", "--no-imports", "-v0", "-c", code, VAR_DIR=tmp_path, **variables)

    assert run.stdout.strip() == str(is_required), run.stderr


def test_a_password_alone_lets_nobody_in_who_has_a_second_factor(client, ana):
    give_app(ana)

    assert log_in(client, "ana", next="/admin/")["Location"] == "/login/code/"
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_the_code_that_the_app_shows_lets_in_and_leads_on(client, ana, required):
    secret, _codes = give_app(ana)
    log_in(client, "ana", next="/admin/")
    shown = code_of(secret)

    assert give(client, f"{shown[:3]} {shown[3:]}")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_code_lets_in_once(ana):
    secret, _codes = give_app(ana)
    code = code_of(secret)
    for number, client in enumerate((Client(), Client())):
        log_in(client, "ana")
        assert give(client, code).status_code == (302, 200)[number]


def test_a_recovery_code_lets_in_once(ana):
    _secret, (code, *_others) = give_app(ana)
    first, second = Client(), Client()
    log_in(first, "ana")
    log_in(second, "ana")

    assert give(first, code).status_code == 302
    assert "This code is not right, or it was used before." in give(second, code).content.decode()
    assert "_auth_user_id" not in second.session
    assert "You have 9 recovery codes left." in first.get("/account/").content.decode()


def test_after_five_wrong_codes_not_even_the_right_one_is_looked_at(client, ana):
    secret, _codes = give_app(ana)
    log_in(client, "ana")
    for _ in range(5):
        assert "This code is not right" in give(client, wrong_code(secret)).content.decode()

    assert "That was wrong too often. Try again in 15 minutes." in give(client, code_of(secret)).content.decode()
    assert "_auth_user_id" not in client.session


def test_a_code_without_a_password_before_it_leads_to_the_beginning(client, ana):
    secret, _codes = give_app(ana)

    assert give(client, code_of(secret))["Location"] == "/login/"
    assert client.get("/login/code/")["Location"] == "/login/"


def test_half_a_login_can_be_given_up(client, ana):
    give_app(ana)
    log_in(client, "ana")
    client.post("/logout/", {"next": "/login/"})

    assert client.get("/login/").status_code == 200


@pytest.mark.parametrize(
    "address", ["/", "/admin/", "/admin/actors/group/", "/groups/", "/account/sessions/", "/history/"]
)
def test_staff_without_one_get_no_further_than_to_set_it_up(client, ana, required, address):
    client.force_login(ana)

    assert client.get(address)["Location"] == f"/account/app/?next={address}"
    assert client.post("/admin/actors/group/add/", {"name": "x"}).status_code == 302


@pytest.mark.parametrize("address", ["/", "/admin/", "/exchange/"])
def test_a_session_that_began_without_a_code_has_to_show_one(client, ana, required, address):
    secret, _codes = give_app(ana)
    client.force_login(ana)

    assert client.get(address)["Location"] == f"/account/code/?next={address}"
    answer = client.post("/account/code/", {"code": code_of(secret), "next": address})
    assert answer["Location"] == address
    assert client.get(address).status_code == 200


def test_readers_need_none(client, required):
    client.force_login(make_reader())

    assert client.get("/groups/").status_code == 200


def test_a_superuser_who_is_not_staff_needs_one_too(client, required):
    client.force_login(make_reader(is_superuser=True))

    assert client.get("/groups/").status_code == 302


def test_it_is_set_up_right_after_the_first_login(client, ana, required):
    assert log_in(client, "ana", next="/admin/")["Location"] == "/admin/"
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain == [("/account/app/?next=/admin/", 302)]
    secret = re.search(r'class="key">([A-Z2-7]+)<', page.content.decode())[1]
    assert "data:image/svg+xml;base64," in page.content.decode()
    assert "This code is not right" in client.post("/account/app/", {"code": wrong_code(secret)}).content.decode()
    answer = client.post("/account/app/", {"code": code_of(secret)}, follow=True)

    codes = re.findall(r"<code>(\d+)</code>", answer.content.decode())
    assert len(codes) == 10
    assert client.get("/admin/").status_code == 200
    again = client.get("/account/recovery-codes/").content.decode()
    assert not any(code in again for code in codes)


def test_a_page_of_setting_up_that_another_has_overtaken_is_refused(client, ana):
    log_in(client, "ana")
    page = client.get("/account/app/").content.decode()
    secret = re.search(r'class="key">([A-Z2-7]+)<', page)[1]
    client.get("/account/app/")

    assert "This code is not right" in client.post("/account/app/", {"code": code_of(secret)}).content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("address", ["/account/app/", "/account/app/remove/", "/account/recovery-codes/new/"])
def test_whoever_finds_an_open_session_changes_nothing_without_the_password(client, ana, address):
    if address != "/account/app/":
        give_app(ana)
    client.force_login(ana)
    other = Client()
    other.force_login(ana)

    for answer in (client.get(address), other.post(address)):
        assert answer["Location"] == f"/account/password/?{urlencode({'next': address})}"
    assert "This is not the password" in client.post("/account/password/", {"password": "wrong"}).content.decode()
    assert client.post("/account/password/", {"password": PASSWORD, "next": address})["Location"] == address
    assert client.get(address).status_code == 200


def test_removing_it_is_told_by_mail_and_leads_to_setting_up_another(client, ana, required, mailoutbox):
    secret, _codes = give_app(ana)
    log_in(client, "ana")
    give(client, code_of(secret))
    client.post("/account/app/remove/")

    assert [message.subject for message in mailoutbox] == ["CrimeWatch: Your second factor was removed"]
    assert not Authenticator.objects.exists()
    assert client.get("/admin/")["Location"] == "/account/app/?next=/admin/"


def test_new_recovery_codes_take_the_place_of_the_old(client, ana):
    secret, old = give_app(ana)
    log_in(client, "ana")
    give(client, code_of(secret))
    page = client.post("/account/recovery-codes/new/", follow=True).content.decode()
    new = re.findall(r"<code>(\d+)</code>", page)

    assert len(new) == 10
    assert not set(old) & set(new)
    other = Client()
    log_in(other, "ana")
    assert give(other, old[1]).status_code == 200
    assert give(other, new[1]).status_code == 302


def test_keys_cannot_be_read_in_the_database(ana):
    secret, codes = give_app(ana)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_another_secret_key_makes_second_factors_useless_not_open(client, ana, settings, caplog):
    secret, (code, *_others) = give_app(ana)
    settings.SECRET_KEY = "x" * 50
    log_in(client, "ana")

    assert give(client, code_of(secret)).status_code == 200
    assert give(client, code).status_code == 200
    assert "another SECRET_KEY" in caplog.text


def test_an_operator_lets_somebody_back_in_who_has_lost_everything(ana, capsys):
    give_app(ana)
    call_command("forget_second_factor", "ana")

    assert capsys.readouterr().out == "The second factor of “ana” is gone.\n"
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="There is no login “nobody”"):
        call_command("forget_second_factor", "nobody")


def test_the_middleware_is_in_force():
    assert "crimewatch.accounts.middleware.SecondFactorMiddleware" in django_settings.MIDDLEWARE
