"""Every page of the site in a browser, by day and by night, on a desk and on a phone.

Nothing may be refused by the page's own security policy, nothing may be written to the browser's console, axe-core may
find nothing serious, nothing may stick out of a phone's screen, and the keyboard must reach everything visibly.
"""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.contrib import admin
from django.core.management import call_command
from django.db import models
from django.db.models import Count
from django.urls import reverse
from playwright.sync_api import Page

from actors.models import Group
from crimewatch.records.models import Status
from crimewatch.records.querysets import claim_relations
from tests.kinds import CLAIMS, RECORDS
from tests.pages import model_of, pages

pytestmark = pytest.mark.usefixtures("transactional_db")

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 800}

#: Tells the console of everything that the security policy refuses, also of what the browser itself is silent about.
LISTEN_FOR_REFUSALS = """
document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`refused by ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""

#: Pages of the admin look alike for many kinds of rows. All of them are opened, and looked at closely are all those of
#: these kinds, the forms of every kind of record, and whatever is not about a kind of row.
TYPICAL = {"group", "presence", "regionestimate"}

#: Parts of pages, which have addresses of their own.
FRAGMENTS = {"explorer:small_map"}

#: The elements that the keyboard reaches whose look does not change when it does.
WITHOUT_FOCUS = """
() => {
    const look = (element) => {
        const style = getComputedStyle(element);
        return [style.outlineStyle + style.outlineWidth, style.boxShadow, style.borderColor, style.backgroundColor,
                style.textDecorationLine].join();
    };
    const seen = (element) => element.checkVisibility({visibilityProperty: true}) && element.getClientRects().length;
    const reached = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const found = [...document.querySelectorAll(reached)]
        .filter((element) => seen(element) && !element.disabled && !element.closest("[inert]"));
    const missing = [];
    for (const element of found.slice(0, 60)) {
        if (document.activeElement) document.activeElement.blur();
        const before = look(element) + look(element.parentElement);
        element.focus({preventScroll: true});
        if (document.activeElement === element && look(element) + look(element.parentElement) === before)
            missing.push(element.outerHTML.slice(0, 120));
    }
    if (document.activeElement) document.activeElement.blur();
    return missing;
}
"""

#: Lets what changes by and by be as it is in the end.
END_OF_CHANGES = """
async () => {
    await new Promise(requestAnimationFrame);
    document.getAnimations().forEach((change) => change.finish());
}
"""

#: Parts of what Django brings along, which are not ours to mend: the search icons of its pairs of lists, and the
#: records that are chosen in a select.
NOT_OURS = [[".search-label-icon"], [".select2-selection__rendered"]]

#: Whether the first thing that the keyboard reaches is a link to the content, seen when it is reached.
SKIP_LINK = """
() => {
    const first = document.querySelector("a[href], button, input:not([type=hidden]), select, textarea, summary");
    if (!first || !first.matches("a[href^='#']")) return `first is ${first && first.outerHTML.slice(0, 120)}`;
    if (!document.querySelector(first.getAttribute("href"))) return "it leads nowhere";
    first.focus();
    const box = first.getBoundingClientRect();
    const isSeen = box.width > 20 && box.height > 10 && box.top >= 0 && box.left >= 0;
    first.blur();
    return isSeen ? "" : "it is not seen when it has the focus";
}
"""


class Walk:
    """A walk through pages that notes what is wrong with each, so that one run tells of everything."""

    def __init__(self, page: Page, complaints: list[str]) -> None:
        self.page = page
        self.complaints = complaints
        self.found: list[str] = []
        page.set_default_timeout(20_000)
        page.add_init_script(LISTEN_FOR_REFUSALS)
        page.emulate_media(reduced_motion="reduce")  # colours change at once

    def visit(self, name: str, address: str, *, closely: bool = True, status: int = 200) -> None:
        """Open a page on a desk by day and on a phone by night; closely means with axe-core and the keyboard."""
        if not self.open(name, address, status, DESK, "light"):
            return
        if closely:
            self.note(name, "by day", accessibility(self.page))
            self.note(name, "has no visible focus", self.page.evaluate(WITHOUT_FOCUS))
            self.note(name, "has no link to its content", filter(None, [self.page.evaluate(SKIP_LINK)]))
            self.page.emulate_media(color_scheme="dark")
            self.page.evaluate(END_OF_CHANGES)  # links of Django's admin change their colour by and by
            self.note(name, "by night", accessibility(self.page, "color-contrast"))
        self.open(name, address, status, PHONE, "dark")
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            self.found.append(f"{name}: is {width} wide on a phone")
        if closely:
            self.note(name, "on a phone by night", accessibility(self.page))

    def open(self, name: str, address: str, status: int, size: Any, scheme: Any) -> bool:
        self.page.set_viewport_size(size)
        self.page.emulate_media(color_scheme=scheme)
        response = self.page.goto(address)
        assert response is not None
        if not response.headers.get("content-type", "").startswith("text/html"):
            return False  # data for a script, not a page
        if response.status != status:
            self.found.append(f"{name}: answers {response.status}")
        policy = response.headers.get("content-security-policy", "")
        if "default-src 'self'" not in policy or "unsafe" in policy:
            self.found.append(f"{name}: has the policy {policy!r}")
        self.page.wait_for_load_state("load")
        said = [words for words in self.complaints if status == 200 or f"status of {status}" not in words]
        self.note(name, "made the browser complain", said)
        self.complaints.clear()
        return True

    def note(self, name: str, what: str, details: Any) -> None:
        """Keep what is wrong with a page; of the same thing in many places only a few."""
        self.found += [f"{name}: {what}: {detail}" for detail in list(dict.fromkeys(details))[:4]]


def accessibility(page: Page, *rules: str) -> list[str]:
    """What axe-core holds against the page that is serious or critical."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = list(rules)
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in Axe().run(page, context={"exclude": NOT_OURS}, options=options).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.fixture
def peru(transactional_db: None) -> dict[type[models.Model], Any]:
    """The Peru data; of each kind of record the one of which most is said, of each kind of claim the first."""
    for package in ("vocabularies", "peru-2017"):
        call_command("import_dataset", django_settings.BASE_DIR / "fixtures" / package, verbosity=0)
    rows: dict[type[models.Model], Any] = {model: most_spoken_of(model) for model in RECORDS}
    return rows | {model: model.objects.first() for model in CLAIMS}


def most_spoken_of(model: Any) -> Any:
    relation = claim_relations(model)[0]
    published = model.objects.filter(status=Status.PUBLISHED)
    return published.annotate(number=Count(relation.name)).order_by("-number", "pk").first()


def test_the_pages_of_the_site(peru, desk, complaints):
    walk = Walk(desk, complaints)
    for name, address in pages(peru).items():
        if not name.startswith("admin:") and name not in FRAGMENTS:
            walk.visit(name, address)
    walk.visit("a filtered list", "/groups/?region=vraem&during=2016/2017&sort=-name")
    walk.visit("a list asked for nonsense", "/claims/?region=nowhere&during=soon&page=none&zz=1")
    walk.visit("a search that finds", "/search/?q=vraem")
    walk.visit("a search that finds nothing", "/search/?q=qqqqzzzz")
    one, other = Group.objects.order_by("pk")[:2]
    walk.visit("the other record of a merge", f"/merge/?stays=group/{one.slug}&q=a")
    walk.visit("two records of a merge", f"/merge/?stays=group/{one.slug}&goes=group/{other.slug}")
    walk.visit("an unknown address", "/nowhere/", status=404)
    walk.visit("an unknown record", "/groups/sendero/", status=404)

    assert not walk.found, "\n".join(walk.found)


def test_the_pages_of_the_admin(peru, desk, complaints):
    walk = Walk(desk, complaints)
    for name, address in pages(peru).items():
        if name.startswith("admin:"):
            model = model_of(name)
            typical = model is None or model._meta.model_name in TYPICAL
            walk.visit(name, address, closely=typical or (model in RECORDS and name.endswith("_change")))
    for app in sorted({model._meta.app_label for model in admin.site._registry}):
        walk.visit(f"the tables of {app}", reverse("admin:app_list", args=[app]), closely=False)
    for model, row in peru.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_history"
        walk.visit(name, reverse(name, args=[row.pk]), closely=False)

    assert not walk.found, "\n".join(walk.found)
