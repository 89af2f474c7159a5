"""Keep word families for search."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_stems"),
        ("citations", "0002_search_stems"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="activitycitation",
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
            model_name="illicitactivity",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name"),
                    models.F("aliases"),
                    models.F("summary"),
                    models.F("note"),
                    function="crimewatch_record_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="occurrence",
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
        migrations.AddField(
            model_name="region",
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
            model_name="regioncitation",
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
            model_name="regionestimate",
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
            model_name="route",
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
            model_name="routecitation",
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
            model_name="routeleg",
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
            model_name="activitycitation",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_stems"], name="activitycitation_search_stems"
            ),
        ),
        migrations.AddIndex(
            model_name="illicitactivity",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_stems"], name="illicitactivity_search_stems"
            ),
        ),
        migrations.AddIndex(
            model_name="occurrence",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="occurrence_search_stems"),
        ),
        migrations.AddIndex(
            model_name="region",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="region_search_stems"),
        ),
        migrations.AddIndex(
            model_name="regioncitation",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="regioncitation_search_stems"),
        ),
        migrations.AddIndex(
            model_name="regionestimate",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="regionestimate_search_stems"),
        ),
        migrations.AddIndex(
            model_name="route",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="route_search_stems"),
        ),
        migrations.AddIndex(
            model_name="routecitation",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="routecitation_search_stems"),
        ),
        migrations.AddIndex(
            model_name="routeleg",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="routeleg_search_stems"),
        ),
    ]
