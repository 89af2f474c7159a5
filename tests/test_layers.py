"""The layers: apps know those below them and never those above, in imports and in the database."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import models
from django.db.migrations.loader import MigrationLoader
from importlinter.cli import lint_imports

PYPROJECT = Path(settings.BASE_DIR) / "pyproject.toml"
CONTRACTS = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]
(LAYERS,) = (contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")

OUR_APPS = [
    app for app in apps.get_app_configs() if app.name.split(".")[0] in {layer.split(".")[0] for layer in LAYERS}
]


def height(model: type[models.Model]) -> int:
    """How high a model's app stands in the layers; what is not ours lies below them all."""
    name = model._meta.app_config.name
    return len(LAYERS) - LAYERS.index(name) if name in LAYERS else 0


def relations_of(app: AppConfig) -> list[Any]:
    """Every foreign key and list of links of an app's models, of the models that Django makes for it too."""
    return [
        field
        for model in app.get_models(include_auto_created=True)
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if field.is_relation
    ]


def test_every_app_of_ours_is_a_layer():
    assert OUR_APPS
    assert {app.name for app in OUR_APPS} <= set(LAYERS)


@pytest.mark.parametrize("app", OUR_APPS, ids=lambda app: app.name)
def test_foreign_keys_lead_downward(app):
    upward = [str(field) for field in relations_of(app) if height(field.related_model) > height(field.model)]

    assert upward == []


def test_the_test_of_foreign_keys_sees_them_all():
    told = {str(field) for app in OUR_APPS for field in relations_of(app)}

    assert {
        "actors.Presence.source",
        "actors.Presence.region",
        "programs.Program.lead_agencies",
        "programs.Appointment.person",
        "regions.Region.parent",
        "explorer.AnyClaim.source",
    } <= told


@pytest.mark.parametrize("app", OUR_APPS, ids=lambda app: app.name)
def test_migrations_wait_for_apps_below_alone(app):
    labels = {other.label: other.name for other in OUR_APPS}
    for (label, name), migration in MigrationLoader(None).disk_migrations.items():
        if label == app.label:
            for needed, _ in migration.dependencies:
                if needed in labels:
                    assert LAYERS.index(labels[needed]) >= LAYERS.index(app.name), f"{label}.{name}"


def test_imports_lead_downward(capsys):
    broken = lint_imports(config_filename=str(PYPROJECT), no_cache=True)

    assert not broken, capsys.readouterr().out
