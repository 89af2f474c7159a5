"""Which sources are independent: the same for a page and for a list."""

import pytest

from crimewatch.citations.independence import Origin, number_of_independent
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
