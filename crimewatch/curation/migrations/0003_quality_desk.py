"""The quality desk: dismissed findings with their history, numbers day by day, and what addresses answered."""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("citations", "0003_restricted_records"),
        ("curation", "0002_journal"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("audience", models.CharField(max_length=64, verbose_name="for")),
                ("check_name", models.CharField(max_length=40, verbose_name="check")),
                ("day", models.DateField(verbose_name="day")),
                ("number", models.PositiveBigIntegerField(verbose_name="number")),
                ("counted_at", models.DateTimeField(verbose_name="counted")),
                ("milliseconds", models.PositiveIntegerField(verbose_name="milliseconds")),
            ],
            options={
                "verbose_name": "number of findings",
                "verbose_name_plural": "numbers of findings",
                "ordering": ["day"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("audience", "check_name", "day"), name="curation_dailycount_is_one_of_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("check_name", models.CharField(max_length=40, verbose_name="check")),
                (
                    "kind",
                    models.CharField(
                        help_text="The table, such as actors.presence.", max_length=80, verbose_name="kind"
                    ),
                ),
                ("row", models.BigIntegerField(verbose_name="row")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("dismissed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="dismissed")),
                (
                    "dismissed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "dismissed finding",
                "verbose_name_plural": "dismissed findings",
                "ordering": ["-dismissed_at", "-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DismissalEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("check_name", models.CharField(max_length=40, verbose_name="check")),
                (
                    "kind",
                    models.CharField(
                        help_text="The table, such as actors.presence.", max_length=80, verbose_name="kind"
                    ),
                ),
                ("row", models.BigIntegerField(verbose_name="row")),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("dismissed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="dismissed")),
                (
                    "dismissed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="curation.dismissal",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.URLField(max_length=1000, verbose_name="address")),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("answers", "answers"),
                            ("refused", "does not let programs in"),
                            ("gone", "the page is gone"),
                            ("unreachable", "cannot be reached"),
                            ("not-asked", "was not asked"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="status of HTTP")),
                ("detail", models.CharField(blank=True, max_length=300, verbose_name="in words")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="link_checks",
                        to="citations.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "check of a link",
                "verbose_name_plural": "checks of links",
                "ordering": ["-checked_at", "-pk"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="dismissal",
            constraint=models.UniqueConstraint(
                models.F("check_name"),
                models.F("kind"),
                models.F("row"),
                name="curation_dismissal_is_one_of_a_finding",
                violation_error_message="This finding has been dismissed already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dismissal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "^\\s*$"), _negated=True),
                name="curation_dismissal_has_a_reason",
                violation_error_message="Say in a few words why it is right as it is.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dismissal",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_dismissalevent" ("check_name", "dismissed_at", "dismissed_by_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "row") SELECT new_values."check_name", new_values."dismissed_at", new_values."dismissed_by_id", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."row" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a391bc5c8b095241f9fb7d73ba236c88c21f0e38",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_85f77",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="curation_dismissal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dismissal",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_dismissalevent" ("check_name", "dismissed_at", "dismissed_by_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "row") SELECT new_values."check_name", new_values."dismissed_at", new_values."dismissed_by_id", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."row" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ed44c27df12f0b57a5c6670cbe88415c58e83a88",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a8d56",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="curation_dismissal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dismissal",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_dismissalevent" ("check_name", "dismissed_at", "dismissed_by_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "row") SELECT old_values."check_name", old_values."dismissed_at", old_values."dismissed_by_id", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."row" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="15a6c82f0c8c10208d3c7409a3e87f32e5d47d56",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d64ef",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="curation_dismissal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dismissalevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="54009bbfd164dd5609a38a3d202b0034959de0b9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f30d5",
                    table="curation_dismissalevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="linkcheck",
            index=models.Index(fields=["source", "-checked_at"], name="linkcheck_of_source"),
        ),
        migrations.AddConstraint(
            model_name="linkcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["answers", "refused", "gone", "unreachable", "not-asked"])),
                name="curation_linkcheck_outcome_is_known",
                violation_error_message="The outcome is one of: answers, refused, gone, unreachable, not-asked.",
            ),
        ),
    ]
