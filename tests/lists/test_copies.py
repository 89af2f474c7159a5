"""Lists as CSV: what the database writes by itself is what the cells of the table give, byte by byte."""

import pytest
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import translation

from actors.models import Group
from crimewatch.records.downloads import csv_lines
from tests.factories import (
    make_agency,
    make_group,
    make_group_estimate,
    make_person,
    make_presence,
    make_program,
    make_region,
    make_region_estimate,
    make_source,
)
from tests.kinds import RECORDS, make, make_claim_about, publish
from tests.listing import ADDRESSES
from tests.people import make_reader

pytestmark = pytest.mark.django_db

AWKWARD = "=1+1, “x” \"y\"; 'z'\r\nsecond line, 100% | \\."


@pytest.fixture
def rows() -> None:
    """Rows of every kind, some with all that is awkward in a file, and drafts beside what is published."""
    for model in RECORDS:
        publish(make(model, name=f"Shown {model.__name__}", aliases=["-1", "a, b"], summary=AWKWARD))
        make_claim_about(make(model, name="-secret", slug="secret"))
    secret, shown = make_region(slug="secret-place", name="Secret place"), make_region(slug="lima", name="Lima, “x”")
    publish(shown, make_region(parent=secret, iso_3166="PE-LIM", latitude="-12.0500", longitude=-77))
    publish(make_person(nationality=make_region(slug="peru", kind="country", name="-Perú")))
    agencies = [make_agency(name=name) for name in ("Zeta", "álamo", "Secret agency")]
    publish(*agencies[:2], make_program(lead_agencies=agencies, partner_agencies=agencies[1:]))
    publish(make_source(authors=["Ellis, R. Evan", "=x"], issued="1990/1999", doi="10.1000/182", language="es"))
    source = make_source(name=AWKWARD)
    presence = make_presence(
        region=shown, note=AWKWARD, when="2016-10/..", locator_type="page", locator="-18", source=source
    )
    publish(presence.group, presence.source)
    for estimate in (
        make_region_estimate(region=shown, low="-0.5000", best="40441.1800", high="55000", is_derived=True, note=" "),
        make_group_estimate(best="0", locator_type="", locator=""),
    ):
        publish(getattr(estimate, estimate.subject), estimate.source, estimate.indicator)


def view_of(address, user, query):
    path = reverse(address)
    request = RequestFactory().get(path, query)
    request.user = user
    view = resolve(path).func.view_class()
    view.setup(request)
    return view


@pytest.mark.parametrize("who", ["reader", "head"])
@pytest.mark.parametrize("address", [*ADDRESSES, "explorer:timeline"])
def test_a_list_is_copied_byte_by_byte_as_its_table_gives_it(rows, address, who):
    user = make_reader(username=who, is_staff=who == "head", is_superuser=who == "head")
    # The days of the time line are worked out by Python.
    every = ",".join(name for name in view_of(address, user, {}).columns if name not in ("begins", "ends"))
    for query, language in (
        ({}, "en"),
        ({"columns": every}, "es"),
        ({"columns": every, "sort": view_of(address, user, {}).shown[-1]}, "en"),
        ({"columns": every, "q": "shown"}, "en"),
        ({"columns": every.split(",")[0], "q": "nothing is called this"}, "en"),
    ):
        with translation.override(language):
            view = view_of(address, user, query)
            assert view.makes_sense
            copied = b"".join(view.copy()).decode()
            assert copied == "".join(csv_lines(view.chosen_options.columns, view.cells()))
        assert "secret" not in copied.lower() or who == "head"
        assert copied.count("\n") > 1 or "q" in query


def test_a_column_that_only_python_knows_leaves_the_whole_file_to_it(rows):
    view = view_of("explorer:timeline", make_reader(), {"columns": "subject,begins"})
    assert view.copy() is None
    assert b"2016-10-01" in b"".join(view.file())


def test_a_download_is_copied_while_it_leaves(client, django_assert_num_queries):
    client.force_login(make_reader())
    publish(*(make_group(name=f"Group {number}") for number in range(3)))
    (response,) = [client.get(reverse("actors:group_list"), {"format": "csv", "columns": "name"})]
    with django_assert_num_queries(1) as asked:  # nothing of it was asked before
        content = b"".join(response)
    assert asked.captured_queries[0]["sql"].startswith("COPY (")
    assert content.decode().splitlines() == ["name", "Group 0", "Group 1", "Group 2"]
    assert Group.objects.count() == 3
