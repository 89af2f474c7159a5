"""The lists of the reader's side: their addresses, and what a client gets there."""

import csv
import io
import re

from django.urls import NoReverseMatch, reverse

from tests.kinds import RECORDS


def has_page(address):
    try:
        return bool(reverse(address))
    except NoReverseMatch:
        return False


#: A kind of record that has just been added has no list yet.
NAMES = {model: f"{model._meta.app_label}:{model._meta.model_name}_list" for model in RECORDS}
LISTS = {model: address for model, address in NAMES.items() if has_page(address)}
ADDRESSES = [*LISTS.values(), "explorer:claim_list", "explorer:estimate_list"]


def rows(client, address, **query):
    """The rows that a list downloads, as dictionaries."""
    response = client.get(reverse(address), {**query, "format": "csv"})
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response).decode())))


def names(client, address, **query):
    return [row["name"] for row in rows(client, address, **query)]


def refused(client, address, **query):
    """The page that stands where a file was asked for by an address that makes no sense."""
    response = client.get(reverse(address), {"format": "csv", **query})
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")
    return response.content.decode()


def page(client, address, **query):
    """A list's page, without the token that differs each time."""
    response = client.get(reverse(address), query)
    assert response.status_code == 200
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def columns_of(client, address):
    """The names of all columns that a list offers."""
    return re.findall(r'name="columns" value="(\w+)"', page(client, address))
