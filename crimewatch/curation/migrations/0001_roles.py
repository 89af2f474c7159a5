"""Make the roles: reader, researcher, editor, data manager, administrator."""

from django.db import migrations

from crimewatch.curation import roles


def grant(_apps: object, _schema_editor: object) -> None:
    """Bring the groups to what ``roles`` says now: rights follow the code, not the day of the migration."""
    roles.grant()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("citations", "0003_restricted_records"),
        ("regions", "0003_restricted_records"),
        ("actors", "0003_restricted_records"),
        ("programs", "0003_restricted_records"),
    ]

    operations = [
        # Taken back, the groups stay: people are in them.
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
