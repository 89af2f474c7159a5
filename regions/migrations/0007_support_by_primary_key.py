"""Ask whether a published record is supported by its primary key alone, so that very many can be published at once."""

import pgtrigger.compiler
from django.db import migrations

from crimewatch.records.operations import ReplaceTriggers


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0006_order_of_time"),
    ]

    operations = [
        ReplaceTriggers(
            triggers={
                "activitycitation": [
                    pgtrigger.compiler.Trigger(
                        name="support_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            declare="DECLARE is_withdrawn boolean;",
                            func="\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.source_id, OLD.stance) IS DISTINCT FROM (NEW.source_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.source_id IS NOT NULL THEN\n                    PERFORM FROM citations_source WHERE id = OLD.source_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM citations_source WHERE id = OLD.source_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'citations_source' AND record_id = OLD.source_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM citations_source WHERE id = OLD.source_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_source_published_is_supported',\n                                TABLE = 'citations_source';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.record_id, OLD.stance) IS DISTINCT FROM (NEW.record_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.record_id IS NOT NULL THEN\n                    PERFORM FROM regions_illicitactivity WHERE id = OLD.record_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_illicitactivity WHERE id = OLD.record_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_illicitactivity' AND record_id = OLD.record_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_illicitactivity WHERE id = OLD.record_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_illicitactivity_published_is_supported',\n                                TABLE = 'regions_illicitactivity';\n                    END IF;\n                END IF;\n                \nRETURN NULL;",
                            hash="259d50ab38192ab1f022e386137453675edeabd9",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_support_stays_999e5",
                            table="regions_activitycitation",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "illicitactivity": [
                    pgtrigger.compiler.Trigger(
                        name="published_is_supported",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" = 'published')",
                            constraint="CONSTRAINT",
                            func="\n        IF (SELECT status FROM regions_illicitactivity WHERE id = NEW.id) = 'published' AND NOT EXISTS (\n            SELECT FROM all_mentions WHERE record_type = 'regions_illicitactivity' AND record_id = NEW.id AND supports\n        ) THEN\n            RAISE EXCEPTION '“%” cannot be published: no claim supports it yet. Add a claim with its source first.', NEW.slug\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_illicitactivity_published_is_supported',\n                    TABLE = 'regions_illicitactivity', COLUMN = 'status';\n        END IF;\n        RETURN NULL;\n        ",
                            hash="277582a15aabc42b54f502c625990763aa527356",
                            operation='INSERT OR UPDATE OF "status"',
                            pgid="pgtrigger_published_is_supported_72209",
                            table="regions_illicitactivity",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "occurrence": [
                    pgtrigger.compiler.Trigger(
                        name="support_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            declare="DECLARE is_withdrawn boolean;",
                            func="\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.source_id, OLD.stance) IS DISTINCT FROM (NEW.source_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.source_id IS NOT NULL THEN\n                    PERFORM FROM citations_source WHERE id = OLD.source_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM citations_source WHERE id = OLD.source_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'citations_source' AND record_id = OLD.source_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM citations_source WHERE id = OLD.source_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_source_published_is_supported',\n                                TABLE = 'citations_source';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.activity_id, OLD.stance) IS DISTINCT FROM (NEW.activity_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.activity_id IS NOT NULL THEN\n                    PERFORM FROM regions_illicitactivity WHERE id = OLD.activity_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_illicitactivity WHERE id = OLD.activity_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_illicitactivity' AND record_id = OLD.activity_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_illicitactivity WHERE id = OLD.activity_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_illicitactivity_published_is_supported',\n                                TABLE = 'regions_illicitactivity';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.region_id, OLD.stance) IS DISTINCT FROM (NEW.region_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.region_id IS NOT NULL THEN\n                    PERFORM FROM regions_region WHERE id = OLD.region_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_region WHERE id = OLD.region_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_region' AND record_id = OLD.region_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_region WHERE id = OLD.region_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_region_published_is_supported',\n                                TABLE = 'regions_region';\n                    END IF;\n                END IF;\n                \nRETURN NULL;",
                            hash="db26d17d1b83ffac1c0ad364af2b8ba1e2b92c52",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_support_stays_d1a5d",
                            table="regions_occurrence",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "region": [
                    pgtrigger.compiler.Trigger(
                        name="published_is_supported",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" = 'published')",
                            constraint="CONSTRAINT",
                            func="\n        IF (SELECT status FROM regions_region WHERE id = NEW.id) = 'published' AND NOT EXISTS (\n            SELECT FROM all_mentions WHERE record_type = 'regions_region' AND record_id = NEW.id AND supports\n        ) THEN\n            RAISE EXCEPTION '“%” cannot be published: no claim supports it yet. Add a claim with its source first.', NEW.slug\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_region_published_is_supported',\n                    TABLE = 'regions_region', COLUMN = 'status';\n        END IF;\n        RETURN NULL;\n        ",
                            hash="09c19da87ed04cd4a009543888073e8dfce8f0d1",
                            operation='INSERT OR UPDATE OF "status"',
                            pgid="pgtrigger_published_is_supported_065a0",
                            table="regions_region",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "regioncitation": [
                    pgtrigger.compiler.Trigger(
                        name="support_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            declare="DECLARE is_withdrawn boolean;",
                            func="\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.source_id, OLD.stance) IS DISTINCT FROM (NEW.source_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.source_id IS NOT NULL THEN\n                    PERFORM FROM citations_source WHERE id = OLD.source_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM citations_source WHERE id = OLD.source_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'citations_source' AND record_id = OLD.source_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM citations_source WHERE id = OLD.source_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_source_published_is_supported',\n                                TABLE = 'citations_source';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.record_id, OLD.stance) IS DISTINCT FROM (NEW.record_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.record_id IS NOT NULL THEN\n                    PERFORM FROM regions_region WHERE id = OLD.record_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_region WHERE id = OLD.record_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_region' AND record_id = OLD.record_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_region WHERE id = OLD.record_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_region_published_is_supported',\n                                TABLE = 'regions_region';\n                    END IF;\n                END IF;\n                \nRETURN NULL;",
                            hash="7fc1b7abb6d5b09b12685b3df125ec1074aed265",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_support_stays_64a1b",
                            table="regions_regioncitation",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "regionestimate": [
                    pgtrigger.compiler.Trigger(
                        name="support_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            declare="DECLARE is_withdrawn boolean;",
                            func="\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.source_id, OLD.stance) IS DISTINCT FROM (NEW.source_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.source_id IS NOT NULL THEN\n                    PERFORM FROM citations_source WHERE id = OLD.source_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM citations_source WHERE id = OLD.source_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'citations_source' AND record_id = OLD.source_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM citations_source WHERE id = OLD.source_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_source_published_is_supported',\n                                TABLE = 'citations_source';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.indicator_id, OLD.stance) IS DISTINCT FROM (NEW.indicator_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.indicator_id IS NOT NULL THEN\n                    PERFORM FROM citations_indicator WHERE id = OLD.indicator_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM citations_indicator WHERE id = OLD.indicator_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'citations_indicator' AND record_id = OLD.indicator_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM citations_indicator WHERE id = OLD.indicator_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_indicator_published_is_supported',\n                                TABLE = 'citations_indicator';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.region_id, OLD.stance) IS DISTINCT FROM (NEW.region_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.region_id IS NOT NULL THEN\n                    PERFORM FROM regions_region WHERE id = OLD.region_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_region WHERE id = OLD.region_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_region' AND record_id = OLD.region_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_region WHERE id = OLD.region_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_region_published_is_supported',\n                                TABLE = 'regions_region';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.activity_id, OLD.stance) IS DISTINCT FROM (NEW.activity_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.activity_id IS NOT NULL THEN\n                    PERFORM FROM regions_illicitactivity WHERE id = OLD.activity_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_illicitactivity WHERE id = OLD.activity_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_illicitactivity' AND record_id = OLD.activity_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_illicitactivity WHERE id = OLD.activity_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_illicitactivity_published_is_supported',\n                                TABLE = 'regions_illicitactivity';\n                    END IF;\n                END IF;\n                \nRETURN NULL;",
                            hash="f5c790e7ad56711fd995267cd24a989991ce5a38",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_support_stays_dc6ce",
                            table="regions_regionestimate",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "route": [
                    pgtrigger.compiler.Trigger(
                        name="published_is_supported",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" = 'published')",
                            constraint="CONSTRAINT",
                            func="\n        IF (SELECT status FROM regions_route WHERE id = NEW.id) = 'published' AND NOT EXISTS (\n            SELECT FROM all_mentions WHERE record_type = 'regions_route' AND record_id = NEW.id AND supports\n        ) THEN\n            RAISE EXCEPTION '“%” cannot be published: no claim supports it yet. Add a claim with its source first.', NEW.slug\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_route_published_is_supported',\n                    TABLE = 'regions_route', COLUMN = 'status';\n        END IF;\n        RETURN NULL;\n        ",
                            hash="d08b8b4b3d4cead5cb6306f445cae683d154982c",
                            operation='INSERT OR UPDATE OF "status"',
                            pgid="pgtrigger_published_is_supported_37cb5",
                            table="regions_route",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "routecitation": [
                    pgtrigger.compiler.Trigger(
                        name="support_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            declare="DECLARE is_withdrawn boolean;",
                            func="\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.source_id, OLD.stance) IS DISTINCT FROM (NEW.source_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.source_id IS NOT NULL THEN\n                    PERFORM FROM citations_source WHERE id = OLD.source_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM citations_source WHERE id = OLD.source_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'citations_source' AND record_id = OLD.source_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM citations_source WHERE id = OLD.source_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_source_published_is_supported',\n                                TABLE = 'citations_source';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.record_id, OLD.stance) IS DISTINCT FROM (NEW.record_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.record_id IS NOT NULL THEN\n                    PERFORM FROM regions_route WHERE id = OLD.record_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_route WHERE id = OLD.record_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_route' AND record_id = OLD.record_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_route WHERE id = OLD.record_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_route_published_is_supported',\n                                TABLE = 'regions_route';\n                    END IF;\n                END IF;\n                \nRETURN NULL;",
                            hash="e15ca16d2d82de9c23fe40015f0c70cfc59e024c",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_support_stays_a4b3f",
                            table="regions_routecitation",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
                "routeleg": [
                    pgtrigger.compiler.Trigger(
                        name="support_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            declare="DECLARE is_withdrawn boolean;",
                            func="\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.source_id, OLD.stance) IS DISTINCT FROM (NEW.source_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.source_id IS NOT NULL THEN\n                    PERFORM FROM citations_source WHERE id = OLD.source_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM citations_source WHERE id = OLD.source_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'citations_source' AND record_id = OLD.source_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM citations_source WHERE id = OLD.source_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'citations_source_published_is_supported',\n                                TABLE = 'citations_source';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.route_id, OLD.stance) IS DISTINCT FROM (NEW.route_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.route_id IS NOT NULL THEN\n                    PERFORM FROM regions_route WHERE id = OLD.route_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_route WHERE id = OLD.route_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_route' AND record_id = OLD.route_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_route WHERE id = OLD.route_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_route_published_is_supported',\n                                TABLE = 'regions_route';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.origin_id, OLD.stance) IS DISTINCT FROM (NEW.origin_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.origin_id IS NOT NULL THEN\n                    PERFORM FROM regions_region WHERE id = OLD.origin_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_region WHERE id = OLD.origin_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_region' AND record_id = OLD.origin_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_region WHERE id = OLD.origin_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_region_published_is_supported',\n                                TABLE = 'regions_region';\n                    END IF;\n                END IF;\n                \n\n                IF TG_OP = 'UPDATE' THEN\n                    is_withdrawn := (OLD.destination_id, OLD.stance) IS DISTINCT FROM (NEW.destination_id, NEW.stance);\n                ELSE\n                    is_withdrawn := true;\n                END IF;\n                IF is_withdrawn AND OLD.destination_id IS NOT NULL THEN\n                    PERFORM FROM regions_region WHERE id = OLD.destination_id FOR NO KEY UPDATE;\n                    IF (SELECT status FROM regions_region WHERE id = OLD.destination_id) = 'published'\n                        AND NOT EXISTS (\n                            SELECT FROM all_mentions\n                            WHERE record_type = 'regions_region' AND record_id = OLD.destination_id AND supports\n                        )\n                    THEN\n                        RAISE EXCEPTION\n                            '“%” is published and this is the last claim that supports it. Withdraw it first, or add a claim.',\n                            (SELECT slug FROM regions_region WHERE id = OLD.destination_id)\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'regions_region_published_is_supported',\n                                TABLE = 'regions_region';\n                    END IF;\n                END IF;\n                \nRETURN NULL;",
                            hash="abd0b8d3a8c50f00847ab5c4a64fd75169e4db5a",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_support_stays_dd3a7",
                            table="regions_routeleg",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
    ]
