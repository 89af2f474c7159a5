"""Two people at two browsers who change one record: the second is shown what the first has saved."""

from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from actors.models import Group
from tests.admin.test_meanwhile import change_page
from tests.browser.conftest import log_in
from tests.factories import make_group, make_presence


def test_two_people_change_one_record(desk: Page, browser: Browser, base_url: str) -> None:
    group = make_group(name="Clan", summary="A clan.")
    make_presence(group=group)
    luz = User.objects.create_superuser("luz", first_name="Luz", last_name="Quispe")
    context = browser.new_context(base_url=base_url)
    log_in(context, luz, base_url)
    other = context.new_page()
    for page in (desk, other):
        page.goto(change_page(group))

    other.get_by_label("Name", exact=False).first.fill("Clan of theirs")
    other.get_by_role("button", name="Save and stay").click()
    expect(other.locator(".messagelist .success")).to_be_visible()

    desk.get_by_label("Name", exact=False).first.fill("Clan of mine")
    desk.get_by_label("Summary").fill("Three hours of work.")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_role("heading", name="Saved by somebody else")).to_be_visible()
    expect(desk.locator(".meanwhile")).to_contain_text("Luz Quispe")
    desk.get_by_role("radio", name="Theirs: Clan of theirs").focus()
    desk.keyboard.press("Space")
    desk.get_by_role("button", name="Save and stay").click()
    expect(desk.locator(".messagelist .success")).to_be_visible()
    found = Group.objects.get()
    assert (found.name, found.summary) == ("Clan of theirs", "Three hours of work.")
    context.close()
