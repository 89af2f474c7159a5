"""English and Spanish: which of the two a visitor gets, and that only what people read changes with it."""

import csv
import io
import json

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from django.views.csrf import csrf_failure
from django.views.defaults import server_error

from tests.factories import make_group, make_indicator, make_presence, make_region_estimate
from tests.kinds import publish

SPANISH = {"accept-language": "es-PE,es;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("preferred", "language"),
    [("es-PE,es;q=0.9,en;q=0.5", "es"), ("en-GB,en;q=0.9,es;q=0.5", "en"), ("fr", "en"), ("qu,es-419;q=0.8", "es")],
)
def test_a_visitor_gets_the_language_that_the_browser_prefers(client, db, preferred, language):
    page = client.get("/login/", headers={"accept-language": preferred})

    assert f'<html lang="{language}">' in page.content.decode()


def test_the_choice_of_a_visitor_goes_before_that_of_the_browser_and_lasts(client, db):
    answer = client.post("/i18n/setlang/", {"language": "es", "next": "/login/?next=/groups/"})

    assert answer.headers["location"] == "/login/?next=/groups/"
    assert answer.cookies["django_language"]["max-age"] >= 300 * 24 * 60 * 60
    assert "Iniciar sesión" in client.get("/login/", headers={"accept-language": "en"}).content.decode()


def test_the_switch_leads_back_to_no_other_site(client, db):
    answer = client.post("/i18n/setlang/", {"language": "es", "next": "https://elsewhere.example/"})

    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("address", ["/", "/login/", "/groups/", "/nowhere/", "/admin/", "/admin/login/"])
@pytest.mark.parametrize("is_staff", [True, False])
def test_every_page_has_the_switch(client, db, settings, address, is_staff):
    settings.SITE_IS_PUBLIC = True
    if is_staff:
        client.force_login(User.objects.create_superuser("ana"))
    page = client.get(address, follow=True).content.decode()

    assert 'action="/i18n/setlang/"' in page
    assert 'name="language" value="es"' in page


def test_pages_of_errors_speak_the_language_of_the_visitor(client, db, settings):
    settings.SITE_IS_PUBLIC = True
    client.raise_request_exception = False

    assert "No hay nada en esta dirección" in client.get("/nowhere/", headers=SPANISH).content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert "El formulario fue rechazado" in strict.post("/login/", headers=SPANISH).content.decode()


def test_the_page_of_a_failure_speaks_the_language_that_is_active(db):
    request = RequestFactory().get("/")
    with translation.override("es"):
        assert "Algo salió mal" in server_error(request).content.decode()
        assert "El formulario fue rechazado" in csrf_failure(request).content.decode()


def test_records_keep_their_own_language(client, db, settings):
    settings.SITE_IS_PUBLIC = True
    group = make_group(name="Shining Path", summary="An insurgent group.")
    publish(group)
    page = client.get(group.get_absolute_url(), headers=SPANISH).content.decode()

    assert "Shining Path" in page
    assert "An insurgent group." in page
    assert "Fuentes" in page


@pytest.fixture
def estimates(client, db, settings):
    """The address of a list with a figure of 40,441.18 hectares."""
    settings.SITE_IS_PUBLIC = True
    estimate = make_region_estimate(best="40441.18", when="2016-12", indicator=make_indicator())
    publish(estimate.region, estimate.indicator, estimate.source)
    return reverse("explorer:estimate_list")


def test_numbers_are_written_as_the_language_has_them(client, estimates):
    assert "40,441.18" in client.get(estimates).content.decode()
    assert "40\xa0441,18" in client.get(estimates, headers=SPANISH).content.decode()


def test_files_have_plain_numbers_and_dates_in_any_language(client, estimates):
    def rows(language: str) -> list[list[str]]:
        address = f"{estimates}?format=csv&columns=uid,best,when,created_at"
        answer = client.get(address, headers={"accept-language": language})
        return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    (_, english), (_, spanish) = rows("en")[:2], rows("es")[:2]
    assert english == spanish
    assert english[1:3] == ["40441.18", "2016-12"]
    (record, *_) = json.loads(
        b"".join(client.get(f"{estimates}?format=json&columns=best", headers=SPANISH).streaming_content)
    )
    assert list(record.values()) == [40441.18]


def test_words_in_addresses_are_the_same_in_any_language(client, db, settings):
    settings.SITE_IS_PUBLIC = True
    presence = make_presence()
    publish(presence.group, presence.region)
    page = client.get("/groups/", headers=SPANISH).content.decode()

    assert 'name="region"' in page
    assert "sort=-name" in page or "sort=name" in page
    assert "format=csv" in page
