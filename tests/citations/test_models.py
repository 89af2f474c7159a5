"""What holds of every claim: one sentence about records, once, from one source."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from crimewatch.citations.models import Citation, Credibility, Estimate, Reliability, Source, Stance, Wording
from crimewatch.records.models import Record
from tests.factories import (
    make_group,
    make_group_citation,
    make_group_estimate,
    make_indicator,
    make_presence,
    make_region_estimate,
    make_source,
)
from tests.kinds import CLAIMS, make

pytestmark = pytest.mark.django_db

CITATIONS = [model for model in CLAIMS if issubclass(model, Citation)]
ESTIMATES: list[Any] = [model for model in CLAIMS if issubclass(model, Estimate)]


# Identity


@pytest.mark.parametrize("model", CLAIMS)
def test_a_claim_that_nobody_named_gets_an_identifier(model):
    one, other = make(model), make(model)

    assert UUID(one.uid) != UUID(other.uid)


@pytest.mark.parametrize("model", CLAIMS)
def test_an_identifier_is_given_once_among_claims_of_a_kind(model):
    make(model, uid="peru-2017-p18-1")
    second = make(model)
    second.uid = "peru-2017-p18-1"

    with pytest.raises(ValidationError) as refusal:
        second.full_clean()
    assert refusal.value.message_dict == {"uid": ["Another claim of this kind has this uid."]}
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_a_wrong_identifier_is_refused_with_a_right_one():
    claim = make_presence()
    claim.uid = "§ 18"

    with pytest.raises(ValidationError) as refusal:
        claim.full_clean()
    assert refusal.value.message_dict["uid"][0].startswith("“§ 18” is not an identifier: use 1 to 64 letters")


@pytest.mark.parametrize("model", CLAIMS)
def test_a_claim_needs_its_source(model):
    claim = make(model)
    claim.source = None

    with pytest.raises(ValidationError) as refusal:
        claim.full_clean()
    assert "source" in refusal.value.message_dict
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=claim.pk).update(source=None)


@pytest.mark.parametrize("model", CLAIMS)
def test_a_claim_belongs_to_one_record(model):
    claim = make(model)

    assert isinstance(claim.subject_record, Record)
    assert claim.subject_record == getattr(claim, model.subject)


# What a claim says of itself


@pytest.mark.parametrize("model", CLAIMS)
def test_a_new_claim_is_taken_as_it_is_usually_meant(model):
    claim = make(model)

    assert claim.wording == Wording.STATED
    assert claim.credibility == Credibility.CANNOT_BE_JUDGED
    assert claim.stance == Stance.SUPPORTS
    assert claim.status == "accepted"


@pytest.mark.parametrize("model", CLAIMS)
def test_a_second_source_that_says_the_same_is_a_second_claim(model):
    first = make(model)
    second = model.objects.get(pk=first.pk)
    second.pk, second.uid, second.source, second._state.adding = None, "second", make_source(), True
    second.full_clean()
    second.save()

    assert model.objects.count() == 2


@pytest.mark.parametrize("model", CLAIMS)
def test_every_claim_reads_as_a_line(model):
    line = str(make(model))

    assert line.strip()
    assert "\n" not in line
    assert line != make(model).uid


@pytest.mark.parametrize(
    ("when", "first_day", "day_after"),
    [
        ("2017", "2017-01-01", "2018-01-01"),
        ("2017-03", "2017-03-01", "2017-04-01"),
        ("1990/1999", "1990-01-01", "2000-01-01"),
        ("2016-10/..", "2016-10-01", None),
        ("199X", "1990-01-01", "2000-01-01"),
        ("2017~", "2017-01-01", "2018-01-01"),
    ],
)
def test_the_days_of_a_claim_are_derived_from_its_date(when: str, first_day: str, day_after: str | None):
    claim = make_presence(when=when)
    claim.refresh_from_db()

    assert claim.when == when
    assert str(claim.period.lower) == first_day
    assert (str(claim.period.upper) if claim.period.upper else None) == day_after


def test_a_claim_without_a_date_covers_no_days():
    claim = make_presence(when="")
    claim.refresh_from_db()

    assert claim.period is None


def test_blanks_around_a_date_do_not_matter():
    claim = make_presence()
    claim.when = " 2017-03 "
    claim.full_clean()

    assert claim.when == "2017-03"


def test_a_date_that_is_not_edtf_is_refused_with_a_right_one():
    claim = make_presence()
    claim.when = "marzo 2017"

    with pytest.raises(ValidationError) as refusal:
        claim.full_clean()
    sentence = refusal.value.message_dict["when"][0]
    assert "marzo 2017" in sentence
    assert "2017-03" in sentence


# Citations


@pytest.mark.parametrize("model", CITATIONS)
def test_a_citation_may_be_about_one_field_of_its_record(model):
    claim = make(model)
    record = model._meta.get_field("record").related_model

    assert {"name", "summary", "aliases"} <= set(model.fields_of_record())
    for field in model.fields_of_record():
        record._meta.get_field(field)
        claim.field = field
        claim.full_clean()


@pytest.mark.parametrize("model", CITATIONS)
@pytest.mark.parametrize("field", ["colour", "id", "status", "search_key", "past_slugs", "Name"])
def test_a_citation_cannot_be_about_a_field_that_is_not_there(model, field: str):
    claim = make(model)
    claim.field = field

    with pytest.raises(ValidationError) as refusal:
        claim.full_clean()
    sentence = refusal.value.message_dict["field"][0]
    assert sentence.startswith(f"“{field}” is not a field of this kind of record; it may be: ")
    assert "summary" in sentence


def test_a_long_statement_is_shown_cut_off():
    claim = make_group_citation(statement="A long story. " * 20)

    assert len(str(claim)) <= 121
    assert str(claim).endswith("…")
    assert str(make_group_citation(statement="Short.")) == "Short."


# Estimates


@pytest.mark.parametrize("model", ESTIMATES)
def test_a_unit_left_empty_is_the_indicators(model):
    indicator = make_indicator(unit="person")

    assert make(model, indicator=indicator).unit == "person"
    assert make(model, indicator=indicator, unit="family").unit == "family"


@pytest.mark.parametrize("model", ESTIMATES)
def test_full_clean_fills_in_the_unit(model):
    estimate = make(model)
    estimate.unit = ""
    estimate.full_clean()

    assert estimate.unit == estimate.indicator.unit


@pytest.mark.parametrize("indicator_id", [None, 0])
def test_an_indicator_that_does_not_exist_is_refused_as_a_wrong_value(indicator_id):
    estimate = make_group_estimate()
    estimate.indicator_id, estimate.unit = indicator_id, ""

    with pytest.raises(ValidationError) as refusal:
        estimate.full_clean()
    assert "indicator" in refusal.value.message_dict


@pytest.mark.parametrize(
    "values",
    [
        {"low": 1, "best": None, "high": None},
        {"low": None, "best": 0, "high": None},
        {"low": None, "best": None, "high": 1},
        {"low": 1, "best": 1, "high": 1},
        {"low": -3, "best": -2, "high": -1},
        {"low": 1, "best": None, "high": 2},
        {"low": 0, "best": Decimal("0.0001"), "high": Decimal("9999999999999999.9999")},
    ],
)
@pytest.mark.parametrize("model", ESTIMATES)
def test_values_that_ascend_are_stored(model, values):
    estimate = make(model, **values)
    estimate.full_clean()
    estimate.refresh_from_db()

    assert {name: getattr(estimate, name) for name in values} == values


@pytest.mark.parametrize("value", [0, 100, Decimal("99.9999")])
def test_a_share_lies_between_0_and_100_percent(value):
    make_group_estimate(unit="percent", best=value).full_clean()


def test_a_growth_may_be_above_100_percent_or_below_zero():
    make_group_estimate(unit="percent-change", low=-12, best=136).full_clean()


def test_a_derived_figure_gives_its_reasoning():
    make_group_estimate(is_derived=True, note="The sum of the three valleys.").full_clean()


def test_rival_figures_both_stand():
    group, indicator = make_group(), make_indicator()
    for best in (350, 500):
        make_group_estimate(
            group=group, indicator=indicator, best=best, status="conflict", note="Two ministries differ."
        ).full_clean()

    assert set(group.estimates.values_list("best", flat=True)) == {350, 500}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"best": 55000}, "55,000 hectare"),
        ({"best": Decimal("40441.1800")}, "40,441.18 hectare"),
        ({"best": 0}, "0 hectare"),
        ({"low": 120, "high": 150}, "120\N{EN DASH}150 hectare"),
        ({"low": 120, "best": 130, "high": 150}, "120\N{EN DASH}150 (130) hectare"),
        ({"low": 5, "high": 5}, "5 hectare"),
        ({"low": 5, "best": 5, "high": 5}, "5 hectare"),
        ({"low": 69000}, "at least 69,000 hectare"),
        ({"high": 40441}, "at most 40,441 hectare"),
        ({"low": 3, "best": 4}, "4 hectare"),
    ],
)
def test_a_figure_is_put_into_words(values, words):
    estimate = make_region_estimate(**values)
    assert estimate.value_in_words() == words
    estimate.refresh_from_db()
    assert estimate.value_in_words() == words
    assert str(estimate) == f"{estimate.region} · {estimate.indicator}: {words}"


# Sources


@pytest.mark.parametrize("grade", Reliability.values)
def test_a_source_has_a_grade_of_its_own(grade):
    source = make_source(reliability=grade)
    source.full_clean()

    assert source.get_reliability_display().startswith(f"{grade} · ")


@pytest.mark.parametrize(
    "doi", ["doi:10.1000/182", "https://doi.org/10.1000/182", "10.1/182", "10.1000/", "10.1000/1 2"]
)
def test_a_doi_is_written_without_an_address(doi):
    source = make_source()
    source.doi = doi

    with pytest.raises(ValidationError) as refusal:
        source.full_clean()
    assert refusal.value.message_dict["doi"][0] == (
        f"“{doi}” is not a DOI: write it without an address, as in 10.1000/182."
    )


def test_a_doi_is_the_same_in_small_and_capital_letters():
    make_source(doi="10.1000/ABC")
    second = make_source()
    second.doi = "10.1000/abc"

    with pytest.raises(ValidationError, match="Another source has this DOI"):
        second.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "example.org", "ftp//x"])
@pytest.mark.parametrize("field", ["url", "archive_url"])
def test_an_address_of_a_source_can_be_followed(field, url):
    source = make_source()
    setattr(source, field, url)

    with pytest.raises(ValidationError) as refusal:
        source.full_clean()
    assert field in refusal.value.message_dict


def test_the_file_of_a_source_has_its_checksum(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    source = make_source(slug="ellis-2017")
    source.file.save("article.txt", ContentFile(b"hello\n"))

    stored = Source.objects.get()
    assert stored.file.name == "sources/ellis-2017/article.txt"
    assert stored.file_sha256 == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

    stored.file.save("article.txt", ContentFile(b"hello again\n"))
    assert Source.objects.get().file_sha256 != "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

    stored.file = ""
    stored.save()
    assert Source.objects.get().file_sha256 == ""


def test_an_uploaded_file_is_stored_whole_with_its_checksum(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_source(file=SimpleUploadedFile("article.txt", b"hello\n"))

    stored = Source.objects.get()
    assert Path(stored.file.path).read_bytes() == b"hello\n"
    assert stored.file_sha256 == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"


def test_a_source_whose_file_is_lost_can_still_be_changed(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    source = make_source()
    source.file.save("article.txt", ContentFile(b"hello\n"))
    source.file.storage.delete(source.file.name)
    stored = Source.objects.get()
    stored.note = "The file is lost."
    stored.save()

    assert Source.objects.get().note == "The file is lost."
