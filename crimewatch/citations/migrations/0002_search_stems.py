"""Keep word families for search; find sources by their authors and ISBN too."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_stems"),
        ("citations", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="indicator",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name"),
                    models.F("aliases"),
                    models.F("summary"),
                    models.F("definition"),
                    function="crimewatch_record_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="search_stems",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name"),
                    models.Func(
                        models.F("aliases"),
                        models.F("authors"),
                        function="array_cat",
                        output_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.TextField(), size=None
                        ),
                    ),
                    models.F("container_title"),
                    models.F("publisher"),
                    models.F("summary"),
                    models.F("note"),
                    function="crimewatch_record_stems",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.RemoveIndex(model_name="source", name="source_search_key"),
        # What a column is derived from cannot be changed: it is made anew.
        migrations.RemoveField(model_name="source", name="search_key"),
        migrations.AddField(
            model_name="source",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name"),
                    models.Func(
                        models.F("aliases"),
                        models.F("authors"),
                        function="array_cat",
                        output_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.TextField(), size=None
                        ),
                    ),
                    models.F("container_title"),
                    models.F("publisher"),
                    models.F("doi"),
                    models.F("isbn"),
                    models.F("url"),
                    models.F("slug"),
                    function="crimewatch_search_key",
                    output_field=models.TextField(),
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="source",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="source_search_key", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="indicator",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="indicator_search_stems"),
        ),
        migrations.AddIndex(
            model_name="source",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_stems"], name="source_search_stems"),
        ),
    ]
