"""Keep the pattern of a uid to letters: how many there may be is kept by the column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actors", "0007_support_by_primary_key"),
        ("citations", "0004_hidden_records"),
        ("regions", "0006_order_of_time"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="groupcitation",
            name="actors_groupcitation_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="groupestimate",
            name="actors_groupestimate_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="involvement",
            name="actors_involvement_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="actors_membership_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="personcitation",
            name="actors_personcitation_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="presence",
            name="actors_presence_uid_is_an_identifier",
        ),
        migrations.RemoveConstraint(
            model_name="relation",
            name="actors_relation_uid_is_an_identifier",
        ),
        migrations.AddConstraint(
            model_name="groupcitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="actors_groupcitation_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupestimate",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="actors_groupestimate_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="involvement",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="actors_involvement_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="actors_membership_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="personcitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="actors_personcitation_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="actors_presence_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("uid__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="actors_relation_uid_is_an_identifier",
                violation_error_message="A uid has 1 to 64 letters, digits, dots, hyphens or underscores.",
            ),
        ),
    ]
