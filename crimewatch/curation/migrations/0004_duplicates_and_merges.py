"""Keep pairs of records that may be one, what people say of them, and what was merged."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("curation", "0003_quality_desk"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("looked_at", models.DateTimeField(auto_now=True)),
                ("pairs", models.PositiveIntegerField(default=0)),
                (
                    "content_type",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_id", models.BigIntegerField()),
                ("second_id", models.BigIntegerField()),
                (
                    "answer",
                    models.CharField(
                        choices=[("same", "the same"), ("different", "different"), ("unsure", "unsure")],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("decided_at", models.DateTimeField(auto_now=True, verbose_name="decided")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="why")),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "verdict on a pair",
                "verbose_name_plural": "verdicts on pairs",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="VerdictEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("first_id", models.BigIntegerField()),
                ("second_id", models.BigIntegerField()),
                (
                    "answer",
                    models.CharField(
                        choices=[("same", "the same"), ("different", "different"), ("unsure", "unsure")],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("decided_at", models.DateTimeField(auto_now=True, verbose_name="decided")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="why")),
                (
                    "content_type",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
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
                        to="curation.verdict",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Likeness",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_id", models.BigIntegerField()),
                ("second_id", models.BigIntegerField()),
                ("strength", models.FloatField()),
                (
                    "grounds",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contenttypes.contenttype"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("content_type"), models.F("second_id"), name="likeness_second"),
                    models.Index(
                        models.F("content_type"),
                        models.OrderBy(models.F("strength"), descending=True),
                        models.F("id"),
                        name="likeness_strength",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("content_type"),
                        models.F("first_id"),
                        models.F("second_id"),
                        name="curation_likeness_is_unique",
                        violation_error_message="This pair is there already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_id__lt", models.F("second_id"))),
                        name="curation_likeness_is_in_order",
                        violation_error_message="A pair has two records, the one with the smaller number first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kept_id", models.BigIntegerField()),
                ("gone_id", models.BigIntegerField()),
                ("gone_name", models.CharField(max_length=300)),
                ("moved_rows", models.JSONField(default=dict, editable=False)),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("merged_at", models.DateTimeField(auto_now_add=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_because", models.CharField(blank=True, max_length=300)),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contenttypes.contenttype"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-merged_at", "-pk"],
                "default_permissions": (),
                "indexes": [models.Index(models.F("content_type"), models.F("kept_id"), name="merge_kept")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kept_id", models.F("gone_id")), _negated=True),
                        name="curation_merge_has_two_records",
                        violation_error_message="A record cannot be merged with itself.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__regex", "^\\s*$"), _negated=True),
                        name="curation_merge_has_a_reason",
                        violation_error_message="A merge needs a reason, for those who read the history later.",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(models.F("content_type"), models.F("second_id"), name="verdict_second"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(
                models.F("content_type"),
                models.F("first_id"),
                models.F("second_id"),
                name="curation_verdict_is_unique",
                violation_error_message="This pair is there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_id__lt", models.F("second_id"))),
                name="curation_verdict_is_in_order",
                violation_error_message="A pair has two records, the one with the smaller number first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["same", "different", "unsure"])),
                name="curation_verdict_answer_is_known",
                violation_error_message="The answer is one of: same, different, unsure.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verdict",
            trigger=pgtrigger.compiler.Trigger(
                name="both_are_there",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE kind regclass; number integer;",
                    func="\n        SELECT to_regclass(quote_ident(app_label || '_' || model)) INTO kind\n        FROM django_content_type WHERE id = NEW.content_type_id;\n        IF kind IS NOT NULL THEN\n            EXECUTE format(\n                'SELECT count(*) FROM (SELECT FROM %s WHERE id IN ($1, $2) FOR KEY SHARE) AS pair', kind\n            ) INTO number USING NEW.first_id, NEW.second_id;\n        END IF;\n        IF number IS DISTINCT FROM 2 THEN\n            RAISE EXCEPTION 'A record of the pair is not there any more.'\n                USING ERRCODE = 'foreign_key_violation', TABLE = 'curation_verdict';\n        END IF;\n        RETURN NEW;\n        ",
                    hash="21e8426de0ae5ca9061481e32778da2f38c037c7",
                    operation='INSERT OR UPDATE OF "content_type_id", "first_id", "second_id"',
                    pgid="pgtrigger_both_are_there_644bf",
                    table="curation_verdict",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verdict",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_verdictevent" ("answer", "content_type_id", "decided_at", "first_id", "id", "note", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "second_id") SELECT new_values."answer", new_values."content_type_id", new_values."decided_at", new_values."first_id", new_values."id", new_values."note", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."second_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="44495e8aa8d9c2604e9aa216839f95d177f21338",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d6231",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="curation_verdict",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verdict",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_verdictevent" ("answer", "content_type_id", "decided_at", "first_id", "id", "note", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "second_id") SELECT new_values."answer", new_values."content_type_id", new_values."decided_at", new_values."first_id", new_values."id", new_values."note", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."second_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7e8e4d24b50f8e1bd6d726b83d1f530598d0cc40",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d4ad9",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="curation_verdict",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verdict",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_verdictevent" ("answer", "content_type_id", "decided_at", "first_id", "id", "note", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "second_id") SELECT old_values."answer", old_values."content_type_id", old_values."decided_at", old_values."first_id", old_values."id", old_values."note", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."second_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="c84a139640baa80cf2da072708cc693adbe2bc49",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f631a",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="curation_verdict",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verdictevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0ff88d2108a43eae927823e44df4718529d7febf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_16d37",
                    table="curation_verdictevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
