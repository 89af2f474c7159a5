"""Migration operations of our own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation


class InstallTriggers(Operation):
    """Install the triggers that the models of the migration's app have in their options.

    One operation for an app's first migration instead of one for each trigger: Django renders all related models anew
    after each operation, which made setting up an empty database take a minute.
    """

    reversible = True

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models' options have the triggers already."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for trigger in triggers_of(to_state, app_label):
            schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for trigger in triggers_of(from_state, app_label):
            schema_editor.execute(trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        return "Install the triggers of the app's models"


class ReplaceTriggers(Operation):
    """Put triggers in the place of those of the same name, given as compiled triggers by the names of their models.

    One operation for all of them, for the reason that ``InstallTriggers`` gives. No row goes unwatched between the old
    trigger and the new one: the migration's transaction has both.
    """

    reversible = True

    def __init__(self, triggers: Mapping[str, Sequence[Any]]) -> None:
        self.triggers = triggers

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"triggers": self.triggers}

    def state_forwards(self, app_label: str, state: Any) -> None:
        for model_name, triggers in self.triggers.items():
            options = state.models[app_label, model_name].options
            replaced = {trigger.name for trigger in triggers}
            kept = [trigger for trigger in options.get("triggers", []) if trigger.name not in replaced]
            options["triggers"] = [*kept, *triggers]
        if "apps" in vars(state):
            state.reload_models({(app_label, model_name) for model_name in self.triggers})

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for model_name, triggers in self.triggers.items():
            replaced = {trigger.name for trigger in triggers}
            for trigger in to_state.models[app_label, model_name].options["triggers"]:
                if trigger.name in replaced:
                    schema_editor.execute(trigger.install_sql, params=None)

    #: Backwards, the state to come has the triggers as they were.
    database_backwards = database_forwards

    def describe(self) -> str:
        return f"Replace triggers of {', '.join(self.triggers)}"


def triggers_of(state: Any, app_label: str) -> list[Any]:
    """The compiled triggers of every model of an app, in the order of the models."""
    return [
        trigger
        for (app, _name), model in state.models.items()
        if app == app_label
        for trigger in model.options.get("triggers", [])
    ]


class WithoutClaimViews(Operation):
    """Run operations while the views over all claims are away, and bring these back as they were.

    PostgreSQL refuses to change the type of a column that a view reads, and two read each shared column of claims.
    """

    reversible = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"operations": self.operations}

    def state_forwards(self, app_label: str, state: Any) -> None:
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        with claim_views_away(schema_editor):
            for operation, before, after in self.steps(app_label, from_state):
                operation.database_forwards(app_label, schema_editor, before, after)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        with claim_views_away(schema_editor):
            for operation, before, after in reversed(list(self.steps(app_label, to_state))):
                operation.database_backwards(app_label, schema_editor, after, before)

    def steps(self, app_label: str, state: Any) -> Iterator[tuple[Operation, Any, Any]]:
        """Each operation with the state of the models before and after it."""
        for operation in self.operations:
            after = state.clone()
            operation.state_forwards(app_label, after)
            yield operation, state, after
            state = after

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)


@contextmanager
def claim_views_away(schema_editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT viewname, definition FROM pg_views"
            " WHERE schemaname = current_schema AND viewname IN ('all_claims', 'all_mentions')"
        )
        views = cursor.fetchall()
    for name, _definition in views:
        schema_editor.execute(f"DROP VIEW {name}", params=None)
    yield
    for name, definition in views:
        schema_editor.execute(f"CREATE VIEW {name} AS {definition}", params=None)
