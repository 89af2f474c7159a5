"""Functions that reduce texts to word families in English and Spanish, for search."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("records", "0001_extensions_and_functions")]
    operations = [
        migrations.RunSQL(
            (SQL / "stems.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION crimewatch_stem_query(text); DROP FUNCTION crimewatch_claim_stems(text[]);"
            " DROP FUNCTION crimewatch_record_stems(text, text[], text[]); DROP FUNCTION crimewatch_stems(text);",
        ),
    ]
