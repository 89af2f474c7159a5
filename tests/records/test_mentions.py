"""How many claims name each record is the same whether all are counted at once or each record by itself."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser

from actors.models import Group, Presence
from crimewatch.records import mentions
from crimewatch.records.mentions import NumberOf, numbers_of_claims
from crimewatch.records.querysets import claim_relations
from tests.factories import make_group, make_presence, make_region, make_source
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


def viewers():
    return {
        "anonymous": AnonymousUser(),
        "reader": make_reader(username="reader"),
        "researcher": make_researcher(*RECORDS, *CLAIMS),
        "of groups alone": make_researcher(Group, Presence),
        "head": make_reader(username="head", is_staff=True, is_superuser=True),
    }


def counted_one_by_one(model, user):
    found = {}
    for record in model.objects.all():
        number = sum(
            relation.related_model.objects.visible_to(user).filter(**{relation.field.name: record}).count()
            for relation in claim_relations(model)
        )
        if number:
            found[record.pk] = number
    return found


@pytest.fixture(params=[2_000, 0, 1])
def few(request, monkeypatch) -> Iterator[None]:
    """Whether all claims of these tests are few, none are, or some records have more."""
    mentions._numbers.cache_clear()
    monkeypatch.setattr(mentions, "FEW_CLAIMS", request.param)
    yield
    mentions._numbers.cache_clear()


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("is_public", [True, False])
def test_all_at_once_are_counted_as_each_by_itself_whoever_asks(settings, is_public):
    settings.SITE_IS_PUBLIC = is_public
    shown, hidden = make_group(), make_group()
    source, region = make_source(), make_region()
    for group in (shown, shown, hidden):
        make_presence(group=group, region=region, source=source)
    publish(shown, source, region)
    closed = make_group(restricted_to=["Unit"], restriction_reason="Names a witness.")
    make_presence(group=closed, region=region, source=source)
    publish(closed)
    for model in CLAIMS:
        make(model)
    in_the_region = {}
    for name, user in viewers().items():
        for model in RECORDS:
            plain = counted_one_by_one(model, user)
            assert numbers_of_claims(model, user) == plain, (name, model)
            for some in (list(plain)[:1], list(plain)):
                assert numbers_of_claims(model, user, some) == {pk: plain[pk] for pk in some}
            assert numbers_of_claims(model, user, []) == {}
        in_the_region[name] = numbers_of_claims(type(region), user).get(region.pk, 0)
    # The closed group is seen by the head alone, the draft by those who work on the database too.
    assert in_the_region["head"] > in_the_region["researcher"] > in_the_region["reader"] > 0
    assert in_the_region["of groups alone"] > in_the_region["reader"]
    assert in_the_region["anonymous"] == (in_the_region["reader"] if is_public else 0)


def test_a_record_without_a_number_has_none():
    first, second = make_group(), make_group()
    rows = type(first).objects.annotate(number=NumberOf({first.pk: 7})).values_list("pk", "number")
    assert dict(rows) == {first.pk: 7, second.pk: 0}
