"""Keep word families for search."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_stems"),
        ("actors", "0002_search_stems"),
        ("citations", "0002_search_stems"),
        ("programs", "0001_initial"),
        ("regions", "0002_search_stems"),
    ]

    operations = [
        migrations.AddField(
            model_name="agency",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name"),
                    models.F("aliases"),
                    models.F("summary"),
                    function="crimewatch_record_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="agencycitation",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("attributed_to"),
                    models.F("quotation"),
                    models.F("note"),
                    models.F("statement"),
                    function="crimewatch_claim_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="agencyestimate",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("attributed_to"),
                    models.F("quotation"),
                    models.F("note"),
                    models.F("basis"),
                    models.F("source_words"),
                    function="crimewatch_claim_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("attributed_to"),
                    models.F("quotation"),
                    models.F("note"),
                    models.F("post"),
                    function="crimewatch_claim_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("attributed_to"),
                    models.F("quotation"),
                    models.F("note"),
                    models.F("statement"),
                    function="crimewatch_claim_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("attributed_to"),
                    models.F("quotation"),
                    models.F("note"),
                    models.F("event"),
                    function="crimewatch_claim_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="program",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name"),
                    models.F("aliases"),
                    models.F("summary"),
                    function="crimewatch_record_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="programcitation",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("attributed_to"),
                    models.F("quotation"),
                    models.F("note"),
                    models.F("statement"),
                    function="crimewatch_claim_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="programestimate",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("attributed_to"),
                    models.F("quotation"),
                    models.F("note"),
                    models.F("basis"),
                    models.F("source_words"),
                    function="crimewatch_claim_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="target",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("attributed_to"),
                    models.F("quotation"),
                    models.F("note"),
                    function="crimewatch_claim_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="agency",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="agency_search_stems"),
        ),
        migrations.AddIndex(
            model_name="agencycitation",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="agencycitation_search_stems"),
        ),
        migrations.AddIndex(
            model_name="agencyestimate",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="agencyestimate_search_stems"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="appointment_search_stems"),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="assessment_search_stems"),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="milestone_search_stems"),
        ),
        migrations.AddIndex(
            model_name="program",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="program_search_stems"),
        ),
        migrations.AddIndex(
            model_name="programcitation",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_stems"], name="programcitation_search_stems"
            ),
        ),
        migrations.AddIndex(
            model_name="programestimate",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_stems"], name="programestimate_search_stems"
            ),
        ),
        migrations.AddIndex(
            model_name="target",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="target_search_stems"),
        ),
    ]
