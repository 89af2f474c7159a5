"""`manage.py define_claim_views NAME`: the migration by which the views over all claims follow the models."""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.migrations.loader import MigrationLoader

from crimewatch.explorer import migrations
from crimewatch.explorer.models import all_claims_sql, all_mentions_sql, claim_models

MIGRATION = '''"""Define the views over all claims anew, as the models of their day ask for."""

from importlib import import_module
from typing import Any

from django.db import migrations

from crimewatch.curation.operations import LetJournalGoAlong

ALL_CLAIMS = """
{all_claims}
"""

ALL_MENTIONS = """
{all_mentions}
"""

DROP = "DROP VIEW IF EXISTS all_claims; DROP VIEW IF EXISTS all_mentions;"
BEFORE: Any = import_module("{before}")


class Migration(migrations.Migration):
    dependencies = [
{dependencies}
    ]
    operations = [
        migrations.RunSQL(
            f"{{DROP}} {{ALL_CLAIMS}}; {{ALL_MENTIONS}};",
            f"{{DROP}} {{BEFORE.ALL_CLAIMS}}; {{BEFORE.ALL_MENTIONS}};",
        ),
        LetJournalGoAlong(),
    ]
'''


class Command(BaseCommand):
    help = "Write the migration that defines the views all_claims and all_mentions as the models ask for them now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the migration is for, such as vessels")

    def handle(self, *_args: Any, name: str, **_options: Any) -> None:
        before = last_definition()
        sql = {"all_claims": all_claims_sql(), "all_mentions": all_mentions_sql()}
        if [before.ALL_CLAIMS.strip(), before.ALL_MENTIONS.strip()] == list(sql.values()):
            raise CommandError("The views are as the models ask for them: there is nothing to define anew.")
        needed = sorted((app, leaf_of(app)) for app in {"curation", "explorer", *apps_with_claims()})
        text = MIGRATION.format(
            **sql,
            before=before.__name__,
            dependencies="\n".join(f'        ("{app}", "{migration}"),' for app, migration in needed),
        )
        number = int(leaf_of("explorer")[:4]) + 1
        path = Path(migrations.__path__[0]) / f"{number:04}_{name}.py"
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {path}")


def last_definition() -> ModuleType:
    """The newest migration that defines the views."""
    names = sorted((name for app, name in MigrationLoader(None).disk_migrations if app == "explorer"), reverse=True)
    modules = (import_module(f"{migrations.__name__}.{name}") for name in names)
    return next(module for module in modules if hasattr(module, "ALL_CLAIMS"))


def apps_with_claims() -> set[str]:
    return {model._meta.app_label for model in claim_models()}


def leaf_of(app: str) -> str:
    """The name of an app's newest migration."""
    ((_, name),) = MigrationLoader(None).graph.leaf_nodes(app)
    return name
