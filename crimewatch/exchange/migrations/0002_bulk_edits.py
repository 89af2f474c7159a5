"""Batches that change many chosen rows at once."""

from django.conf import settings
from django.db import migrations, models


def make_imports(apps, _editor):
    """Without bulk edits, those that there were are imports: they did as much to the history."""
    apps.get_model("exchange", "ImportBatch").objects.filter(kind="edit").update(kind="import")


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0001_batches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="importbatch",
            name="exchange_importbatch_kind_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="importbatch",
            name="exchange_importbatch_undo_names_what_it_undoes",
        ),
        migrations.AlterField(
            model_name="importbatch",
            name="kind",
            field=models.CharField(
                choices=[("import", "import"), ("undo", "undo"), ("edit", "bulk edit")],
                default="import",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="importbatchevent",
            name="kind",
            field=models.CharField(
                choices=[("import", "import"), ("undo", "undo"), ("edit", "bulk edit")],
                default="import",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["import", "undo", "edit"])),
                name="exchange_importbatch_kind_is_known",
                violation_error_message="The kind is one of: import, undo, edit.",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "undo"), ("undoes__isnull", False)),
                    models.Q(models.Q(("kind", "undo"), _negated=True), ("undoes__isnull", True)),
                    _connector="OR",
                ),
                name="exchange_importbatch_undo_names_what_it_undoes",
                violation_error_message="An undo takes back one batch, and no other kind does.",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, make_imports),
    ]
