"""Claims of every kind in one list, and figures side by side."""

import pytest
from django.urls import reverse

from programs.models import AgencyCitation
from tests.factories import (
    make_activity,
    make_agency,
    make_group,
    make_group_estimate,
    make_indicator,
    make_involvement,
    make_membership,
    make_person,
    make_presence,
    make_program,
    make_region,
    make_target,
)
from tests.kinds import CLAIMS, make
from tests.listing import columns_of, page, rows

pytestmark = pytest.mark.django_db


def test_claims_of_every_kind_are_in_one_list(researcher):

    for model in CLAIMS:
        make(model)
    shown = rows(researcher, "explorer:claim_list")
    assert len(shown) == len(CLAIMS) == len({row["kind"] for row in shown})
    assert all(row["says"] for row in shown)
    assert "Presence" in page(researcher, "explorer:claim_list")


def test_claims_are_found_by_kind_words_and_what_they_name(researcher):
    group, vraem = make_group(name="Clan", slug="clan"), make_region(slug="vraem", name="VRAEM")
    make_presence(group=group, region=vraem, uid="meant", quotation="dueños del río", status="work-needed")
    make_membership(group=make_group(), person=make_person(), uid="other")
    for query in (
        {"kind": "presence"},
        {"region": "vraem"},
        {"group": "clan"},
        {"q": "duenos del rio"},
        {"q": "meant"},
        {"status": "work-needed"},
    ):
        assert [row["uid"] for row in rows(researcher, "explorer:claim_list", columns="uid", **query)] == ["meant"], (
            query
        )


def test_claims_are_found_by_activity_person_agency_and_response(researcher):
    make_involvement(activity=make_activity(slug="gold"), uid="activity")
    make_membership(person=make_person(slug="ana"), uid="person")
    make(AgencyCitation, record=make_agency(slug="police"), uid="agency")
    make_target(program=make_program(slug="plan"), uid="program")
    for name, key in (("activity", "gold"), ("person", "ana"), ("agency", "police"), ("program", "plan")):
        found = rows(researcher, "explorer:claim_list", columns="uid", **{name: key})
        assert [row["uid"] for row in found] == [name]


def test_figures_stand_side_by_side_with_low_best_and_high(researcher):
    indicator = make_indicator(slug="coca", name="Coca", unit="hectare")
    make_group_estimate(indicator=indicator, low=100, best=150, high=200, group=make_group(name="Clan"))
    make_group_estimate(best=7)
    (row,) = rows(researcher, "explorer:estimate_list", indicator="coca")
    assert (row["subject"], row["low"], row["best"], row["high"], row["unit"]) == (
        "Clan",
        "100",
        "150",
        "200",
        "hectare",
    )


def test_claims_sort_by_every_column(researcher):
    make_presence(group=make_group(name="Ála"), when="2016")
    make_group_estimate(group=make_group(name="Zeta"), when="2017")
    for address in ("explorer:claim_list", "explorer:estimate_list"):
        view = reverse(address)
        for name in columns_of(researcher, address):
            assert "cannot be sorted" not in researcher.get(view, {"sort": f"-{name}"}).content.decode(), name
    assert [row["subject"] for row in rows(researcher, "explorer:claim_list", sort="subject")] == ["Ála", "Zeta"]
    assert [row["subject"] for row in rows(researcher, "explorer:claim_list", sort="-when")] == ["Zeta", "Ála"]
