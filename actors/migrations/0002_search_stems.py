"""Keep word families for search."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_stems"),
        ("actors", "0001_initial"),
        ("citations", "0002_search_stems"),
        ("regions", "0002_search_stems"),
    ]

    operations = [
        migrations.AddField(
            model_name="group",
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
            model_name="groupcitation",
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
            model_name="groupestimate",
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
            model_name="involvement",
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
            model_name="membership",
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
            model_name="person",
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
            model_name="personcitation",
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
            model_name="presence",
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
            model_name="relation",
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
            model_name="group",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="group_search_stems"),
        ),
        migrations.AddIndex(
            model_name="groupcitation",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="groupcitation_search_stems"),
        ),
        migrations.AddIndex(
            model_name="groupestimate",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="groupestimate_search_stems"),
        ),
        migrations.AddIndex(
            model_name="involvement",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="involvement_search_stems"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="membership_search_stems"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="person_search_stems"),
        ),
        migrations.AddIndex(
            model_name="personcitation",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="personcitation_search_stems"),
        ),
        migrations.AddIndex(
            model_name="presence",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="presence_search_stems"),
        ),
        migrations.AddIndex(
            model_name="relation",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="relation_search_stems"),
        ),
    ]
