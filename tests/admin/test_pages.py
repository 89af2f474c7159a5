"""Every page of the admin opens, and costs the same number of queries however many rows there are."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from crimewatch.citations.models import Claim
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
