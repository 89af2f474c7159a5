"""Which sources are independent: the same for a page and for a list."""

from random import Random

import pytest

from crimewatch.citations.independence import Origin, number_of_circles, number_of_independent
from tests.factories import make_group, make_group_citation, make_source
from tests.people import make_reader


def origin(slug, publisher="", container="", *authors):
    return Origin(slug, publisher, container, list(authors))


@pytest.mark.parametrize(
    ("sources", "number"),
    [
        ([], 0),
        ([origin("a"), origin("b"), origin("c", "P")], 3),
        ([origin("a", "El Comercio"), origin("b", "  el  comercio ")], 1),
        ([origin("a", "", "El Comercio"), origin("b", "El Comercio")], 1),
        ([origin("a", "Grupo X", "El Comercio"), origin("b", "Grupo Y", "El Comercio")], 2),
        ([origin("a", "P", "", "Núñez, A."), origin("b", "Q", "", "Wu, B.", "nunez, a.")], 1),
        (
            [
                origin("a", "P", "", "Wu, B."),
                origin("b", "Q", "", "Wu, B.", "Ito, C."),
                origin("c", "R", "", "Ito, C."),
            ],
            1,
        ),
        ([origin("a", "", "", " "), origin("b", " ", "", "")], 2),
    ],
)
def test_sources_of_one_publisher_or_one_author_are_one(sources, number):
    assert number_of_independent(sources) == number
    assert number_of_independent(reversed(sources)) == number


def circles_by_joining_sets(origins):
    """The same found in the plainest way."""
    circles = []
    for names in origins:
        joined = set(names).union(*(circle for circle in circles if circle & set(names)))
        circles = [circle for circle in circles if not circle & joined] + [joined]
    return len(circles)


def test_circles_are_those_that_joining_sets_finds():
    chance = Random(1)  # noqa: S311 - nothing is secret here
    for _case in range(500):
        origins = [
            [chance.randrange(15) for _ in range(chance.randint(1, 4))] for _source in range(chance.randrange(15))
        ]
        assert number_of_circles(origins) == circles_by_joining_sets(origins), origins


@pytest.mark.django_db
def test_the_list_counts_independent_sources_as_the_page_does(client):
    client.force_login(make_reader(is_staff=True, is_superuser=True))
    cases = {
        "Chain": [("P", "", ["Wu, B."]), ("Q", "", ["Ito, C.", "Wu, B."]), ("R", "", ["Lee, D.", "Ito, C."])],
        "Paper": [("", "El Comercio", ["A"]), ("", "El Comercio", ["B"])],
        "Accents": [("Perú", "", ["A"]), ("PERU", "", ["B"])],
        "Two": [("P", "", ["A"]), ("Q", "", ["B"]), ("P", "", ["C"])],
        "Three": [("P", "", ["A"]), ("Q", "", ["B"]), ("", "", [])],
    }
    for name, sources in cases.items():
        group = make_group(name=name, slug=name.lower())
        for publisher, container, authors in sources:
            source = make_source(publisher=publisher, container_title=container, authors=authors)
            make_group_citation(record=group, source=source)
    found = {
        number: [
            name for name in cases if f'"/groups/{name.lower()}/"' in page_of(client, f"/groups/?independent={number}")
        ]
        for number in (1, 2, 3, 4)
    }
    assert found == {1: list(cases), 2: ["Two", "Three"], 3: ["Three"], 4: []}
    for name, number in (("Chain", 1), ("Paper", 1), ("Accents", 1), ("Two", 2), ("Three", 3)):
        assert f"<strong>{number}</strong> independent" in page_of(client, f"/groups/{name.lower()}/")


def page_of(client, address):
    return client.get(address).content.decode()
