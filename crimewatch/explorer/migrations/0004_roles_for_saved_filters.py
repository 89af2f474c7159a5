"""Let administrators see and delete the saved filters of others."""

from django.db import migrations

from crimewatch.curation import roles


def grant(_apps: object, _schema_editor: object) -> None:
    """Bring the groups to what ``roles`` says now: rights follow the code, not the day of the migration."""
    roles.grant()


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0001_roles"),
        ("explorer", "0003_saved_filters"),
    ]

    operations = [
        # Taken back, the rights go with the table.
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
