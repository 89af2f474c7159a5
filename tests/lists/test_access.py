"""No list shows, counts or hands out what its reader may not see."""

import pytest
from django.urls import reverse

from actors.models import Group
from tests.factories import (
    make_agency,
    make_group,
    make_group_estimate,
    make_indicator,
    make_presence,
    make_program,
    make_region,
    make_source,
)
from tests.kinds import RECORDS, make, publish
from tests.listing import ADDRESSES, LISTS, names, page, refused, rows
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ADDRESSES)
def test_strangers_are_sent_to_the_login(client, address):
    for query in ({}, {"format": "csv"}, {"q": "x"}):
        response = client.get(reverse(address), query)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/?next=")


@pytest.fixture(params=["reader", "visitor of a public site", "staff without rights"])
def outsider(request, client, settings):
    """Those who may see what is published and nothing else."""
    if request.param == "reader":
        client.force_login(make_reader())
    elif request.param == "staff without rights":
        client.force_login(make_researcher())
    else:
        settings.SITE_IS_PUBLIC = True
    return client


@pytest.mark.parametrize("model", RECORDS)
def test_no_draft_is_shown_counted_or_downloaded(outsider, model):
    shown, _hidden = make(model, name="Seen thing"), make(model, name="Secret thing", slug="secret-thing")
    publish(shown)
    others = names(outsider, LISTS[model])
    assert "Seen thing" in others
    for query in ({}, {"q": "thing"}, {"support": "uncited"}, {"sort": "-claims"}, {"columns": "name,claims,slug"}):
        assert "Secret" not in page(outsider, LISTS[model], **query)
        for form in ("csv", "json"):
            response = outsider.get(reverse(LISTS[model]), {**query, "format": form})
            assert b"secret" not in b"".join(response).lower()
    assert names(outsider, LISTS[model], q="thing") == ["Seen thing"]


def test_a_draft_region_and_an_unknown_one_are_answered_alike(outsider):
    make_region(slug="secretvalley", name="Secret valley")
    for address in ("actors:group_list", "regions:region_list", "explorer:claim_list"):
        draft = page(outsider, address, region="secretvalley")
        unknown = page(outsider, address, region="nowhereatall")
        assert "There is no region with the key “secretvalley”." in draft
        assert draft.replace("secretvalley", "nowhereatall") == unknown


@pytest.mark.parametrize("address", ["explorer:claim_list", "explorer:estimate_list"])
def test_claims_that_name_a_draft_are_not_listed(outsider, address):
    group, draft, source, secret = make_group(name="Open"), make_group(name="Closed"), make_source(), make_source()
    indicator = make_indicator()
    publish(group, source, indicator)
    make_group_estimate(group=group, source=source, indicator=indicator, uid="open")
    make_group_estimate(group=draft, source=source, indicator=indicator, uid="closed-group")
    make_group_estimate(group=group, source=secret, indicator=indicator, uid="closed-source")
    uids = {row["uid"] for row in rows(outsider, address, columns="uid")}
    assert "open" in uids
    assert not uids & {"closed-group", "closed-source"}
    assert "Closed" not in page(outsider, address)


def test_conditions_and_counts_do_not_use_claims_from_drafts(outsider):
    group, vraem, source = make_group(name="Open"), make_region(slug="vraem"), make_source(slug="told")
    publish(group, vraem, source)
    seen = int(rows(outsider, "actors:group_list", columns="claims")[0]["claims"])
    make_presence(group=group, region=vraem, when="2017", source=make_source())
    assert int(rows(outsider, "actors:group_list", columns="claims")[0]["claims"]) == seen
    assert names(outsider, "actors:group_list", region="vraem") == []
    assert names(outsider, "actors:group_list", during="2017") == []
    assert names(outsider, "actors:group_list", sources="1") == []
    make_presence(group=group, region=vraem, when="2017", source=source)
    assert names(outsider, "actors:group_list", region="vraem", during="2017") == ["Open"]


def test_a_published_record_does_not_show_the_draft_that_it_is_linked_to(outsider):
    hidden = make_region(name="Hidden country", slug="hidden-country", kind="country")
    province = make_region(name="Province", parent=hidden)
    agency = make_agency(name="Secret agency", slug="secret-agency")
    program = make_program(name="Plan", lead_agencies=[agency])
    publish(province, program)
    for sort in ("parent", "-parent"):
        assert "Hidden" not in page(outsider, "regions:region_list", sort=sort)
        assert rows(outsider, "regions:region_list", sort=sort)[0]["parent"] == ""
    assert "Secret" not in page(outsider, "programs:program_list")
    assert rows(outsider, "programs:program_list")[0]["lead_agencies"] == ""
    assert "Secret" not in refused(outsider, "programs:program_list", lead="secret-agency")


def test_researchers_see_drafts(client):
    client.force_login(make_researcher(Group))
    make_group(name="Draft group")
    assert names(client, "actors:group_list") == ["Draft group"]
