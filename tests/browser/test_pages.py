"""Pages of the admin in a browser at what people do on them: open to those who see or move differently."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import models
from django.urls import reverse
from playwright.sync_api import Page

from actors.models import Group
from tests.factories import make_group, make_involvement, make_presence


def address(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


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
