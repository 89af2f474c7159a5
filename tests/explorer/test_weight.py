"""What a page weighs when it is first opened: HTML, styles and scripts, without the charts."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from regions.models import Region
from tests.explorer.test_pages import as_, body, published
from tests.people import make_reader

pytestmark = pytest.mark.django_db

MOST_BYTES = 300_000


def weight(page: str) -> int:
    """Bytes of a page and of each style and script of the site that it names, uncompressed."""
    named = set(re.findall(r'<(?:link|script)[^>]+(?:href|src)="(/static/[^"]+\.(?:css|js))"', page))
    assert named
    files = [finders.find(address.removeprefix("/static/")) for address in named]
    assert all(files), named
    return len(page.encode()) + sum(Path(file).stat().st_size for file in files)


@pytest.mark.parametrize("name", ["explorer:home", "explorer:search", "regions:region_list", "explorer:claim_list"])
def test_the_first_page_weighs_little(client, name):
    for number in range(60):
        published(Region, name=f"Region {number:02}")

    assert weight(body(as_(client, make_reader()), reverse(name))) < MOST_BYTES
