"""Define the views over all claims anew, as the models of their day ask for."""

from importlib import import_module
from typing import Any

from django.db import migrations

ALL_CLAIMS = """
CREATE VIEW all_claims AS
SELECT 'actors_groupcitation:' || id AS key, 'actors_groupcitation' AS claim_type, id AS claim_id, 'actors_group' AS subject_type, record_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM actors_groupcitation
UNION ALL
SELECT 'actors_groupestimate:' || id AS key, 'actors_groupestimate' AS claim_type, id AS claim_id, 'actors_group' AS subject_type, group_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM actors_groupestimate
UNION ALL
SELECT 'actors_involvement:' || id AS key, 'actors_involvement' AS claim_type, id AS claim_id, 'actors_group' AS subject_type, group_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM actors_involvement
UNION ALL
SELECT 'actors_membership:' || id AS key, 'actors_membership' AS claim_type, id AS claim_id, 'actors_person' AS subject_type, person_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM actors_membership
UNION ALL
SELECT 'actors_personcitation:' || id AS key, 'actors_personcitation' AS claim_type, id AS claim_id, 'actors_person' AS subject_type, record_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM actors_personcitation
UNION ALL
SELECT 'actors_presence:' || id AS key, 'actors_presence' AS claim_type, id AS claim_id, 'actors_group' AS subject_type, group_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM actors_presence
UNION ALL
SELECT 'actors_relation:' || id AS key, 'actors_relation' AS claim_type, id AS claim_id, 'actors_group' AS subject_type, group_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM actors_relation
UNION ALL
SELECT 'programs_agencycitation:' || id AS key, 'programs_agencycitation' AS claim_type, id AS claim_id, 'programs_agency' AS subject_type, record_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM programs_agencycitation
UNION ALL
SELECT 'programs_agencyestimate:' || id AS key, 'programs_agencyestimate' AS claim_type, id AS claim_id, 'programs_agency' AS subject_type, agency_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM programs_agencyestimate
UNION ALL
SELECT 'programs_appointment:' || id AS key, 'programs_appointment' AS claim_type, id AS claim_id, 'programs_agency' AS subject_type, agency_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM programs_appointment
UNION ALL
SELECT 'programs_assessment:' || id AS key, 'programs_assessment' AS claim_type, id AS claim_id, 'programs_program' AS subject_type, program_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM programs_assessment
UNION ALL
SELECT 'programs_milestone:' || id AS key, 'programs_milestone' AS claim_type, id AS claim_id, 'programs_program' AS subject_type, program_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM programs_milestone
UNION ALL
SELECT 'programs_programcitation:' || id AS key, 'programs_programcitation' AS claim_type, id AS claim_id, 'programs_program' AS subject_type, record_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM programs_programcitation
UNION ALL
SELECT 'programs_programestimate:' || id AS key, 'programs_programestimate' AS claim_type, id AS claim_id, 'programs_program' AS subject_type, program_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM programs_programestimate
UNION ALL
SELECT 'programs_target:' || id AS key, 'programs_target' AS claim_type, id AS claim_id, 'programs_program' AS subject_type, program_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM programs_target
UNION ALL
SELECT 'regions_activitycitation:' || id AS key, 'regions_activitycitation' AS claim_type, id AS claim_id, 'regions_illicitactivity' AS subject_type, record_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM regions_activitycitation
UNION ALL
SELECT 'regions_occurrence:' || id AS key, 'regions_occurrence' AS claim_type, id AS claim_id, 'regions_illicitactivity' AS subject_type, activity_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM regions_occurrence
UNION ALL
SELECT 'regions_regioncitation:' || id AS key, 'regions_regioncitation' AS claim_type, id AS claim_id, 'regions_region' AS subject_type, record_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM regions_regioncitation
UNION ALL
SELECT 'regions_regionestimate:' || id AS key, 'regions_regionestimate' AS claim_type, id AS claim_id, 'regions_region' AS subject_type, region_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM regions_regionestimate
UNION ALL
SELECT 'regions_routecitation:' || id AS key, 'regions_routecitation' AS claim_type, id AS claim_id, 'regions_route' AS subject_type, record_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM regions_routecitation
UNION ALL
SELECT 'regions_routeleg:' || id AS key, 'regions_routeleg' AS claim_type, id AS claim_id, 'regions_route' AS subject_type, route_id AS subject_id, "uid", "source_id", "locator_type", "locator", "quotation", "wording", "attributed_to", "credibility", "stance", "status", "when", "period", "note", "created_at", "updated_at", "search_key", "search_stems" FROM regions_routeleg
"""

ALL_MENTIONS = """
CREATE VIEW all_mentions AS
SELECT 'actors_groupcitation' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM actors_groupcitation
UNION ALL
SELECT 'actors_groupcitation' AS claim_type, id AS claim_id, 'record' AS role, 'actors_group' AS record_type, record_id AS record_id, stance = 'supports' AS supports FROM actors_groupcitation
UNION ALL
SELECT 'actors_groupestimate' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM actors_groupestimate
UNION ALL
SELECT 'actors_groupestimate' AS claim_type, id AS claim_id, 'indicator' AS role, 'citations_indicator' AS record_type, indicator_id AS record_id, stance = 'supports' AS supports FROM actors_groupestimate
UNION ALL
SELECT 'actors_groupestimate' AS claim_type, id AS claim_id, 'group' AS role, 'actors_group' AS record_type, group_id AS record_id, stance = 'supports' AS supports FROM actors_groupestimate
UNION ALL
SELECT 'actors_involvement' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM actors_involvement
UNION ALL
SELECT 'actors_involvement' AS claim_type, id AS claim_id, 'group' AS role, 'actors_group' AS record_type, group_id AS record_id, stance = 'supports' AS supports FROM actors_involvement
UNION ALL
SELECT 'actors_involvement' AS claim_type, id AS claim_id, 'activity' AS role, 'regions_illicitactivity' AS record_type, activity_id AS record_id, stance = 'supports' AS supports FROM actors_involvement
UNION ALL
SELECT 'actors_involvement' AS claim_type, id AS claim_id, 'region' AS role, 'regions_region' AS record_type, region_id AS record_id, stance = 'supports' AS supports FROM actors_involvement WHERE region_id IS NOT NULL
UNION ALL
SELECT 'actors_membership' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM actors_membership
UNION ALL
SELECT 'actors_membership' AS claim_type, id AS claim_id, 'person' AS role, 'actors_person' AS record_type, person_id AS record_id, stance = 'supports' AS supports FROM actors_membership
UNION ALL
SELECT 'actors_membership' AS claim_type, id AS claim_id, 'group' AS role, 'actors_group' AS record_type, group_id AS record_id, stance = 'supports' AS supports FROM actors_membership
UNION ALL
SELECT 'actors_personcitation' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM actors_personcitation
UNION ALL
SELECT 'actors_personcitation' AS claim_type, id AS claim_id, 'record' AS role, 'actors_person' AS record_type, record_id AS record_id, stance = 'supports' AS supports FROM actors_personcitation
UNION ALL
SELECT 'actors_presence' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM actors_presence
UNION ALL
SELECT 'actors_presence' AS claim_type, id AS claim_id, 'group' AS role, 'actors_group' AS record_type, group_id AS record_id, stance = 'supports' AS supports FROM actors_presence
UNION ALL
SELECT 'actors_presence' AS claim_type, id AS claim_id, 'region' AS role, 'regions_region' AS record_type, region_id AS record_id, stance = 'supports' AS supports FROM actors_presence
UNION ALL
SELECT 'actors_relation' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM actors_relation
UNION ALL
SELECT 'actors_relation' AS claim_type, id AS claim_id, 'group' AS role, 'actors_group' AS record_type, group_id AS record_id, stance = 'supports' AS supports FROM actors_relation
UNION ALL
SELECT 'actors_relation' AS claim_type, id AS claim_id, 'other' AS role, 'actors_group' AS record_type, other_id AS record_id, stance = 'supports' AS supports FROM actors_relation
UNION ALL
SELECT 'programs_agencycitation' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM programs_agencycitation
UNION ALL
SELECT 'programs_agencycitation' AS claim_type, id AS claim_id, 'record' AS role, 'programs_agency' AS record_type, record_id AS record_id, stance = 'supports' AS supports FROM programs_agencycitation
UNION ALL
SELECT 'programs_agencyestimate' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM programs_agencyestimate
UNION ALL
SELECT 'programs_agencyestimate' AS claim_type, id AS claim_id, 'indicator' AS role, 'citations_indicator' AS record_type, indicator_id AS record_id, stance = 'supports' AS supports FROM programs_agencyestimate
UNION ALL
SELECT 'programs_agencyestimate' AS claim_type, id AS claim_id, 'agency' AS role, 'programs_agency' AS record_type, agency_id AS record_id, stance = 'supports' AS supports FROM programs_agencyestimate
UNION ALL
SELECT 'programs_appointment' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM programs_appointment
UNION ALL
SELECT 'programs_appointment' AS claim_type, id AS claim_id, 'agency' AS role, 'programs_agency' AS record_type, agency_id AS record_id, stance = 'supports' AS supports FROM programs_appointment
UNION ALL
SELECT 'programs_appointment' AS claim_type, id AS claim_id, 'person' AS role, 'actors_person' AS record_type, person_id AS record_id, stance = 'supports' AS supports FROM programs_appointment
UNION ALL
SELECT 'programs_assessment' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM programs_assessment
UNION ALL
SELECT 'programs_assessment' AS claim_type, id AS claim_id, 'program' AS role, 'programs_program' AS record_type, program_id AS record_id, stance = 'supports' AS supports FROM programs_assessment
UNION ALL
SELECT 'programs_milestone' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM programs_milestone
UNION ALL
SELECT 'programs_milestone' AS claim_type, id AS claim_id, 'program' AS role, 'programs_program' AS record_type, program_id AS record_id, stance = 'supports' AS supports FROM programs_milestone
UNION ALL
SELECT 'programs_programcitation' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM programs_programcitation
UNION ALL
SELECT 'programs_programcitation' AS claim_type, id AS claim_id, 'record' AS role, 'programs_program' AS record_type, record_id AS record_id, stance = 'supports' AS supports FROM programs_programcitation
UNION ALL
SELECT 'programs_programestimate' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM programs_programestimate
UNION ALL
SELECT 'programs_programestimate' AS claim_type, id AS claim_id, 'indicator' AS role, 'citations_indicator' AS record_type, indicator_id AS record_id, stance = 'supports' AS supports FROM programs_programestimate
UNION ALL
SELECT 'programs_programestimate' AS claim_type, id AS claim_id, 'program' AS role, 'programs_program' AS record_type, program_id AS record_id, stance = 'supports' AS supports FROM programs_programestimate
UNION ALL
SELECT 'programs_target' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM programs_target
UNION ALL
SELECT 'programs_target' AS claim_type, id AS claim_id, 'program' AS role, 'programs_program' AS record_type, program_id AS record_id, stance = 'supports' AS supports FROM programs_target
UNION ALL
SELECT 'programs_target' AS claim_type, id AS claim_id, 'activity' AS role, 'regions_illicitactivity' AS record_type, activity_id AS record_id, stance = 'supports' AS supports FROM programs_target WHERE activity_id IS NOT NULL
UNION ALL
SELECT 'programs_target' AS claim_type, id AS claim_id, 'region' AS role, 'regions_region' AS record_type, region_id AS record_id, stance = 'supports' AS supports FROM programs_target WHERE region_id IS NOT NULL
UNION ALL
SELECT 'programs_target' AS claim_type, id AS claim_id, 'group' AS role, 'actors_group' AS record_type, group_id AS record_id, stance = 'supports' AS supports FROM programs_target WHERE group_id IS NOT NULL
UNION ALL
SELECT 'regions_activitycitation' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM regions_activitycitation
UNION ALL
SELECT 'regions_activitycitation' AS claim_type, id AS claim_id, 'record' AS role, 'regions_illicitactivity' AS record_type, record_id AS record_id, stance = 'supports' AS supports FROM regions_activitycitation
UNION ALL
SELECT 'regions_occurrence' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM regions_occurrence
UNION ALL
SELECT 'regions_occurrence' AS claim_type, id AS claim_id, 'activity' AS role, 'regions_illicitactivity' AS record_type, activity_id AS record_id, stance = 'supports' AS supports FROM regions_occurrence
UNION ALL
SELECT 'regions_occurrence' AS claim_type, id AS claim_id, 'region' AS role, 'regions_region' AS record_type, region_id AS record_id, stance = 'supports' AS supports FROM regions_occurrence
UNION ALL
SELECT 'regions_regioncitation' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM regions_regioncitation
UNION ALL
SELECT 'regions_regioncitation' AS claim_type, id AS claim_id, 'record' AS role, 'regions_region' AS record_type, record_id AS record_id, stance = 'supports' AS supports FROM regions_regioncitation
UNION ALL
SELECT 'regions_regionestimate' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM regions_regionestimate
UNION ALL
SELECT 'regions_regionestimate' AS claim_type, id AS claim_id, 'indicator' AS role, 'citations_indicator' AS record_type, indicator_id AS record_id, stance = 'supports' AS supports FROM regions_regionestimate
UNION ALL
SELECT 'regions_regionestimate' AS claim_type, id AS claim_id, 'region' AS role, 'regions_region' AS record_type, region_id AS record_id, stance = 'supports' AS supports FROM regions_regionestimate
UNION ALL
SELECT 'regions_regionestimate' AS claim_type, id AS claim_id, 'activity' AS role, 'regions_illicitactivity' AS record_type, activity_id AS record_id, stance = 'supports' AS supports FROM regions_regionestimate WHERE activity_id IS NOT NULL
UNION ALL
SELECT 'regions_routecitation' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM regions_routecitation
UNION ALL
SELECT 'regions_routecitation' AS claim_type, id AS claim_id, 'record' AS role, 'regions_route' AS record_type, record_id AS record_id, stance = 'supports' AS supports FROM regions_routecitation
UNION ALL
SELECT 'regions_routeleg' AS claim_type, id AS claim_id, 'source' AS role, 'citations_source' AS record_type, source_id AS record_id, true AS supports FROM regions_routeleg
UNION ALL
SELECT 'regions_routeleg' AS claim_type, id AS claim_id, 'route' AS role, 'regions_route' AS record_type, route_id AS record_id, stance = 'supports' AS supports FROM regions_routeleg
UNION ALL
SELECT 'regions_routeleg' AS claim_type, id AS claim_id, 'origin' AS role, 'regions_region' AS record_type, origin_id AS record_id, stance = 'supports' AS supports FROM regions_routeleg
UNION ALL
SELECT 'regions_routeleg' AS claim_type, id AS claim_id, 'destination' AS role, 'regions_region' AS record_type, destination_id AS record_id, stance = 'supports' AS supports FROM regions_routeleg
"""

DROP = "DROP VIEW IF EXISTS all_claims; DROP VIEW IF EXISTS all_mentions;"
BEFORE: Any = import_module("crimewatch.explorer.migrations.0001_all_claims")


class Migration(migrations.Migration):
    dependencies = [
        ("actors", "0002_search_stems"),
        ("explorer", "0001_all_claims"),
        ("programs", "0002_search_stems"),
        ("regions", "0002_search_stems"),
    ]
    operations = [
        migrations.RunSQL(
            f"{DROP} {ALL_CLAIMS}; {ALL_MENTIONS};",
            f"{DROP} {BEFORE.ALL_CLAIMS}; {BEFORE.ALL_MENTIONS};",
        ),
    ]
