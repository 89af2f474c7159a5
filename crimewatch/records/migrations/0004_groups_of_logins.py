"""A function that tells the groups that somebody is in."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("records", "0003_families_only"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.RunSQL(
            (SQL / "groups_of.sql").read_text(encoding="utf-8"), "DROP FUNCTION crimewatch_groups_of(bigint);"
        ),
    ]
