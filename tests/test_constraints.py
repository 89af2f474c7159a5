"""Every rule that a single row can break: an example of it is refused by `full_clean()` and by the database."""

from collections.abc import Callable, Iterator
from copy import copy
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import CheckConstraint, Q, UniqueConstraint

from crimewatch.citations.models import Claim, Credibility, Estimate
from crimewatch.records.models import Record
from tests.kinds import CITED_BY, CLAIMS, RECORDS, make

pytestmark = pytest.mark.django_db

Values = dict[str, Any]

#: Values that break a rule. A rule that several tables share stands without their names. A function gets the row.
BREACHES: dict[str, list[Values | Callable[[Any], Values]]] = {
    # every record
    "slug_is_a_key": [
        {"slug": "Madre-de-Dios"},
        {"slug": "madre de dios"},
        {"slug": "-madre"},
        {"slug": "madre-"},
        {"slug": "madre--dios"},
        {"slug": "madre_de_dios"},
        {"slug": "huánuco"},
        {"slug": "madre\n"},
    ],
    "has_a_name": [{"name": ""}, {"name": " \t\n"}],
    "aliases_are_not_empty": [{"aliases": [""]}, {"aliases": ["Los Pulpos", ""]}],
    "restriction_has_a_reason": [{"restricted_to": ["Editor"]}, {"restriction_reason": "no group"}],
    # every claim
    "uid_is_an_identifier": [{"uid": ""}, {"uid": "-a"}, {"uid": "a b"}, {"uid": "ñ"}, {"uid": "a\n"}],
    "when_is_edtf": [{"when": "marzo de 2017"}, {"when": "2017-13"}, {"when": "2017-02-30"}, {"when": "2018/2017"}],
    "locator_has_a_type": [
        {"locator": "18", "locator_type": ""},
        {"locator": "", "locator_type": "paragraph"},
        {"locator": "18", "locator_type": "verse"},
    ],
    "wording_is_known": [{"wording": "hinted"}, {"wording": ""}],
    "credibility_is_1_to_6": [{"credibility": 0}, {"credibility": 7}],
    "stance_is_known": [{"stance": "Supports"}, {"stance": ""}],
    "conflict_has_a_note": [{"status": "conflict", "note": ""}],
    # records and claims
    "status_is_known": [{"status": "finished"}, {"status": "Draft"}, {"status": ""}],
    # citations
    "has_a_statement": [{"statement": ""}, {"statement": "\n"}],
    # estimates
    "has_a_value": [{"low": None, "best": None, "high": None}],
    "low_best_high_ascend": [
        {"low": 3, "best": None, "high": 2},
        {"low": 3, "best": 2, "high": None},
        {"low": None, "best": 3, "high": 2},
        {"low": 1, "best": 4, "high": 3},
    ],
    "has_a_unit": [{"unit": ""}, {"unit": " "}],
    "cut_off_is_edtf": [{"cut_off": "end of 2016"}],
    "percent_is_0_to_100": [
        {"unit": "percent", "low": -1, "best": None, "high": None},
        {"unit": "percent", "low": None, "best": Decimal("100.01"), "high": None},
        {"unit": "percent", "low": None, "best": None, "high": 101},
    ],
    "derived_has_a_note": [{"is_derived": True, "note": ""}],
    # sources
    "citations_source_dates_are_edtf": [{"issued": "May 2017"}, {"accessed": "yesterday"}],
    "citations_source_type_is_known": [{"source_type": "article-blog"}, {"source_type": ""}],
    "citations_source_doi_is_a_doi": [
        {"doi": "https://doi.org/10.1000/182"},
        {"doi": "10.1000/"},
        {"doi": "10.1000/1 2"},
        {"doi": "10.٣٣٣٣/1"},
    ],
    "citations_source_reliability_is_known": [{"reliability": "G"}, {"reliability": "a"}, {"reliability": ""}],
    "citations_source_doi_is_unique": [{"doi": "10.1000/182"}],
    # regions
    "regions_region_latitude_is_on_earth": [
        {"latitude": Decimal(95), "longitude": Decimal(0)},
        {"latitude": Decimal("-90.000001"), "longitude": Decimal(0)},
    ],
    "regions_region_longitude_is_on_earth": [
        {"latitude": Decimal(0), "longitude": Decimal("180.000001")},
        {"latitude": Decimal(0), "longitude": Decimal(-181)},
    ],
    "regions_region_point_has_both_coordinates": [
        {"latitude": Decimal("-13.16"), "longitude": None},
        {"latitude": None, "longitude": Decimal("-74.22")},
    ],
    "regions_region_precision_is_1_to_7": [{"precision": 0}, {"precision": 8}],
    "regions_region_ubigeo_has_2_4_or_6_digits": [{"ubigeo": "8"}, {"ubigeo": "08O9"}, {"ubigeo": "08091"}],
    "regions_region_iso_3166_is_a_code": [{"iso_3166": "pe"}, {"iso_3166": "PER"}, {"iso_3166": "PE-"}],
    "regions_region_wikidata_id_is_an_item": [{"wikidata_id": "419"}, {"wikidata_id": "Q0"}, {"wikidata_id": "Q4 "}],
    "regions_region_outline_is_geojson": [
        {"outline": {"type": "Point", "coordinates": [0, 0]}},
        {"outline": {"coordinates": []}},
        {"outline": {"type": None}},
        {"outline": []},
        {"outline": "Polygon"},
    ],
    "regions_region_ubigeo_is_unique": [{"ubigeo": "0809"}],
    "regions_region_iso_3166_is_unique": [{"iso_3166": "PE-PUN"}],
    "regions_region_geonames_id_is_unique": [{"geonames_id": 3691099}],
    "regions_region_wikidata_id_is_unique": [{"wikidata_id": "Q419"}],
    # activities
    "regions_illicitactivity_market_is_known": [{"market": "sand-trade"}],
    "regions_illicitactivity_stage_is_known": [{"stage": "Retail"}],
    "regions_illicitactivity_iccs_is_a_code": [{"iccs": "6"}, {"iccs": "06.01"}],
    "regions_occurrence_trend_is_known": [{"trend": "up"}],
    "regions_occurrence_intensity_is_known": [{"intensity": "high"}],
    # routes
    "regions_routeleg_order_counts_from_1": [{"order": 0}],
    "regions_routeleg_leads_elsewhere": [lambda leg: {"destination": leg.origin}],
    # actors
    "actors_group_dates_are_edtf": [{"founded": "1980s"}, {"dissolved": "unknown"}],
    "actors_group_ends_after_it_begins": [{"founded": "1980-05-17", "dissolved": "1979"}],
    "actors_person_dates_are_edtf": [{"born": "8 July 1961"}, {"died": "?"}],
    "actors_person_dies_after_birth": [{"born": "1961-07-08", "died": "1961-07-07"}],
    "actors_membership_ended_on_is_edtf": [{"ended_on": "2012-2-12"}],
    "actors_membership_ends_after_it_begins": [{"when": "2012-02/..", "ended_on": "2012-01-31"}],
    "actors_membership_end_is_known": [{"ended": "vanished"}],
    "actors_relation_joins_two_groups": [lambda relation: {"other": relation.group}],
    # agencies and programs
    "programs_appointment_has_a_post": [{"post": ""}, {"post": " "}],
    "programs_appointment_ended_on_is_edtf": [{"ended_on": "2016-07-28 or so"}],
    "programs_appointment_ends_after_it_begins": [{"when": "2016-07-28", "ended_on": "2016-07-27"}],
    "programs_appointment_end_is_known": [{"ended": "fled"}],
    "programs_target_names_what_it_is": [{"activity": None, "region": None, "group": None}],
    "programs_milestone_has_an_event": [{"event": ""}, {"event": " "}],
    "programs_milestone_has_a_date": [{"when": ""}],
    "programs_milestone_new_phase_is_known": [{"new_phase": "done"}],
    "programs_program_resilience_area_is_known": [{"resilience_area": "luck"}],
    # the vocabularies that a row cannot do without
    **{
        f"{table}_{field}_is_known": [{field: "nonsense"}, {field: ""}]
        for table, field in [
            ("regions_region", "kind"),
            ("regions_route", "commodity"),
            ("regions_routeleg", "mode"),
            ("actors_group", "kind"),
            ("actors_group", "state"),
            ("actors_presence", "kind"),
            ("actors_involvement", "role"),
            ("actors_relation", "kind"),
            ("actors_membership", "role"),
            ("programs_agency", "kind"),
            ("programs_program", "kind"),
            ("programs_program", "phase"),
            ("programs_assessment", "verdict"),
            ("programs_assessment", "basis"),
        ]
    },
}


def is_mended(model: type[models.Model], values: Values) -> bool:
    """Whether `full_clean()` fills in the right value instead of refusing: an estimate's unit is its indicator's."""
    return issubclass(model, Estimate) and values == {"unit": ""}


def rules() -> Iterator[tuple[type[models.Model], models.BaseConstraint]]:
    for model in [*RECORDS, *CLAIMS]:
        for constraint in model._meta.constraints:
            yield model, constraint


def shared_name(model: type[models.Model], constraint: models.BaseConstraint) -> str:
    """The rule's name without the table's."""
    return constraint.name.removeprefix(f"{model._meta.app_label}_{model._meta.model_name}_")


def breaches_of(model: type[models.Model], constraint: models.BaseConstraint) -> list[Any]:
    return BREACHES.get(constraint.name) or BREACHES.get(shared_name(model, constraint)) or []


ALL_RULES = [pytest.param(model, rule, id=rule.name) for model, rule in rules()]
ALL_BREACHES = [
    pytest.param(model, rule, values, id=f"{rule.name}-{number}")
    for model, rule in rules()
    for number, values in enumerate(breaches_of(model, rule), start=1)
]


def broken(model: type[Any], rule: models.BaseConstraint, values: Any) -> tuple[Any, Values]:
    """A stored row of ``model``, and the values that would break ``rule`` in it."""
    row = make(model)
    if callable(values):
        values = values(row)
    if isinstance(rule, UniqueConstraint):
        make(model, **values)
    row.refresh_from_db()  # as the database has it: 55000.0000 and not 55000
    return row, values


def test_every_kind_of_record_and_claim_is_tried():
    kinds = {model for model in apps.get_models() if issubclass(model, Record | Claim)}

    assert kinds == {*RECORDS, *CLAIMS}
    assert set(CITED_BY) == set(RECORDS)


@pytest.mark.parametrize(("model", "rule"), ALL_RULES)
def test_every_rule_has_an_example_that_breaks_it(model, rule):
    assert breaches_of(model, rule), f"Add an example that breaks {rule.name} to BREACHES."


def test_every_example_belongs_to_a_rule():
    named = {name for model, rule in rules() for name in (rule.name, shared_name(model, rule))}

    assert set(BREACHES) <= named


@pytest.mark.parametrize(("model", "rule"), ALL_RULES)
def test_every_rule_says_in_a_sentence_what_would_be_right(model, rule):
    sentence = str(rule.get_violation_error_message())

    assert sentence != str(models.BaseConstraint.default_violation_error_message) % {"name": rule.name}
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert len(sentence.split()) >= 4


@pytest.mark.parametrize(("model", "rule"), ALL_RULES)
def test_every_rule_is_named_for_its_table(model, rule):
    assert rule.name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    assert len(rule.name) <= 63  # PostgreSQL would cut the name off, and its errors would not be recognised


@pytest.mark.parametrize(("model", "rule", "values"), ALL_BREACHES)
def test_a_broken_rule_is_refused_by_full_clean(model, rule, values):
    row, values = broken(model, rule, values)
    for name, value in values.items():
        setattr(row, name, value)

    if is_mended(model, values):
        row.full_clean()
        rule.validate(model, row)
        return
    with pytest.raises(ValidationError):
        row.full_clean()
    # A field may have spoken first; without it the rule speaks for itself.
    with pytest.raises(ValidationError) as refusal:
        rule.validate(model, row)
    assert refusal.value.messages == [str(rule.get_violation_error_message())]


@pytest.mark.parametrize(("model", "rule", "values"), ALL_BREACHES)
def test_a_broken_rule_is_refused_by_the_database(model, rule, values):
    row, values = broken(model, rule, values)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        model._default_manager.filter(pk=row.pk).update(**values)
    assert refusal.value.__cause__.diag.constraint_name == rule.name


@pytest.mark.parametrize(("model", "rule", "values"), ALL_BREACHES)
def test_a_broken_rule_is_refused_in_bulk(model, rule, values):
    row, values = broken(model, rule, values)
    new = copy(row)
    new.pk = None
    if isinstance(row, Record):
        new.slug = f"{row.slug}-again"
    else:
        new.uid = f"{row.uid}-again"
    for name, value in values.items():
        setattr(new, name, value)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        model._default_manager.bulk_create([new])
    assert refusal.value.__cause__.diag.constraint_name == rule.name


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_a_row_that_breaks_no_rule_is_stored(model):
    row = make(model)

    row.full_clean()
    row.save()
    connection.check_constraints()


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_every_vocabulary_is_kept_by_the_database(model):
    kept = {name for rule in model._meta.constraints if isinstance(rule, CheckConstraint) for name, _ in _values(rule)}
    chosen = {field.name for field in model._meta.concrete_fields if field.choices}

    assert chosen - kept == set()


def _values(rule: CheckConstraint) -> Iterator[tuple[str, Any]]:
    """The pairs of lookup and value in a rule, each by the name of its field."""
    pending = [rule.condition]
    while pending:
        part = pending.pop()
        if isinstance(part, tuple):
            yield part[0].split("__")[0], part[1]
        elif isinstance(part, Q):
            pending.extend(part.children)


@pytest.mark.parametrize("model", CLAIMS)
@pytest.mark.parametrize("credibility", Credibility.values)
def test_every_grade_of_credibility_is_stored(model, credibility):
    claim = make(model, credibility=credibility)
    claim.full_clean()
    assert claim.get_credibility_display().startswith(str(credibility))
