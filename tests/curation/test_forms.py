"""Single rights are told in words, in the language of whoever gives them."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.utils import translation

from crimewatch.curation.forms import RightsField, in_words
from tests.kinds import CLAIMS, RECORDS


@pytest.mark.parametrize(
    ("codename", "english", "spanish"),
    [
        ("publish_region", "Regions · publish", "Regiones · publicar"),
        ("change_user", "Users · change", "Usuarios · modificar"),
    ],
)
def test_a_right_is_told_in_words(db, codename, english, spanish):
    permission = Permission.objects.get(codename=codename)

    assert in_words(permission) == english
    with translation.override("es"):
        assert in_words(permission) == spanish


def test_every_right_to_something_that_a_page_shows_can_be_given(db):
    offered = RightsField(queryset=Permission.objects.none()).queryset
    models = {permission.content_type.model_class() for permission in offered}

    assert {*RECORDS, *CLAIMS, User, Group} <= models
    assert all("·" in in_words(permission) for permission in offered)
    assert not any(hasattr(model, "pgh_tracked_model") for model in models)


def test_rights_are_named_with_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(map(in_words, RightsField(queryset=Permission.objects.none()).queryset))
