"""Every page of the admin in a browser: without a complaint of it, and open to those who see or move differently."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import RequestFactory
from django.urls import reverse
from playwright.sync_api import Page

from actors.models import Group
from crimewatch.citations.models import Claim
from crimewatch.records.models import Record
from tests.factories import make_group, make_involvement, make_presence
from tests.kinds import make


def address(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def pages_of(model: Any, user: User) -> list[str]:
    """The pages of a kind: list, empty form where rows are made in the admin, a row's form, history and deletion."""
    request = RequestFactory().get("/admin/")
    request.user = user
    rows = [make(model)] if issubclass(model, Record | Claim) else list(model.objects.all()[:1])
    pages = [address(model, "changelist")]
    if admin.site._registry[model].has_add_permission(request):
        pages.append(address(model, "add"))
    for row in rows:
        pages += [address(model, page, row.pk) for page in ("change", "history", "delete")]
    return pages


def test_the_first_page_and_the_password_page_break_no_rule_of_the_browser(desk: Page) -> None:
    for page in ("/admin/", "/admin/password_change/"):
        visit(desk, page)


@pytest.mark.parametrize("app", sorted({model._meta.app_label for model in admin.site._registry}))
def test_no_page_of_the_app_breaks_a_rule_of_the_browser(desk: Page, ana: User, app: str) -> None:
    visit(desk, f"/admin/{app}/")
    for model in admin.site._registry:
        if model._meta.app_label == app:
            for page in pages_of(model, ana):
                visit(desk, page)


def visit(desk: Page, page: str) -> None:
    """Open ``page``, which must forbid scripts and styles of other origins; `desk` hears what the browser says."""
    response = desk.goto(page)
    assert response is not None
    assert response.status == 200, page
    assert "default-src 'self'" in response.headers["content-security-policy"], page


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(desk: Page, scheme: str, width: int) -> None:
    group = make_group()
    presence = make_presence(group=group)
    make_involvement(group=group, stance="disputes", status="work-needed")
    desk.emulate_media(color_scheme=scheme)
    desk.set_viewport_size({"width": width, "height": 900})
    for page in (
        "/admin/",
        address(Group, "changelist"),
        address(Group, "change", group.pk),
        address(Group, "add"),
        address(Group, "delete", group.pk),
        address(type(presence), "changelist"),
        address(type(presence), "add"),
    ):
        desk.goto(page)
        assert_accessible(desk)
    desk.goto(address(Group, "add"))
    desk.get_by_role("button", name="Add another Presence").click()
    assert_accessible(desk)
    desk.keyboard.press("Control+s")
    desk.locator(".errornote").wait_for()
    assert_accessible(desk)
    desk.locator("#logout-form button").click()
    desk.goto("/admin/")
    assert_accessible(desk)


def assert_accessible(page: Page) -> None:
    # Without what axe would first load and put into the page, against the page's own security policy.
    results = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    violations = [
        f"{page.url}: {violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
    assert not violations, "\n".join(violations)
