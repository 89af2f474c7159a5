"""Migration operations of our own."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import NotSupportedError, ProgrammingError, connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.writer import OperationWriter

from actors.models import Group, Presence
from crimewatch.explorer.models import AnyClaim
from crimewatch.records.operations import ReplaceTriggers, WithoutClaimViews
from tests.factories import make_group, make_presence

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


@pytest.fixture
def replacement() -> Operation:
    """Another function for the trigger that looks after published groups."""
    refused = pgtrigger.Protect(name="published_is_supported", operation=pgtrigger.Update)
    return ReplaceTriggers(triggers={"group": [refused.compile(Group)]})


def definition_of_trigger() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(pg_trigger.oid), prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgrelid = 'actors_group'::regclass AND tgname LIKE 'pgtrigger_published_is_supported%'"
        )
        return list(cursor.fetchall())


def test_a_trigger_is_replaced_and_comes_back_as_it_was(state, replacement):
    before = definition_of_trigger()
    group = make_group()
    connection.check_constraints()

    after = forwards(replacement, state)
    with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
        Group.objects.filter(pk=group.pk).update(name="Other")
    assert len(definition_of_trigger()) == 1

    with connection.schema_editor(atomic=False) as editor:
        replacement.database_backwards("actors", editor, after, state)
    assert definition_of_trigger() == before


@pytest.mark.parametrize("is_rendered", [True, False])
def test_replaced_triggers_are_in_the_state_of_the_models_beside_the_others(state, replacement, is_rendered):
    if is_rendered:
        assert state.apps
    after = state.clone()
    replacement.state_forwards("actors", after)

    (trigger,) = replacement.triggers["group"]
    for options in (vars(after.apps.get_model("actors", "group")._meta), after.models["actors", "group"].options):
        assert trigger in options["triggers"]
        assert sorted(one.name for one in options["triggers"]) == sorted(
            one.name for one in state.models["actors", "group"].options["triggers"]
        )


def test_replaced_triggers_are_written_into_migrations(replacement):
    text, imports = OperationWriter(replacement, indentation=0).serialize()
    assert "pgtrigger.compiler.Trigger" in text
    assert "import crimewatch.records.operations" in imports
    assert replacement.describe() == "Replace triggers of group"


def test_views_that_are_as_the_models_ask_are_not_defined_anew():
    modules = [import_module(f"crimewatch.explorer.migrations.{name}") for name in migrations_of("explorer")]
    assert any(hasattr(module, "ALL_CLAIMS") for module in modules)

    with pytest.raises(CommandError, match="there is nothing to define anew"):
        call_command("define_claim_views", "nothing")
