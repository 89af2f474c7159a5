"""Statements that are kept answer as those that are put together anew: for every viewer, whatever is looked for."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db.models import Value

from actors.models import Group as CriminalGroup
from actors.models import Person, Presence
from crimewatch.citations.search import Sought
from crimewatch.explorer import search
from crimewatch.explorer.kinds import claim_kinds, record_kinds
from crimewatch.records.prepared import Asking, ViewerLike, prepared
from tests.factories import make_group, make_person, make_presence, make_region, make_source
from tests.kinds import publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

TEXTS = [
    "sendero",
    "Clan de la Costa",
    "de la",
    "costa costa",
    "PE-PUN",
    "21 de octubre",
    "senderro costa",
    "senderro",
    "%",
    'o\'higgins \\ "x"',
    "ñandú Ñandú",
]


@pytest.fixture
def viewers() -> list[User | AnonymousUser]:
    task_force = Group.objects.create(name="task force")
    insider = make_reader()
    insider.groups.add(task_force)
    return [
        AnonymousUser(),
        make_reader(),
        insider,
        make_researcher(),
        make_researcher(CriminalGroup, Presence),
        make_researcher(*record_kinds().values(), *claim_kinds().values()),
        User.objects.create(username="admin", is_superuser=True, is_staff=True),
    ]


@pytest.fixture
def rows() -> None:
    for status in ("published", "draft"):
        for restricted_to in ([], ["task force"]):
            for number, name in enumerate(("Sendero de la Costa", "Clan 21 de octubre", "O'Higgins", "Ñandú")):
                called = f"{name} {status} {len(restricted_to)}"
                group = make_group(name=called, aliases=[f"PE-PUN {number}"])
                claim = make_presence(
                    group=group, region=make_region(name=called), source=make_source(name=called), note="costa"
                )
                make_person(name=called)
                if status == "published":
                    publish(claim.source, claim.region, group)
                if restricted_to:
                    CriminalGroup.objects.filter(pk=group.pk).update(
                        restricted_to=restricted_to, restriction_reason="A source is in danger."
                    )


@pytest.mark.parametrize("how", [(), ("alike",)])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.usefixtures("rows")
def test_a_kept_statement_finds_what_one_finds_that_is_put_together_anew(viewers, settings, text, how):
    settings.SITE_IS_PUBLIC = True
    for viewer in viewers:
        asking, kinds = Asking(viewer, text), tuple(record_kinds())
        kept = search._ranked(asking, asking.viewer, asking.text, kinds, (0, 5), *how)
        anew = list(search._ranked.__wrapped__(viewer, text, kinds, (0, 5), *how))

        assert sorted(kept) == sorted(anew)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.usefixtures("rows")
def test_claims_are_found_by_kept_statements_as_by_new_ones(viewers, settings, text):
    settings.SITE_IS_PUBLIC = True
    kinds = tuple(claim_kinds())
    for viewer in viewers:
        sought = Sought(text, claim_kinds().values(), viewer)
        for beyond_texts in (False, True):
            like = search.Sifted(sought.asking.viewer, sought.places_like, beyond_texts)
            itself = search.Sifted(viewer, sought.places, beyond_texts)

            assert sorted(search._counted(sought.asking, like, kinds)) == sorted(
                search._counted.__wrapped__(itself, kinds)
            )


@pytest.mark.usefixtures("rows")
def test_the_rows_make_a_difference_to_the_viewers(viewers, settings):
    settings.SITE_IS_PUBLIC = True
    found = []
    for viewer in viewers:
        asking = Asking(viewer, "costa")
        found.append(len(search._ranked(asking, asking.viewer, asking.text, ("group", "person"), (0, 20))))

    assert found == [1, 1, 2, 1, 2, 6, 8]


@prepared
def _people_called(name):
    return Person.objects.filter(name=name).annotate(word=Value(name)).values_list("word")


@prepared
def _people_with(letters):
    return Person.objects.filter(name__contains=letters).values_list("name")


def test_words_with_places_of_their_own_are_put_there_and_no_others():
    make_person(name="Ana")
    asking = Asking(None, "Ana")

    assert _people_called(asking, asking.text) == [("Ana",)]
    assert _people_called(Asking(None, "Eva"), asking.text) == []


def test_a_statement_that_makes_something_of_a_stand_in_is_no_statement_to_keep():
    asking = Asking(None, "Ana")

    with pytest.raises(KeyError):
        _people_with(asking, asking.text)


def test_a_stand_in_for_a_viewer_knows_of_rights_to_see_alone():
    viewer = ViewerLike.of(make_researcher(CriminalGroup))

    assert viewer.has_perm("actors.view_group")
    assert not viewer.has_perm("actors.view_person")
    with pytest.raises(KeyError):
        viewer.has_perm("actors.change_group")


def test_who_has_the_same_rights_is_alike_and_who_has_not_is_not(settings):
    settings.SITE_IS_PUBLIC = True
    one, other = make_reader(), make_reader()
    some = [one, AnonymousUser(), make_researcher(), make_researcher(CriminalGroup)]
    settings_before = ViewerLike.of(AnonymousUser())
    settings.SITE_IS_PUBLIC = False

    assert ViewerLike.of(one) == ViewerLike.of(other)
    assert len({*map(ViewerLike.of, some), settings_before}) == len(some) + 1
