"""A migration operation of the journal."""

from typing import Any

from django.apps import apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

from crimewatch.citations.models import Claim
from crimewatch.records.models import Record

FUNCTION = """
    CREATE OR REPLACE FUNCTION curation_journal_goes_along() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        WITH entries AS (
            DELETE FROM curation_journalentry AS entry USING gone, django_content_type AS kind
            WHERE kind.app_label || '_' || kind.model = TG_TABLE_NAME
                AND entry.content_type_id = kind.id AND entry.object_id = gone.id
            RETURNING entry.id
        )
        DELETE FROM curation_journalmention WHERE entry_id IN (SELECT id FROM entries);
        RETURN NULL;
    END $$
"""
TRIGGER = """
    DO $$ BEGIN
        IF to_regclass('{table}') IS NOT NULL THEN
            CREATE OR REPLACE TRIGGER journal_goes_along AFTER DELETE ON {table}
            REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION curation_journal_goes_along();
        END IF;
    END $$
"""


class LetJournalGoAlong(Operation):
    """Let every record and claim take its journal along when it is deleted, by whatever way.

    All kinds that there are get the trigger: a new kind needs the operation once more.
    """

    reversible = True

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        schema_editor.execute(FUNCTION, params=None)
        for table in tables_with_journal():
            schema_editor.execute(TRIGGER.format(table=table), params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if app_label == "curation":  # where the journal itself goes; elsewhere a table goes with its trigger
            schema_editor.execute("DROP FUNCTION curation_journal_goes_along() CASCADE", params=None)

    def describe(self) -> str:
        return "Let every record and claim take its journal along when it is deleted"


def tables_with_journal() -> list[str]:
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, Record | Claim))
