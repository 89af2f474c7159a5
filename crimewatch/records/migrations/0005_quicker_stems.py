"""The stems of a text in less time; they are the same as before, so nothing that is stored changes."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("records", "0004_groups_of_logins")]

    operations = [
        migrations.RunSQL(
            (SQL / "stems.sql").read_text(encoding="utf-8").partition("-- What finds a word")[0], migrations.RunSQL.noop
        ),
    ]
