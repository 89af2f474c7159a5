"""Keep the pattern of a uid to letters: how many there may be is kept by the column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("citations", "0004_hidden_records"),
        ("regions", "0007_support_by_primary_key"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="activitycitation",
            name="regions_activitycitation_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="occurrence",
            name="regions_occurrence_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="regioncitation",
            name="regions_regioncitation_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="regionestimate",
            name="regions_regionestimate_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="routecitation",
            name="regions_routecitation_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="routeleg",
            name="regions_routeleg_uid_is_an_identifier",
        ),
        migrations.AddConstraint(
            model_name="activitycitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="regions_activitycitation_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="occurrence",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="regions_occurrence_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regioncitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="regions_regioncitation_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regionestimate",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="regions_regionestimate_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="routecitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="regions_routecitation_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="routeleg",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="regions_routeleg_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
    ]
