"""Keep the pattern of a uid to letters: how many there may be is kept by the column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actors", "0008_uid_pattern"),
        ("citations", "0004_hidden_records"),
        ("programs", "0007_support_by_primary_key"),
        ("regions", "0006_order_of_time"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="agencycitation",
            name="programs_agencycitation_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="agencyestimate",
            name="programs_agencyestimate_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="appointment",
            name="programs_appointment_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="assessment",
            name="programs_assessment_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="milestone",
            name="programs_milestone_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="programcitation",
            name="programs_programcitation_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="programestimate",
            name="programs_programestimate_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="target",
            name="programs_target_uid_is_an_identifier",
        ),
        migrations.AddConstraint(
            model_name="agencycitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="programs_agencycitation_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agencyestimate",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="programs_agencyestimate_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="programs_appointment_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="programs_assessment_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="programs_milestone_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="programcitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="programs_programcitation_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="programestimate",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="programs_programestimate_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="programs_target_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
    ]
