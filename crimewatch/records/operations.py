"""Migration operations of our own."""

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


def triggers_of(state: Any, app_label: str) -> list[Any]:
    """The compiled triggers of every model of an app, in the order of the models."""
    return [
        trigger
        for (app, _name), model in state.models.items()
        if app == app_label
        for trigger in model.options.get("triggers", [])
    ]
