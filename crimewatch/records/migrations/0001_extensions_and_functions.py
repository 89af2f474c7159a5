"""The database's own part: trigram search without accents, and partial dates as ranges of days."""

from pathlib import Path

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(
            (SQL / "search.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION crimewatch_search_key(text, text[], text[]); DROP FUNCTION crimewatch_fold(text);",
        ),
        migrations.RunSQL(
            (SQL / "edtf_daterange.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION edtf_daterange(text);",
        ),
    ]
