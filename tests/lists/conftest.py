"""Who looks at a list."""

import pytest

from tests.people import make_reader


@pytest.fixture
def researcher(client):
    """A client that may see drafts of all kinds."""
    user = make_reader(username="head", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


@pytest.fixture
def reader(client):
    client.force_login(make_reader())
    return client
