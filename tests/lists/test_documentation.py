"""Every filter and column is documented."""

import pytest
from django.urls import reverse

from tests.listing import ADDRESSES, columns_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_filter_and_column_is_documented(researcher, address, settings):
    text = (settings.BASE_DIR / "docs" / "lists.md").read_text()
    filters = researcher.get(reverse(address)).context["filterset"].filters
    for name in [*filters, *columns_of(researcher, address)]:
        assert f"`{name}`" in text, name
