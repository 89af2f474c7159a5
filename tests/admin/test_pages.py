"""Every page of the admin opens, and costs the same number of queries however many rows there are."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from actors.models import Group, Presence
from crimewatch.citations.models import Claim
from crimewatch.records.admin.rules import MOST_DELETED_AT_ONCE
from crimewatch.records.models import Record
from tests import factories

KINDS = [model for model in admin.site._registry if issubclass(model, Record | Claim)]


def make(model: type[models.Model]) -> models.Model:
    names = {factory: getattr(factories, factory) for factory in dir(factories) if factory.startswith("make_")}
    return next(f for f in names.values() if f.__annotations__.get("return") is model)()


@pytest.fixture
def editor(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("ana"))
    return client


def address(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_the_list_the_empty_form_and_a_row_open(editor: Client, model: type[models.Model]) -> None:
    row = make(model)
    for page in (address(model, "changelist"), address(model, "add"), address(model, "change", row.pk)):
        assert editor.get(page).status_code == 200
    assert editor.get(address(model, "changelist"), {"q": "huanuco"}).status_code == 200
    assert editor.get(address(model, "delete", row.pk)).status_code == 200
    assert editor.get(address(model, "history", row.pk), follow=True).status_code == 200


@pytest.mark.parametrize("model", [Group, Presence])
def test_more_rows_than_can_be_confirmed_are_not_deleted_at_once(
    editor: Client, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crimewatch.records.admin.rules.MOST_DELETED_AT_ONCE", 2)
    rows = [make(model) for _ in range(3)]
    ticked = {"action": "delete_selected", "_selected_action": [rows[0].pk], "post": "yes"}

    answer = editor.post(address(model, "changelist"), {**ticked, "select_across": "1"}, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said == ["At most 2 rows are deleted at once, and these are 3: narrow the list down."]
    assert model.objects.filter(pk__in=[row.pk for row in rows]).count() == 3

    answer = editor.post(address(model, "changelist"), ticked, follow=True)
    assert not model.objects.filter(pk=rows[0].pk).exists()
    assert model.objects.filter(pk__in=[row.pk for row in rows]).count() == 2


def test_as_many_as_are_deleted_at_once_can_be_posted(settings: Any) -> None:
    assert MOST_DELETED_AT_ONCE < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
