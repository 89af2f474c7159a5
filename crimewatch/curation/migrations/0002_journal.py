"""The journal of records and claims, which goes along when these are deleted."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crimewatch.curation.operations import LetJournalGoAlong


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("curation", "0001_roles"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.BigIntegerField()),
                (
                    "text",
                    models.TextField(
                        error_messages={"blank": "Write something first."},
                        help_text="Plain text. @ and a login calls that person.",
                        max_length=2000,
                        verbose_name="text",
                    ),
                ),
                ("is_question", models.BooleanField(default=False, verbose_name="a question")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="for",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contenttypes.contenttype"
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="curation.journalentry",
                        verbose_name="answer to",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal entry",
                "verbose_name_plural": "journal entries",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="JournalEntryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("object_id", models.BigIntegerField()),
                (
                    "text",
                    models.TextField(
                        error_messages={"blank": "Write something first."},
                        help_text="Plain text. @ and a login calls that person.",
                        max_length=2000,
                        verbose_name="text",
                    ),
                ),
                ("is_question", models.BooleanField(default=False, verbose_name="a question")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="for",
                    ),
                ),
                (
                    "author",
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
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
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
                        to="curation.journalentry",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="curation.journalentry",
                        verbose_name="answer to",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="JournalMention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="curation.journalentry"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "mention",
                "verbose_name_plural": "mentions",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="JournalMentionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="curation.journalentry",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                        to="curation.journalmention",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(
                models.F("content_type"), models.F("object_id"), models.F("id"), name="journalentry_about"
            ),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(
                models.F("assigned_to"),
                models.F("id"),
                condition=models.Q(("closed_at", None), ("is_question", True)),
                name="journalentry_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("text__regex", "^\\s*$"), _negated=True),
                name="curation_journalentry_has_a_text",
                violation_error_message="Write something first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("text"), 2000)
                ),
                name="curation_journalentry_is_not_too_long",
                violation_error_message="An entry has at most 2,000 characters: shorten it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_question", True),
                    models.Q(("assigned_to", None), ("closed_at", None), ("closed_by", None)),
                    _connector="OR",
                ),
                name="curation_journalentry_only_questions_are_open",
                violation_error_message="Only a question is for somebody, and can be closed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_question", False), ("question", None), _connector="OR"),
                name="curation_journalentry_an_answer_is_no_question",
                violation_error_message="An answer is not a question of its own.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentry",
            trigger=pgtrigger.compiler.Trigger(
                name="about_is_there",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE about text; is_there integer;",
                    func="\n        SELECT quote_ident(app_label || '_' || model) INTO about\n        FROM django_content_type WHERE id = NEW.content_type_id;\n        IF EXISTS (\n            SELECT FROM pg_trigger WHERE tgrelid = to_regclass(about) AND tgname = 'journal_goes_along'\n        ) THEN\n            EXECUTE format('SELECT 1 FROM %s WHERE id = $1 FOR KEY SHARE', about) INTO is_there USING NEW.object_id;\n        END IF;\n        IF is_there IS NULL THEN\n            RAISE EXCEPTION 'What the entry is about is not there: an entry is about a record or a claim.'\n                USING ERRCODE = 'foreign_key_violation', TABLE = 'curation_journalentry';\n        END IF;\n        RETURN NEW;\n        ",
                    hash="68f6854923c24b2126b6eca9df5fa9ed53b77c35",
                    operation='INSERT OR UPDATE OF "content_type_id", "object_id"',
                    pgid="pgtrigger_about_is_there_cc6fe",
                    table="curation_journalentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentry",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_journalentryevent" ("assigned_to_id", "author_id", "closed_at", "closed_by_id", "content_type_id", "created_at", "id", "is_question", "object_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "text", "updated_at") SELECT new_values."assigned_to_id", new_values."author_id", new_values."closed_at", new_values."closed_by_id", new_values."content_type_id", new_values."created_at", new_values."id", new_values."is_question", new_values."object_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."question_id", new_values."text", new_values."updated_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="48eb1e10a618707217b90cbd7e971bfdd5a5eaca",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_86bc4",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="curation_journalentry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentry",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_journalentryevent" ("assigned_to_id", "author_id", "closed_at", "closed_by_id", "content_type_id", "created_at", "id", "is_question", "object_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "text", "updated_at") SELECT new_values."assigned_to_id", new_values."author_id", new_values."closed_at", new_values."closed_by_id", new_values."content_type_id", new_values."created_at", new_values."id", new_values."is_question", new_values."object_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."question_id", new_values."text", new_values."updated_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="88b558a4a477f88465216ab2bfc1a71b73710562",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ffabc",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="curation_journalentry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentry",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_journalentryevent" ("assigned_to_id", "author_id", "closed_at", "closed_by_id", "content_type_id", "created_at", "id", "is_question", "object_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "text", "updated_at") SELECT old_values."assigned_to_id", old_values."author_id", old_values."closed_at", old_values."closed_by_id", old_values."content_type_id", old_values."created_at", old_values."id", old_values."is_question", old_values."object_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."question_id", old_values."text", old_values."updated_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="4532feed178fdd9e63e6809a50b70fe31750f4ff",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a2aa9",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="curation_journalentry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalentryevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="30b811156ff7ee4c5b6c6524dd70d2ef549ede26",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_77117",
                    table="curation_journalentryevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="journalmention",
            constraint=models.UniqueConstraint(
                fields=("entry", "person"),
                name="curation_journalmention_once",
                violation_error_message="An entry mentions a person once.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalmention",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_journalmentionevent" ("entry_id", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."entry_id", new_values."id", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="6bd7d1c55e539292aaecb7d93144b5db51b2cd20",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e1793",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="curation_journalmention",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalmention",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_journalmentionevent" ("entry_id", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."entry_id", new_values."id", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="1a167a6346d74a9a227a8bdae6736dfb406f3ccd",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_40a22",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="curation_journalmention",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalmention",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "curation_journalmentionevent" ("entry_id", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."entry_id", old_values."id", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="837b6c12e56279f7c4e7c7f70e5e531160c11c95",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_eaab6",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="curation_journalmention",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="journalmentionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c63f71103b2160d37b3cb1f8c690b5c60929e122",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_565f2",
                    table="curation_journalmentionevent",
                    when="BEFORE",
                ),
            ),
        ),
        LetJournalGoAlong(),
    ]
