"""Migration operations of our own."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import NotSupportedError, connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.writer import OperationWriter

from actors.models import Presence
from crimewatch.explorer.models import AnyClaim
from crimewatch.records.operations import WithoutClaimViews
from tests.factories import make_presence

pytestmark = pytest.mark.django_db

LONGER = migrations.AlterField("presence", "locator", models.CharField(max_length=99, blank=True))
ODDER = migrations.AlterField("presence", "locator", models.TextField(blank=True))


@pytest.fixture
def state() -> Any:
    return MigrationLoader(None).project_state(nodes=[("actors", name) for name in migrations_of("actors")])


def migrations_of(app: str) -> list[str]:
    return [name for label, name in MigrationLoader(None).disk_migrations if label == app]


@pytest.fixture(autouse=True)
def taken_back() -> Iterator[None]:
    """Whatever a test does to the schema is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def forwards(operation: Operation, before: Any) -> Any:
    after = before.clone()
    operation.state_forwards("actors", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("actors", editor, before, after)
    return after


def type_of_locator() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 'actors_presence'::regclass AND attname = 'locator'"
        )
        return str(cursor.fetchone()[0])


def test_a_column_that_the_views_read_cannot_change_its_type(state):
    with pytest.raises(NotSupportedError, match="used by a view"), transaction.atomic():
        forwards(LONGER, state)


def test_it_can_change_while_the_views_are_away(state):
    forwards(WithoutClaimViews([LONGER]), state)

    assert type_of_locator() == "character varying(99)"
    claim = make_presence(locator_type="page", locator="9")
    assert AnyClaim.objects.get().uid == claim.uid


def test_the_change_can_be_taken_back(state):
    operation = WithoutClaimViews([LONGER, ODDER])
    after = forwards(operation, state)
    assert type_of_locator() == "text"

    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("actors", editor, after, state)
    assert type_of_locator() == "character varying(60)"
    make_presence()
    assert AnyClaim.objects.count() == Presence.objects.count() == 1


def test_the_views_are_as_they_were(state):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_viewdef('all_mentions'::regclass)")
        before = cursor.fetchone()
        forwards(WithoutClaimViews([LONGER]), state)
        cursor.execute("SELECT pg_get_viewdef('all_mentions'::regclass)")

        assert cursor.fetchone() == before


def test_it_is_written_into_migrations_and_told_by_what_it_does():
    operation = WithoutClaimViews([LONGER])

    text, imports = OperationWriter(operation, indentation=0).serialize()
    assert "migrations.AlterField" in text
    assert "import crimewatch.records.operations" in imports
    assert operation.describe() == "Alter field locator on presence"


def test_views_that_are_as_the_models_ask_are_not_defined_anew():
    modules = [import_module(f"crimewatch.explorer.migrations.{name}") for name in migrations_of("explorer")]
    assert any(hasattr(module, "ALL_CLAIMS") for module in modules)

    with pytest.raises(CommandError, match="there is nothing to define anew"):
        call_command("define_claim_views", "nothing")
