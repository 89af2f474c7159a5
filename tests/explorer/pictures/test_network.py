"""Ties between records: which there are, what they rest on, who may see them, and which are in the picture."""

from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from actors.models import Group
from crimewatch.citations.models import Claim
from crimewatch.citations.querysets import mentioned_record_fields
from crimewatch.explorer.models import claim_models
from crimewatch.explorer.pictures.network.network import Network
from crimewatch.explorer.pictures.network.querysets import Ties
from crimewatch.explorer.pictures.network.ties import NODE_KINDS, TIES
from programs.models import Program
from regions.models import Route
from tests.factories import (
    make_activity,
    make_agency,
    make_appointment,
    make_group,
    make_involvement,
    make_membership,
    make_occurrence,
    make_person,
    make_presence,
    make_program,
    make_region,
    make_relation,
    make_source,
    make_target,
)
from tests.kinds import CLAIMS, make, publish
from tests.listing import refused
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def head():
    """Somebody who may see everything."""
    return make_reader(username="head", is_staff=True, is_superuser=True)


def said(network):
    """The links of a network as sentences."""
    return sorted(f"{link.origin.record.name} {link.label} {link.target.record.name}" for link in network.links)


def names(network):
    return [node.record.name for node in network.nodes.values()]


# What ties records


def test_every_kind_of_claim_that_joins_two_records_ties_them():
    """But for what is drawn elsewhere: a figure of an activity in a region, and what is moved along a route."""
    for model in claim_models():
        ends = [field.name for field in mentioned_record_fields(model) if field.related_model in NODE_KINDS.values()]
        if len(ends) < 2 or model.__name__ in ("RegionEstimate", "RouteLeg"):
            continue
        tied = {end for tie in TIES if tie.model is model for end in (tie.origin, tie.target)}
        assert tied == set(ends), model


@pytest.mark.parametrize("model", [model for model in CLAIMS if any(tie.model is model for tie in TIES)])
def test_every_word_of_a_tie_reads(head, model):
    make(model)
    for link in Network(Ties(head)).links:
        assert link.label


def test_words_of_one_key_read_alike():
    """The filter offers each word once."""
    labels = {(key, str(label)) for tie in TIES for key, label in tie.words.choices}
    assert len({key for key, _label in labels}) == len(labels)


def test_words_have_a_label_for_every_choice_in_the_database():
    for tie in TIES:
        if tie.word is not None and hasattr(tie.word, "name"):
            choices = tie.model._meta.get_field(tie.word.name).choices
            assert set(tie.words.values) >= {value for value, _label in choices}, tie


def test_claims_are_links_that_read_as_sentences(head):
    clan, rivals = make_group(name="Clan"), make_group(name="Rivals")
    ana, valley, coca = make_person(name="Ana"), make_region(name="Valley"), make_activity(name="coca")
    make_presence(group=clan, region=valley, kind="base")
    make_involvement(group=clan, activity=coca, region=valley, role="taxes")
    make_relation(group=clan, kind="extorts", other=rivals)
    make_membership(person=ana, group=clan, role="leader")
    make_occurrence(activity=coca, region=valley)
    make_appointment(person=ana, agency=make_agency(name="Police"), post="head")
    plan = make_program(name="Plan", lead_agencies=[make_agency(name="Navy")])
    make_target(program=plan, activity=coca, region=valley, group=clan)
    assert said(Network(Ties(head))) == [
        "Ana has or had a post in Police",
        "Ana leader of Clan",
        "Clan extorts Rivals",
        "Clan has its base in Valley",
        "Clan is active in Valley",
        "Clan taxes or protects coca",
        "Navy leads Plan",
        "Plan is aimed at Clan",
        "Plan is aimed at Valley",
        "Plan is aimed at coca",
        "coca goes on in Valley",
    ]


def test_what_a_source_calls_absent_does_not_go_on(head):
    make_occurrence(activity=make_activity(name="opium"), region=make_region(name="Puno"), intensity="absent")
    assert said(Network(Ties(head))) == ["opium is absent from Puno"]


def test_claims_that_say_the_same_are_one_link_with_all_that_it_rests_on(head):
    group, region = make_group(), make_region()
    one, two = make_source(name="One"), make_source(name="Two")
    make_presence(group=group, region=region, source=two, wording="alleged", when="2017")
    make_presence(group=group, region=region, source=one, wording="stated", when="2016")
    make_presence(group=group, region=region, source=one, wording="stated", stance="disputes")
    make_presence(group=group, region=region, source=one, kind="base")
    first, second = Network(Ties(head)).links
    assert (first.claims, first.disputing, second.claims) == (3, 1, 1)
    assert [source.name for source in first.sources] == ["One", "Two"]
    assert first.wordings == ["alleged", "stated"]
    assert first.dates == ["2016", "2017"]


def test_a_relation_that_holds_both_ways_is_one_link(head):
    one, two = make_group(), make_group()
    make_relation(group=one, kind="rival-of", other=two)
    make_relation(group=two, kind="rival-of", other=one)
    make_relation(group=one, kind="supplies", other=two)
    make_relation(group=two, kind="supplies", other=one)
    links = {link.word: link for link in Network(Ties(head)).links}
    assert len(Network(Ties(head)).links) == 3
    assert links["rival-of"].claims == 2
    assert links["rival-of"].is_symmetrical
    assert not links["supplies"].is_symmetrical
    assert links["supplies"].converse == "is supplied by"


@pytest.mark.parametrize(
    ("given", "is_disputed"),
    [
        ({}, False),
        ({"stance": "disputes"}, True),
        ({"wording": "disputed"}, True),
        ({"status": "conflict", "note": "Both stand."}, True),
        ({"status": "work-needed"}, False),
    ],
)
def test_a_link_is_disputed_if_one_of_its_claims_is(head, given, is_disputed):
    group, region = make_group(), make_region()
    make_presence(group=group, region=region)
    make_presence(group=group, region=region, **given)
    assert [link.is_disputed for link in Network(Ties(head)).links] == [is_disputed]


@pytest.mark.parametrize(
    ("when", "is_ended"),
    [
        ("", False),
        ("2010", False),  # it was so in 2010, and nobody says until when
        ("1990/1999", True),
        ("../2012", True),
        ("2016/..", False),
        ("2015/", False),
        (f"2010/{timezone.localdate().year + 1}", False),
    ],
)
def test_a_link_is_past_where_an_interval_has_ended(head, when, is_ended):
    make_relation(when=when)
    assert [link.is_ended for link in Network(Ties(head)).links] == [is_ended]


def test_a_link_is_past_only_if_all_its_claims_say_so(head):
    group, region = make_group(), make_region()
    make_presence(group=group, region=region, when="1990/1999")
    make_presence(group=group, region=region, when="2017")
    assert [link.is_ended for link in Network(Ties(head)).links] == [False]


def test_a_membership_that_has_ended_is_past(head):
    make_membership(when="2012", ended="captured")
    make_membership(when="2012", ended_on="2013")
    make_membership(when="2012")
    assert sorted(link.is_ended for link in Network(Ties(head)).links) == [False, True, True]


# Which are in the picture


def test_the_most_connected_are_shown_and_the_rest_is_counted(head):
    hub = make_group(name="Hub")
    for number in range(4):
        make_presence(group=hub, region=make_region(name=f"R{number}"))
    make_presence(group=make_group(name="Small"), region=make_region(name="Away"))
    network = Network(Ties(head), most=3)
    assert names(network)[0] == "Hub"
    assert len(network.nodes) == 3
    assert len(network.links) == 2
    assert (network.left_out.records, network.left_out.links) == (4, 3)


def test_links_past_their_bound_are_counted(head):
    one, two = make_group(), make_group()
    make_relation(group=one, kind="supplies", other=two)
    make_relation(group=one, kind="supplies", other=two)
    make_relation(group=one, kind="controls", other=two)
    network = Network(Ties(head), links=1)
    assert [link.word for link in network.links] == ["supplies"]
    assert network.left_out.links == 1
    around = Network(Ties(head), around=one, links=1)
    assert around.left_out.links == 1


def test_around_a_record_lies_what_is_so_many_steps_away(head):
    a, b, c, d = (make_group(name=name) for name in "ABCD")
    for first, second in ((a, b), (b, c), (c, d)):
        make_relation(group=first, kind="supplies", other=second)
    make_relation(group=a, kind="controls", other=b)
    make_presence()
    assert sorted(names(Network(Ties(head), around=b))) == ["A", "B", "C"]
    assert sorted(names(Network(Ties(head), around=a, steps=1))) == ["A", "B"]
    assert sorted(names(Network(Ties(head), around=a, steps=3))) == ["A", "B", "C", "D"]
    assert len(Network(Ties(head), around=a, steps=3).links) == 4


def test_around_a_record_that_nothing_is_tied_to_there_is_itself(head):
    assert names(Network(Ties(head), around=make_group(name="Alone"))) == ["Alone"]


def test_around_a_hub_are_those_tied_to_it_most_and_the_rest_is_counted(head):
    hub, near = make_group(name="Hub"), make_region(name="Near")
    for kind in ("base", "operates"):
        make_presence(group=hub, region=near, kind=kind)
    for _number in range(3):
        make_presence(group=hub)
    network = Network(Ties(head), around=hub, steps=2, most=3)
    assert "Near" in names(network)
    assert len(network.nodes) == 3
    assert (network.left_out.records, network.left_out.step) == (2, 1)


def test_only_the_kinds_that_are_asked_for_are_there(head):
    group = make_group(name="Group")
    make_presence(group=group, region=make_region(name="Region"))
    make_membership(person=make_person(name="Person"), group=group)
    assert sorted(names(Network(Ties(head, show=["group", "person"])))) == ["Group", "Person"]
    assert sorted(names(Network(Ties(head, show=["region"]), around=group))) == ["Group"]


def test_ties_can_be_of_one_word(head):
    make_relation(kind="rival-of")
    make_relation(kind="supplies")
    make_involvement(role="supplies")
    assert {link.kind for link in Network(Ties(head, relation="supplies")).links} == {"relation", "involvement"}
    assert len(Network(Ties(head, relation="rival-of")).links) == 1


def test_conditions_are_put_to_claims_and_then_only_claims_are_links(head):
    source = make_source()
    make_presence(source=source, group=make_group(name="Meant"))
    make_presence()
    make_program(lead_agencies=[make_agency()])
    ties = Ties(head, lambda model: model.objects.filter(source=source), unclaimed=False)
    assert "Meant" in names(Network(ties))
    assert len(Network(ties).links) == 1


def test_nothing_at_all_is_an_empty_network(head):
    network = Network(Ties(head))
    assert (network.nodes, network.links) == ({}, [])
    assert (network.left_out.records, network.left_out.links) == (0, 0)
    assert Network(Ties(head, lambda model: model.objects.none(), unclaimed=False)).links == []


# Who may see it


def test_a_tie_is_as_public_as_the_least_public_of_what_it_names(settings):
    shown, place, source = make_group(name="Shown"), make_region(name="Place"), make_source()
    publish(shown, place, source)
    make_presence(group=shown, region=place, source=source)
    make_presence(group=shown, region=place)  # from the draft of a source
    make_presence(group=shown, region=make_region(name="Draft place"), source=source)
    make_relation(group=shown, other=make_group(name="Draft group"), source=source)
    plan, agency = make_program(name="Plan"), make_agency(name="Agency")
    plan.lead_agencies.set([agency, make_agency(name="Draft agency")])
    make_program(name="Draft plan", lead_agencies=[agency])
    publish(plan, agency)
    reader = make_reader()
    assert sorted(names(Network(Ties(reader)))) == ["Agency", "Place", "Plan", "Shown"]
    assert sorted(link.claims for link in Network(Ties(reader)).links) == [0, 1]
    assert Network(Ties(reader), most=3).left_out.records == 2
    assert sorted(names(Network(Ties(reader), around=shown, steps=3))) == ["Place", "Shown"]
    assert Network(Ties(AnonymousUser())).links == []
    settings.SITE_IS_PUBLIC = True
    assert sorted(names(Network(Ties(AnonymousUser())))) == ["Agency", "Place", "Plan", "Shown"]


def test_a_researcher_sees_the_drafts_of_those_kinds_that_are_theirs():
    place, source = make_region(name="Place"), make_source()
    publish(place, source)
    make_presence(group=make_group(name="Draft"), region=place, source=source)
    claims = [model for model in claim_models() if issubclass(model, Claim)]
    assert names(Network(Ties(make_researcher(Group)))) == []
    assert sorted(names(Network(Ties(make_researcher(Group, *claims))))) == ["Draft", "Place"]
    assert names(Network(Ties(make_researcher(Route, Program, *claims)))) == []


# Queries


@pytest.mark.parametrize("steps", [0, 3])
def test_the_number_of_queries_is_bounded_whatever_there_is(head, steps, django_assert_max_num_queries):
    group = make_group()
    for model in [tie.model for tie in TIES if tie.is_claimed] * 3:
        make(model, **({"group": group} if any(field.name == "group" for field in model._meta.fields) else {}))
    network = Network(Ties(head), around=group if steps else None, steps=steps)
    with django_assert_max_num_queries(4 + max(0, steps - 1)):
        assert network.links
        assert network.nodes
        assert network.left_out.records == 0


# The page


@pytest.fixture
def ask(client):
    """What the page of the network says, as a function of its address."""
    client.force_login(make_reader(username="researcher", is_staff=True, is_superuser=True))

    def get(**query):
        response = client.get("/network/", query)
        assert response.status_code == 200
        return response

    return get


def drawn(response):
    """The names of the records in the picture."""
    return {node["name"] for node in response.context["picture"].chart["nodes"]}


@pytest.fixture
def clan():
    """A clan in a valley, its rival and its head, of whom one source tells."""
    clan, source = make_group(name="Clan", slug="clan"), make_source(name="Report", slug="report")
    valley = make_region(name="Valley", slug="valley")
    make_presence(group=clan, region=valley, source=source, when="2017")
    make_relation(group=clan, kind="extorts", other=make_group(name="Rivals"), source=source, wording="alleged")
    make_membership(person=make_person(name="Ana"), group=clan, source=source, when="1990/1999")
    make_program(name="Plan", lead_agencies=[make_agency(name="Police")])
    return clan


def test_everything_that_is_tied_is_drawn_and_told(ask, clan):
    response = ask()
    assert drawn(response) == {"Clan", "Rivals", "Valley", "Ana", "Plan", "Police"}
    text = " ".join(response.context["picture"].description)
    assert "6 records (2 groups, 1 person, 1 region, 1 agency, 1 state response)" in text
    assert "by 4 links, which rest on 3 claims" in text
    assert "1 link is past" in text
    assert "1 link is told by the record of a state response itself" in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"around": "group:clan"}, {"Clan", "Rivals", "Valley", "Ana"}),
        ({"around": "clan", "show": "group"}, {"Clan", "Rivals"}),
        ({"around": "Valley"}, {"Clan", "Valley"}),
        ({"around": "valley", "steps": "2"}, {"Clan", "Valley", "Rivals", "Ana"}),
        ({"show": "group,person"}, {"Clan", "Rivals", "Ana"}),
        ({"show": ["group", "person"]}, {"Clan", "Rivals", "Ana"}),
        ({"relation": "extorts"}, {"Clan", "Rivals"}),
        ({"kind": "membership"}, {"Clan", "Ana"}),
        ({"during": "2017"}, {"Clan", "Valley"}),
        ({"wording": "alleged"}, {"Clan", "Rivals"}),
        ({"source": "report"}, {"Clan", "Rivals", "Valley", "Ana"}),
        ({"region": "valley"}, {"Clan", "Valley"}),
        ({"group": "clan", "kind": "presence"}, {"Clan", "Valley"}),
        ({"q": "report"}, {"Clan", "Rivals", "Valley", "Ana"}),
    ],
)
def test_the_address_says_what_is_in_the_picture(client, ask, clan, query, names):
    response = client.get("/network/", query, follow=True)
    assert drawn(response) == names


def test_ticked_boxes_become_one_word_of_the_address(client, ask):
    assert client.get("/network/", {"show": ["group", "person"]})["Location"] == "/network/?show=group,person"


@pytest.mark.parametrize("around", ["clan", "group:clan", " group: Clan "])
def test_a_record_is_found_by_the_key_that_it_had(ask, clan, around):
    clan.slug = "new-clan"
    clan.save()
    assert ask(around=around).context["filterset"].record_around == clan


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"around": "group:clan,twin"}, "There is no group with the key “clan,twin”"),
        ({"around": "group:!"}, "There is no group with the key “!”"),
        ({"around": "group:nobody"}, "There is no group with the key “nobody”"),
        ({"around": "nobody"}, "There is no record with the key “nobody” in the network"),
        ({"around": "ship:titanic"}, "before the colon stands its kind, one of group, person"),
        ({"around": "group:"}, "behind the colon stands its key"),
        ({"around": ":"}, "before the colon"),
        ({"around": "twin"}, "names several records; write one of: group:twin, region:twin"),
        ({"around": "x" * 500}, "at most 200 characters"),
        ({"steps": "9"}, "“9” is not among the choices: 1, 2, 3"),
        ({"steps": "-1"}, "“-1” is not among the choices"),
        ({"steps": "many"}, "“many” is not among the choices"),
        ({"show": "ship"}, "“ship” is not a kind of record in the network"),
        ({"relation": "loves"}, "“loves” is not among the choices: base, operates"),
        ({"kind": "routeleg"}, "“routeleg” is not among the choices"),
        ({"most": "7"}, "“7” is not among the choices"),
    ],
)
def test_nonsense_draws_nothing_and_is_answered_with_a_sentence(ask, clan, query, sentence):
    make_group(slug="twin")
    make_region(slug="twin")
    response = ask(**query)
    assert response.context["picture"] is None
    assert sentence in response.content.decode()


@pytest.mark.parametrize("steps", ["1", "2", "3"])
def test_so_many_steps_are_a_choice(ask, clan, steps):
    assert "Clan" in drawn(ask(around="clan", steps=steps))


def test_the_table_leads_to_each_record_and_to_what_lies_around_it(ask, clan):
    text = ask(during="2017").content.decode()
    assert '<a href="/groups/clan/">Clan</a>' in text
    assert 'href="/network/?during=2017&amp;around=group:clan"' in text
    assert 'aria-label="What is around Clan"' in text


def test_a_click_leads_to_what_lies_around_a_record_and_from_the_middle_to_its_page(ask, clan):
    nodes = {node["name"]: node["address"] for node in ask(around="clan").context["picture"].chart["nodes"]}
    assert nodes["Clan"] == "/groups/clan/"
    assert nodes["Valley"] == "/network/?around=region:valley"


def test_what_is_left_out_is_said(ask):
    hub = make_group(slug="hub")
    for _number in range(60):
        make_presence(group=hub)
    told = " ".join(ask(most="50").context["picture"].description)
    assert "The picture is full: 11 records are left out" in told
    assert "11 links are left out as well" in told
    told = " ".join(ask(around="hub", most="50", steps="2").context["picture"].description)
    assert "of the records at a distance of 1, 11 are left out" in told


def test_graphml_holds_the_records_and_links_of_the_picture(client, ask, clan):
    make_relation(group=clan, kind="ally-of", other=make_group(name='A "B" <C>&\x0b', slug="abc"))
    response = client.get("/network/", {"format": "graphml", "around": "clan"})
    assert response["Content-Disposition"] == 'attachment; filename="network.graphml"'
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    graph = ET.fromstring(response.content).find("g:graph", space)  # noqa: S314 - it is our own
    nodes = {node.get("id"): node for node in graph.findall("g:node", space)}
    edges = graph.findall("g:edge", space)
    assert {"group:clan", "region:valley", "group:abc"} < set(nodes)
    assert len(nodes) == 5
    assert nodes["group:abc"].find("g:data[@key='node-label']", space).text == 'A "B" <C>&'
    assert {(edge.get("source"), edge.get("target")) for edge in edges} <= {
        (first, second) for first in nodes for second in nodes
    }
    assert [edge.get("directed") for edge in edges].count("false") == 1


def test_there_is_no_graphml_of_nonsense_but_a_sentence(client, ask, clan):
    assert "“9” is not among the choices" in refused(client, "explorer:network", format="graphml", steps="9")


def test_a_draft_is_answered_as_a_key_that_nothing_has(client, clan):
    client.force_login(make_reader())
    for around in ("group:clan", "clan"):
        assert "There is no" in client.get("/network/", {"around": around}).content.decode()


def test_of_very_many_claims_the_newest_are_looked_at_and_that_is_said(ask, clan, monkeypatch):
    said = "There are more claims: the newest 2 of each kind are looked at."
    assert said not in ask().content.decode()
    monkeypatch.setattr("crimewatch.explorer.pictures.network.filters.NEWEST", 2)
    old = make_presence(region=make_region(name="Old"))
    for name in ("New", "Newer"):
        make_presence(group=old.group, region=make_region(name=name))
    response = ask()
    assert said in response.content.decode()
    ends = {link.target.record.name for link in response.context["view"].network.links if link.kind == "presence"}
    assert ends == {"New", "Newer"}
    around = ask(around=f"group:{old.group.slug}").content.decode()
    assert said not in around
    assert "Old" in around


def test_the_page_costs_few_queries_with_every_filter(ask, clan, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        ask(around="clan", steps="3", region="valley", group="clan", source="report", during="2017", q="clan")


def test_everything_that_an_address_may_say_is_documented(ask, settings):
    text = (settings.BASE_DIR / "docs" / "pictures.md").read_text().partition("## The network")[2].partition("\n## ")[0]
    lists = (settings.BASE_DIR / "docs" / "lists.md").read_text()
    response = ask()
    for name in response.context["filterset"].filters:
        assert f"`{name}`" in text + lists, name
    for name, _label in response.context["choices"]:
        assert f"`{name}`" in text, name
