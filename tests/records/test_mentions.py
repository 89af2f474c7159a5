"""How many claims name each record is the same whether all are counted at once or each record by itself."""

import pytest
from django.contrib.auth.models import AnonymousUser

from crimewatch.records.mentions import NumberOf, numbers_of_claims
from crimewatch.records.querysets import claim_relations
from tests.factories import make_group, make_presence, make_region, make_source
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader

pytestmark = pytest.mark.django_db


def viewers():
    return {
        "anonymous": AnonymousUser(),
        "reader": make_reader(username="reader"),
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


@pytest.mark.parametrize("is_public", [True, False])
def test_all_at_once_are_counted_as_each_by_itself_whoever_asks(settings, is_public):
    settings.SITE_IS_PUBLIC = is_public
    shown, hidden = make_group(), make_group()
    source, region = make_source(), make_region()
    for group in (shown, shown, hidden):
        make_presence(group=group, region=region, source=source)
    publish(shown, source, region)
    for model in CLAIMS:
        make(model)
    in_the_region = {}
    for name, user in viewers().items():
        for model in RECORDS:
            plain = counted_one_by_one(model, user)
            assert numbers_of_claims(model, user) == plain, (name, model)
            some = list(plain)[:1]
            assert numbers_of_claims(model, user, some) == {pk: plain[pk] for pk in some}
            assert numbers_of_claims(model, user, []) == {}
        in_the_region[name] = numbers_of_claims(type(region), user).get(region.pk, 0)
    assert in_the_region["head"] > in_the_region["reader"] > 0
    assert in_the_region["anonymous"] == (in_the_region["reader"] if is_public else 0)


def test_a_record_without_a_number_has_none():
    first, second = make_group(), make_group()
    rows = type(first).objects.annotate(number=NumberOf({first.pk: 7})).values_list("pk", "number")
    assert dict(rows) == {first.pk: 7, second.pk: 0}
