"""Records that only some groups of logins may see: they and the claims that name them exist for nobody else."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from actors.models import Presence
from actors.resources import PresenceResource
from crimewatch.citations.models import Source
from crimewatch.citations.resources import SourceResource
from crimewatch.records.resources import CSVTable, TableResource
from regions.models import Region
from tests.factories import make_presence, make_region, make_source
from tests.kinds import CLAIMS, RECORDS, make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db

REASON = "names a witness"


@pytest.fixture
def desk() -> Group:
    return Group.objects.create(name="Witness desk")


@pytest.fixture
def insider(desk: Group) -> User:
    """A researcher of the desk that the restricted records are restricted to."""
    user = make_researcher(*RECORDS, *CLAIMS, actions=("view", "add", "change"))
    user.groups.add(desk)
    return user


@pytest.fixture
def outsider() -> User:
    return make_researcher(*RECORDS, *CLAIMS, actions=("view", "add", "change"))


def restrict(record: Any) -> Any:
    type(record).objects.filter(pk=record.pk).update(restricted_to=["Witness desk"], restriction_reason=REASON)
    record.refresh_from_db()
    return record


def problems(resource: type[TableResource], text: str, user: User) -> list[str]:
    table = CSVTable(io.BytesIO(text.encode()), "test.csv")
    return [str(problem) for problem in resource().import_data(table, user=user).problems]


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_only_the_named_groups_see_a_restricted_record(
    model: Any, insider: User, outsider: User, settings: Any
) -> None:
    settings.SITE_IS_PUBLIC = True
    record = make(model)
    publish(record)
    restrict(record)
    superuser = User.objects.create_superuser("root")

    assert record in model.objects.visible_to(insider)
    assert record in model.objects.visible_to(superuser)
    for other in (outsider, make_reader(), AnonymousUser()):
        assert record not in model.objects.visible_to(other)


@pytest.mark.parametrize("model", CLAIMS, ids=lambda model: model.__name__)
def test_a_claim_that_names_a_restricted_record_is_as_restricted(model: Any, insider: User, outsider: User) -> None:
    for field in model.objects.all().record_fields():
        claim = make(model)
        record = getattr(claim, field.name) or make(field.related_model)
        model.objects.filter(pk=claim.pk).update(**{field.name: record})
        restrict(record)

        for few in (False, True):
            assert claim in model.objects.visible_to(insider, few=few), field.name
            assert claim not in model.objects.visible_to(outsider, few=few), field.name


def test_a_claim_without_an_optional_record_is_not_hidden_by_the_restriction_of_another(outsider: User) -> None:
    claim = make(next(model for model in CLAIMS if model.__name__ == "Involvement"), region=None)
    restrict(make_region())

    assert claim in type(claim).objects.visible_to(outsider)


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
@pytest.mark.parametrize(
    "values",
    [
        {"restricted_to": ["Witness desk"], "restriction_reason": ""},
        {"restricted_to": ["Witness desk"], "restriction_reason": "  "},
        {"restricted_to": [], "restriction_reason": REASON},
        {"restricted_to": ["Witness desk", ""], "restriction_reason": REASON},
    ],
    ids=["no reason", "a blank reason", "no group", "an empty group"],
)
def test_a_restriction_has_groups_and_a_reason(model: Any, values: dict[str, Any], desk: Group) -> None:
    record = make(model)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=record.pk).update(**values)
    for name, value in values.items():
        setattr(record, name, value)
    with pytest.raises(ValidationError):
        record.full_clean()


def test_a_restriction_to_a_group_that_does_not_exist_is_refused(desk: Group) -> None:
    source = make_source(restricted_to=["Witnes desk"], restriction_reason=REASON)

    with pytest.raises(ValidationError, match=r"no group of logins “Witnes desk”; there are: .*Witness desk"):
        source.full_clean()


def test_the_pages_of_a_restricted_record_are_not_there_for_others(
    client: Client, insider: User, outsider: User
) -> None:
    region = make_region(name="Zyxwvut")
    publish(region)
    restrict(region)
    page = region.get_absolute_url()
    edit = reverse("admin:regions_region_change", args=[region.pk])

    client.force_login(insider)
    assert "Zyxwvut" in client.get(page).content.decode()
    assert "Zyxwvut" in client.get(edit).content.decode()
    client.force_login(outsider)
    assert client.get(page).status_code == 404
    assert "Zyxwvut" not in client.get(edit, follow=True).content.decode()
    for address in (
        reverse("regions:region_list"),
        reverse("explorer:claim_list"),
        reverse("explorer:home"),
        reverse("admin:regions_region_changelist"),
        reverse("admin:regions_regioncitation_changelist"),
        f"{reverse('admin:autocomplete')}?app_label=regions&model_name=regioncitation&field_name=record&term=zyx",
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert "Zyxwvut" not in response.content.decode(), address


def test_a_withdrawn_restricted_record_does_not_say_that_it_was_there(client: Client, outsider: User) -> None:
    region = make_region(status="withdrawn")
    restrict(region)
    client.force_login(outsider)

    assert client.get(region.get_absolute_url()).status_code == 404


def test_a_form_keeps_a_link_to_a_record_that_who_edits_it_may_not_see(client: Client, outsider: User) -> None:
    above, part = restrict(make_region(name="Zyxwvut")), restrict(make_region(name="Utsrqpo"))
    region = make_region(parent=above, parts=[part])
    address = reverse("admin:regions_region_change", args=[region.pk])
    client.force_login(outsider)

    page = client.get(address)
    form = page.context["adminform"].form
    text = page.content.decode()
    assert "Utsrqpo" not in text
    assert text.count("Something that you may not see") + text.count("something that you may not see") >= 2
    data = {name: form[name].value() for name in form.fields}
    data = {name: "" if value is None else value for name, value in data.items()}
    data |= {"name": "Renamed", "aliases": "", "restricted_to": "", "parts": [str(part.pk)]}
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    response = client.post(address, data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    region.refresh_from_db()
    assert (region.name, region.parent, list(region.parts.all())) == ("Renamed", above, [part])


def test_the_restriction_is_not_lifted_by_a_form_of_who_may_not_restrict(client: Client, insider: User) -> None:
    source = restrict(make_source())
    client.force_login(insider)

    page = client.get(reverse("admin:citations_source_change", args=[source.pk]))
    assert "restricted_to" not in page.context["adminform"].form.fields


def test_an_import_knows_nothing_of_what_is_restricted_to_others(insider: User, outsider: User) -> None:
    closed = "The key “%s” belongs to something that you may not see: choose another key."
    secret = restrict(make_source(slug="secret-report"))
    claim = make_presence(source=secret, uid="secret-claim")
    row = f"uid,group,region,kind,source\n,{claim.group.slug},{claim.region.slug},base,secret-report\n"

    assert problems(PresenceResource, row, insider) == []
    assert problems(PresenceResource, row, outsider) == [
        'row 2 source "secret-report": There is no source with the key “secret-report”.'
    ]
    assert problems(SourceResource, "slug,name\nsecret-report,Mine\n", outsider) == [
        f'row 2 slug "secret-report": {closed % "secret-report"}',
    ]
    assert problems(PresenceResource, "uid,note\nsecret-claim,mine\n", outsider) == [
        f'row 2 uid "secret-claim": {closed % "secret-claim"}',
    ]
    assert Source.objects.get(pk=secret.pk).name != "Mine"
    assert Presence.objects.get(pk=claim.pk).note == ""


def test_an_import_restricts_only_by_the_right_to_it(desk: Group, outsider: User) -> None:
    make_source(slug="report")
    refusal = "You may not restrict sources or open them: leave the column out, or ask someone who may."
    text = "slug,restricted_to,restriction_reason\nreport,Witness desk,names a witness\n"

    assert problems(SourceResource, text, outsider) == [f'row 2 restricted_to "Witness desk": {refusal}']
    assert problems(SourceResource, text, User.objects.create_superuser("root")) == []
    assert Source.objects.get(slug="report").restricted_to == ["Witness desk"]


def test_a_list_costs_no_more_queries_for_restrictions(
    client: Client, outsider: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        restrict(make_region())
    assert Region.objects.visible_to(outsider).count() == 0
    with django_assert_max_num_queries(1):
        list(Presence.objects.visible_to(outsider))


@pytest.mark.parametrize("model", CLAIMS, ids=lambda model: model.__name__)
def test_a_claim_is_seen_by_those_who_see_all_records_that_it_names(
    model: Any, desk: Group, insider: User, settings: Any
) -> None:
    settings.SITE_IS_PUBLIC = True
    member = make_reader(username="member")
    member.groups.add(desk)
    viewers = (AnonymousUser(), make_reader(), member, make_reader(username="root", is_superuser=True), insider)
    claim = make(model)
    records = [getattr(claim, field.name) for field in model.objects.all().record_fields()]
    named = [record for record in records if record is not None]
    publish(*named)

    for record in (None, *named):
        for change in ({"status": "draft"}, {"restricted_to": ["Witness desk"], "restriction_reason": REASON}):
            if record is not None:
                type(record).objects.filter(pk=record.pk).update(**change)
            for viewer in viewers:
                is_seen = model.objects.visible_to(viewer).filter(pk=claim.pk).exists()
                expected = all(type(each).objects.visible_to(viewer).filter(pk=each.pk).exists() for each in named)
                assert is_seen == expected, (viewer, record, change)
            if record is not None:
                plain = {"status": "published", "restricted_to": [], "restriction_reason": ""}
                type(record).objects.filter(pk=record.pk).update(**plain)
