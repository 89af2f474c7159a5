"""Find a word and its family, no longer every word that begins so."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("records", "0002_stems")]
    operations = [
        migrations.RunSQL(
            (SQL / "stem_query.sql").read_text(encoding="utf-8"),
            (SQL / "stems.sql").read_text(encoding="utf-8").partition("-- What finds a word")[2].partition("\n")[2],
        ),
    ]
