"""The quality desk: each check finds what it is for and leaves alone what merely looks like it."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import models
from django.utils import timezone

from actors.models import Group
from crimewatch.citations.models import Source
from crimewatch.curation.models import LinkCheck
from crimewatch.curation.quality.checks import CHECKS
from crimewatch.curation.quality.desk import Desk, everyone
from crimewatch.records.models import Status
from tests.factories import (
    make_appointment,
    make_group,
    make_group_citation,
    make_indicator,
    make_membership,
    make_person,
    make_presence,
    make_region,
    make_region_estimate,
    make_source,
)

pytestmark = pytest.mark.django_db

PAGE = Path(settings.BASE_DIR) / "docs" / "quality.md"

SQUARE = {"type": "Polygon", "coordinates": [[[-70, -10], [-69, -10], [-69, -9], [-70, -9], [-70, -10]]]}

#: For each check what it finds, and what comes close to that and is in order: functions that make such rows.
Cases = dict[str, list[tuple[Callable[[], models.Model], Callable[[], models.Model]]]]


def group_cited_by(*sources: dict[str, Any], **overrides: Any) -> Group:
    """A published group with a statement from each of some sources."""
    group = make_group(**overrides)
    for source in sources:
        make_group_citation(record=group, source=make_source(**source))
    Group.objects.filter(pk=group.pk).update(status=Status.PUBLISHED)
    return group


def rival(second: dict[str, Any], **first: Any) -> models.Model:
    """A figure of 100 to 120 in 2017, and a second one for the same from another source."""
    figure = {"low": 100, "high": 120, "best": None, "when": "2017", **first}
    row = make_region_estimate(**figure)
    make_region_estimate(**{"region": row.region, "indicator": row.indicator, "when": "2017", **second})
    return row


def taken(**later: Any) -> models.Model:
    """Somebody captured in February 2012 according to one claim, and another claim of a membership."""
    first = make_membership(when="2001/2012", ended="captured", ended_on="2012-02-12")
    return make_membership(person=first.person, **later)


def begun_anew(when: str) -> models.Model:
    """A post that ended in 2010 according to one claim, and another claim of the same post."""
    first = make_appointment(when="2008/2010", ended="dismissed", ended_on="2010-05")
    return make_appointment(agency=first.agency, person=first.person, post=first.post, when=when)


def in_square(latitude: str) -> models.Model:
    return make_region(parent=make_region(outline=SQUARE), latitude=latitude, longitude="-69.5")


def checked(outcome: str, *, moved: bool = False) -> Source:
    """A source that answered before and whose address was asked for again."""
    source = make_source(url="https://example.org/a")
    LinkCheck.objects.create(source=source, url=source.url, outcome="answers", checked_at=months_ago(2))
    LinkCheck.objects.create(source=source, url="https://example.org/old" if moved else source.url, outcome=outcome)
    return source


def months_ago(months: int) -> Any:
    return timezone.now() - timedelta(days=31 * months)


def aged(row: Any, months: int) -> Any:
    type(row).objects.filter(pk=row.pk).update(updated_at=months_ago(months))
    return row


def old_group(*, months: int, claim: int) -> Group:
    """A published group that was changed so many months ago, with a claim that was changed so many months ago."""
    group = group_cited_by({})
    aged(group.citations.get(), claim)
    return aged(group, months)


def same_name(*names: str, **both: Any) -> models.Model:
    """Regions with these names; the last one of them."""
    return [make_region(name=name, **both) for name in names][-1]


def named_in_two_kinds() -> models.Model:
    return [make_region(name="Lima", kind=kind) for kind in ("province", "department")][-1]


def publishers(*spellings: str) -> Source:
    """Sources with these publishers; the last one of them."""
    return [make_source(publisher=spelling) for spelling in spellings][-1]


CASES: Cases = {
    "uncited": [
        (make_group, lambda: make_group_citation().record),
        (make_source, lambda: make_presence().source),
        (make_region, lambda: make_region(status=Status.WITHDRAWN)),
    ],
    "one-source": [
        (lambda: group_cited_by({}), lambda: group_cited_by({}, {})),
        (lambda: group_cited_by({}), lambda: make_group_citation().record),  # a draft
    ],
    "dependent-sources": [
        (
            lambda: group_cited_by({"publisher": "El País"}, {"publisher": "EL PAIS"}),
            lambda: group_cited_by({"publisher": "El País"}, {"publisher": "La República"}),
        ),
        (
            lambda: group_cited_by({"authors": ["Ellis"], "publisher": "A"}, {"authors": ["Ellis"], "publisher": "B"}),
            lambda: group_cited_by({"publisher": "A"}),  # for another check
        ),
    ],
    "rivals": [
        (lambda: rival({"best": 200}), lambda: rival({"best": 110})),
        (lambda: rival({"low": 121, "best": None}), lambda: rival({"low": 110, "best": None})),
        (lambda: rival({"best": 200}), lambda: rival({"best": 200, "when": "2018"})),
        (lambda: rival({"best": 200}), lambda: rival({"best": 200, "unit": "acre"})),
        (lambda: rival({"best": 200}), lambda: rival({"best": 200}, status="conflict", note="They count anew.")),
        (lambda: rival({"best": 200}), lambda: rival({"best": 200, "indicator": make_indicator()})),
    ],
    "open-claims": [
        (lambda: make_presence(status="work-needed"), make_presence),
        (lambda: make_presence(status="issue"), lambda: make_presence(status="conflict", note="Both stand.")),
    ],
    "outside-life": [
        (
            lambda: make_presence(group=make_group(dissolved="1999"), when="2001"),
            lambda: make_presence(group=make_group(dissolved="1999"), when="1999-12"),
        ),
        (
            lambda: make_presence(group=make_group(founded="1999"), when="1998"),
            lambda: make_presence(group=make_group(dissolved="1999"), when="2001", stance="disputes"),
        ),
        (
            lambda: make_membership(person=make_person(died="2005-03"), when="2006"),
            lambda: make_membership(person=make_person(died="2005-03"), when="2005"),
        ),
        (lambda: make_appointment(person=make_person(born="1961"), when="1950"), make_appointment),
    ],
    "end-before-start": [
        (lambda: begun_anew("2015"), lambda: begun_anew("2010")),
    ],
    "taken-and-active": [
        (lambda: taken(when="2015"), lambda: taken(when="2012")),
        (lambda: taken(when="2001/.."), lambda: taken(when="2001/..", ended="left")),
    ],
    "outside-parent": [
        (lambda: in_square("-8.5"), lambda: in_square("-9.5")),
        (lambda: in_square("-8.5"), lambda: in_square("-8.95")),  # within the tolerance
    ],
    "wide-dates": [
        (lambda: make_presence(when="19XX"), lambda: make_presence(when="199X")),
        (lambda: make_presence(when="1990/2005"), lambda: make_presence(when="1990/..")),
        (lambda: make_group(founded="19XX"), lambda: make_group(founded="198X")),
    ],
    "no-point": [(make_region, lambda: make_region(latitude="-9.5", longitude="-69.5"))],
    "no-copy": [
        (
            lambda: make_source(url="https://example.org/a"),
            lambda: make_source(url="https://example.org/a", archive_url="https://archive.org/a"),
        ),
        (
            lambda: make_source(url="https://example.org/a"),
            lambda: make_source(full_text="All of it.", url="https://b.org"),
        ),
        (lambda: make_source(url="https://example.org/a"), make_source),
    ],
    "dead-links": [
        (lambda: checked("gone"), lambda: checked("refused")),
        (lambda: checked("unreachable"), lambda: checked("gone", moved=True)),
    ],
    "variants": [
        (lambda: same_name("San José", "SAN JOSE."), lambda: same_name("Santa Rosa", "Santa Rosa del Monte")),
        (
            lambda: same_name("San José", "San Jose", parent=make_region()),
            named_in_two_kinds,
        ),
        (lambda: publishers("El País", "El País", "EL PAIS"), lambda: publishers("El País", "EL PAÍS", "El País")),
    ],
    "not-looked-at": [
        (lambda: old_group(months=30, claim=30), lambda: old_group(months=30, claim=3)),
        (lambda: old_group(months=30, claim=30), lambda: old_group(months=3, claim=30)),
    ],
}

PAIRS = [
    pytest.param(name, number, id=f"{name}-{number}") for name, cases in CASES.items() for number in range(len(cases))
]


def found(name: str, row: models.Model, user: Any = None) -> bool:
    """Whether a check finds ``row``, on the list and in its number alike."""
    desk = Desk(user or everyone())
    check = desk.check(name)
    assert check
    rows = [finding.row for finding in desk.page(check, desk.models(check), 0, 1000)]
    assert len(rows) == sum(desk.numbers(check).values()) == len(list(desk.all(check, desk.models(check))))
    return row in rows


def test_every_check_is_tried_and_documented() -> None:
    names = [check.name for check in CHECKS]

    assert set(CASES) == set(names)
    assert re.findall(r"^\| `([a-z][a-z-]*)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE) == names


def test_an_outline_that_is_none_is_passed_over() -> None:
    """What came by SQL may hold anything."""
    for outline in (
        {"type": "Polygon", "coordinates": "here"},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [["x", 1], [None]]},
        {"type": "MultiPolygon", "coordinates": [[], {}, [[["1", "2"]]]]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
    ):
        assert not found("outside-parent", make_region(parent=make_region(outline=outline), latitude=1, longitude=1))


@pytest.mark.parametrize(("name", "number"), PAIRS)
def test_a_check_finds_what_it_is_for_and_not_what_comes_close(name: str, number: int) -> None:
    wrong, right = (make() for make in CASES[name][number])

    assert found(name, wrong)
    assert not found(name, right)
