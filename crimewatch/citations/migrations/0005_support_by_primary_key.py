"""Ask whether a published record is supported by its primary key alone, so that very many can be published at once."""

import pgtrigger.compiler
from django.db import migrations

from crimewatch.records.operations import ReplaceTriggers


class Migration(migrations.Migration):
    dependencies = [
        ("citations", "0004_hidden_records"),
    ]

    operations = [
        ReplaceTriggers(
            triggers={
                "indicator": [
                    pgtrigger.compiler.Trigger(
                        name="published_is_supported",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" = 'published')",
                            constraint="CONSTRAINT",
                            func="\n        IF (SELECT status FROM citations_indicator WHERE id = NEW.id) = 'published' AND NOT EXISTS (\n            SELECT FROM all_mentions WHERE record_type = 'citations_indicator' AND record_id = NEW.id AND supports\n        ) THEN\n            RAISE EXCEPTION '“%” cannot be published: no claim supports it yet. Add a claim with its source first.', NEW.slug\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_indicator_published_is_supported',\n                    TABLE = 'citations_indicator', COLUMN = 'status';\n        END IF;\n        RETURN NULL;\n        ",
                            hash="94df518f041cc64b634c55b3bcebc8b76bb9e57e",
                            operation='INSERT OR UPDATE OF "status"',
                            pgid="pgtrigger_published_is_supported_6ae64",
                            table="citations_indicator",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "source": [
                    pgtrigger.compiler.Trigger(
                        name="published_is_supported",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" = 'published')",
                            constraint="CONSTRAINT",
                            func="\n        IF (SELECT status FROM citations_source WHERE id = NEW.id) = 'published' AND NOT EXISTS (\n            SELECT FROM all_mentions WHERE record_type = 'citations_source' AND record_id = NEW.id AND supports\n        ) THEN\n            RAISE EXCEPTION '“%” cannot be published: no claim supports it yet. Add a claim with its source first.', NEW.slug\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_source_published_is_supported',\n                    TABLE = 'citations_source', COLUMN = 'status';\n        END IF;\n        RETURN NULL;\n        ",
                            hash="ddffc591d24bcdee9dfc8eced27ea0d709ee7f68",
                            operation='INSERT OR UPDATE OF "status"',
                            pgid="pgtrigger_published_is_supported_45aae",
                            table="citations_source",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
    ]
