from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest
from hypothesis import given

from crimewatch.records.edtf import EDTFError, parse
from tests.records.edtf_strategies import EXAMPLES, Written, any_texts, edtf_texts, periods

# What is typed, what is said to be wrong with it, and the right form that is shown. A whole sentence is
# `"<typed>" <problem> "<right form>".`
LEVEL_2_X = (
    "has an X in a place that is EDTF of level 2, and only levels 0 and 1 are read: "
    "write X for the last digits alone, as in"
)
LEVEL_2_QUALIFIER = (
    "has a qualifier before or inside a date, which is EDTF of level 2, and only levels 0 and 1 are read: "
    "write it after the date, as in"
)
LEVEL_2_BRACKETS = (
    "has brackets, which are EDTF of level 2, and only levels 0 and 1 are read: write one date, or one interval as in"
)
BIG_YEAR = "does not begin with a year of four digits from 0001 to 9998: write it as in"
DASH_FOR_HYPHEN = "has a dash where EDTF has a hyphen: write it as in"
DASH_FOR_SLASH = "has a dash where EDTF has a slash: write an interval with whole dates, as in"
DAY_FIRST = (
    "does not begin with the year: write year, month and day in this order with hyphens, so that 4 March 2017 is"
)
EMPTY = "is empty: write a year, a month or a day, as in"
HYPHEN_FOR_SLASH = "has a hyphen where EDTF has a slash: write the interval as in"
LOWER_X = "has a lower-case x: write a capital X for a digit not known, as in"
NO_DATE = "has no date in it: leave a period that nobody knows empty, or write at least one end, as in"
NO_HYPHENS = "has no hyphens: write year, month and day with hyphens, as in"
NO_SLASH = "has no slash: write an interval with one, as in"
NOT_A_DATE = 'is not a date in EDTF: write the year first, in digits, as in "2017", "2017-03" or'
ONE_DIGIT = "has a month or day of one digit: write two, as in"
OPEN_END = "has an open end: write two dots on that side of the slash, as in"
OTHER_DIGITS = "has digits other than 0 to 9: write those, as in"
OTHER_SIGNS = "has other signs than hyphens in it: write year, month and day with hyphens, as in"
OLD_U = "has a u, from an old draft of EDTF: write a capital X for a digit not known, as in"
QUALIFIERS = "has more than one qualifier: write one of ? ~ %, where % means both others, as in"
SHORT_END = "cuts the end of the interval short: write both dates in full, as in"
SHORT_YEAR = "has a year of fewer than four digits: write it in full, as in"
SLASH_FOR_HYPHEN = (
    "has a slash, which in EDTF stands between the two ends of an interval: write month and day with hyphens, as in"
)
SLASHES = "has more than one slash: write an interval with one, as in"
SPACE = "has white space in it: write it without, as in"
THROUGH_THE_YEAR = "has a week or a day counted through the year: write month and day, as in"
TIME = "has a time of day, and only whole days are kept: write the day alone, as in"
TOO_LONG = "is too long for a date in EDTF: write one date or one interval, as in"
UNKNOWN_END = "has an unknown end: leave that side of the slash empty, as in"
WORDS = "is not a date in EDTF: write the year first and the month in digits, so that March 2017 is"
YEARS = "reaches outside the years 0001 to 9998: write a year among them, as in"

REFUSED = [
    ("", EMPTY, "2017-03-04"),
    ("  ", EMPTY, "2017-03-04"),
    (" 2017", SPACE, "2017"),
    ("2017-03 ", SPACE, "2017-03"),
    ("2017 ?", SPACE, "2017?"),
    ("1990 / 1999", SPACE, "1990/1999"),
    ("marzo 2017", WORDS, "2017-03"),
    ("March 2017", WORDS, "2017-03"),
    ("4 de marzo de 2017", WORDS, "2017-03"),
    ("2017-Mar", WORDS, "2017-03"),
    ("mexico", WORDS, "2017-03"),
    ("since 2017", WORDS, "2017-03"),
    ("x", WORDS, "2017-03"),
    ("2017-", NOT_A_DATE, "2017-03-04"),
    ("2017,2018", NOT_A_DATE, "2017-03-04"),
    ("?", NOT_A_DATE, "2017-03-04"),
    ("٢٠١٧", OTHER_DIGITS, "2017"),
    ("２０１７-03", OTHER_DIGITS, "2017-03"),
    ("２０１７-99", OTHER_DIGITS, "2017-03-04"),
    ("2017–03", DASH_FOR_HYPHEN, "2017-03"),
    ("1990–1999", DASH_FOR_SLASH, "1990/1999"),
    ("2016-10 — 2017-03", DASH_FOR_SLASH, "2016-10/2017-03"),
    ("2016–17", DASH_FOR_SLASH, "2016/2017"),
    ("1990-1999", HYPHEN_FOR_SLASH, "1990/1999"),
    ("1990 - 1999", HYPHEN_FOR_SLASH, "1990/1999"),
    ("2016-10-2017-03", HYPHEN_FOR_SLASH, "2016-10/2017-03"),
    ("1999-1990", HYPHEN_FOR_SLASH, "1990/1999"),
    ("04/03/2017", DAY_FIRST, "2017-03-04"),
    ("4.3.2017", DAY_FIRST, "2017-03-04"),
    ("04-03-2017", DAY_FIRST, "2017-03-04"),
    ("31/12/17", DAY_FIRST, "2017-03-04"),
    ("03/2017", DAY_FIRST, "2017-03-04"),
    ("2017/03", SLASH_FOR_HYPHEN, "2017-03"),
    ("2017/3", SLASH_FOR_HYPHEN, "2017-03"),
    ("2017/03/04", SLASH_FOR_HYPHEN, "2017-03-04"),
    ("2016/17", SHORT_END, "2016/2017"),
    ("2017-03-04/05", SHORT_END, "2017-03-04/2017-03-05"),
    ("2016-10/09", SHORT_END, "2016/2017"),
    ("2017.03.04", OTHER_SIGNS, "2017-03-04"),
    ("2017 03", OTHER_SIGNS, "2017-03"),
    ("2017.99", OTHER_SIGNS, "2017-03-04"),
    ("2017-3", ONE_DIGIT, "2017-03"),
    ("2017-3-4", ONE_DIGIT, "2017-03-04"),
    ("2016-10-1/2017-3", ONE_DIGIT, "2016-10-01/2017-03"),
    ("2017-3-45", ONE_DIGIT, "2017-03-04"),
    ("20170304", NO_HYPHENS, "2017-03-04"),
    ("201703", NO_HYPHENS, "2017-03"),
    ("31122017", NO_HYPHENS, "2017-03-04"),
    ("17", SHORT_YEAR, "2017"),
    ("90/99", SHORT_YEAR, "2017"),
    ("2017-064", THROUGH_THE_YEAR, "2017-03-04"),
    ("2017-W10", THROUGH_THE_YEAR, "2017-03-04"),
    ("2017-03-04T10:00", TIME, "2017-03-04"),
    ("2017-03-04 10:00:00", TIME, "2017-03-04"),
    ("2017-03-04T10", TIME, "2017-03-04"),
    ("2017-03-04T10:00:00-05:00/2017-03-05T11:00:00Z", TIME, "2017-03-04/2017-03-05"),
    ("10:00", NOT_A_DATE, "2017-03-04"),
    ("0000", YEARS, "2017"),
    ("9999", YEARS, "2017"),
    ("000X", YEARS, "2017"),
    ("00XX", YEARS, "2017"),
    ("999X", YEARS, "2017"),
    ("99XX", YEARS, "2017"),
    ("12017", BIG_YEAR, "2017"),
    ("Y17000", BIG_YEAR, "2017"),
    ("Y-17000", BIG_YEAR, "2017"),
    ("-0044", BIG_YEAR, "2017"),
    ("+2017", BIG_YEAR, "2017"),
    ("2017/12017", BIG_YEAR, "2017"),
    ("199x", LOWER_X, "199X"),
    ("19xx", LOWER_X, "19XX"),
    ("2017-xx-xx", LOWER_X, "2017-XX-XX"),
    ("2017-XX-x", LOWER_X, "199X"),
    ("199u", OLD_U, "199X"),
    ("2017-uu-uu", OLD_U, "2017-XX-XX"),
    ("199u-03", OLD_U, "199X"),
    ("2015/unknown", UNKNOWN_END, "2015/"),
    ("unknown/2014", UNKNOWN_END, "/2014"),
    ("2015/?", UNKNOWN_END, "2015/"),
    ("hello/unknown", UNKNOWN_END, "2015/"),
    ("2015/open", OPEN_END, "2015/.."),
    ("open/2014", OPEN_END, "../2014"),
    ("2015/present", OPEN_END, "2015/.."),
    ("2015/..?", "has a qualifier on an open end, which takes none: write it as in", "2015/.."),
    ("unknown", NO_DATE, "2016-10/.."),
    ("..", NO_DATE, "2016-10/.."),
    ("/", NO_DATE, "2016-10/.."),
    ("/..", NO_DATE, "2016-10/.."),
    ("../", NO_DATE, "2016-10/.."),
    ("../..", NO_DATE, "2016-10/.."),
    ("unknown/open", NO_DATE, "2016-10/.."),
    ("2016..2017", NO_SLASH, "2016/2017"),
    ("2016..", NO_SLASH, "2016/.."),
    ("..2017", NO_SLASH, "../2017"),
    ("2017..2016", NO_SLASH, "2016/2017"),
    ("2016/2017/2018", SLASHES, "2016/2017"),
    ("2017//2018", SLASHES, "2016/2017"),
    ("2017??", QUALIFIERS, "2017?"),
    ("2017?~", QUALIFIERS, "2017%"),
    ("2017-99??", QUALIFIERS, "2017%"),
    ("~2017", LEVEL_2_QUALIFIER, "2017~"),
    ("2017?-03", LEVEL_2_QUALIFIER, "2017-03?"),
    ("2017?-03~", LEVEL_2_QUALIFIER, "2017-03%"),
    ("2017-03?/?2018", LEVEL_2_QUALIFIER, "2017-03?/2018?"),
    ("201X-XX", LEVEL_2_X, "201X"),
    ("201X?-XX", LEVEL_2_X, "201X?"),
    ("2017-1X", LEVEL_2_X, "2017-XX"),
    ("2017-03-1X", LEVEL_2_X, "2017-03-XX"),
    ("2017-XX-04", LEVEL_2_X, "2017-XX"),
    ("1X17", LEVEL_2_X, "199X"),
    ("1XXX", LEVEL_2_X, "199X"),
    ("XXXX", LEVEL_2_X, "199X"),
    ("[2016,2017]", LEVEL_2_BRACKETS, "2016/2017"),
    ("{2016..2017}", LEVEL_2_BRACKETS, "2016/2017"),
    (
        "1950S2",
        (
            "has significant digits (S), which are EDTF of level 2, and only levels 0 and 1 are read: "
            "write an interval, as in"
        ),
        "1950/1959",
    ),
    ("1990s", "names a decade in words: write it as in", "199X"),
    ("los 1990's", "names a decade in words: write it as in", "199X"),
    ("circa 2017", "marks an approximate date in words: write a tilde after it, as in", "2017~"),
    ("c. 2017-03", "marks an approximate date in words: write a tilde after it, as in", "2017-03~"),
    (
        "2017-00",
        (
            'has 00 where the month stands: write a month from 01 to 12, as in "2017-03", '
            "or an interval with both years in full, as in"
        ),
        "2016/2017",
    ),
    (
        "2016-17",
        (
            'has 17 where the month stands: write a month from 01 to 12, as in "2017-03", '
            "or an interval with both years in full, as in"
        ),
        "2016/2017",
    ),
    (
        "2017-25",
        (
            "has the code 25 of EDTF level 2, and only levels 0 and 1 are read: write a season from 21 "
            '(spring) to 24 (winter), as in "2017-21", or the months, as in'
        ),
        "2017-01/2017-03",
    ),
    (
        "2017-21-04",
        (
            'gives a day to a season (21), which has none: write the season alone, as in "2017-21", '
            "or a month from 01 to 12, as in"
        ),
        "2017-03-04",
    ),
]

# What is typed, and the whole sentence, where that names a part of it or shows it otherwise than typed.
REFUSED_IN_PART = [
    (
        "2017-02-29",
        (
            '"2017-02-29" has 29 where the day stands: write a day from 01 to 28, as in "2017-02-28", '
            'or "2017-02" if the day is not known.'
        ),
    ),
    (
        "2016-02-30",
        (
            '"2016-02-30" has 30 where the day stands: write a day from 01 to 29, as in "2016-02-29", '
            'or "2016-02" if the day is not known.'
        ),
    ),
    (
        "2017-04-00",
        (
            '"2017-04-00" has 00 where the day stands: write a day from 01 to 30, as in "2017-04-30", '
            'or "2017-04" if the day is not known.'
        ),
    ),
    (
        "2017-03-32/2018",
        (
            '"2017-03-32" in "2017-03-32/2018" has 32 where the day stands: write a day from 01 to 31, '
            'as in "2017-03-31", or "2017-03" if the day is not known.'
        ),
    ),
    (
        "2018/2017-12-31",
        (
            '"2018/2017-12-31" ends before it starts: "2017-12-31" lies wholly before "2018", '
            'so write "2017-12-31/2018" if the two were swapped.'
        ),
    ),
    (
        "2017?/199X~",
        (
            '"2017?/199X~" ends before it starts: "199X~" lies wholly before "2017?", '
            'so write "199X~/2017?" if the two were swapped.'
        ),
    ),
    ("2017\n", '"2017\\n" has white space in it: write it without, as in "2017".'),
    ("20\u200b17", '"20\\u200b17" has white space in it: write it without, as in "2017".'),
    ("1" * 1_000_000, f'"{"1" * 60}…" {TOO_LONG} "2016-10-01/2017-03-31".'),
]


@pytest.mark.parametrize("written", EXAMPLES, ids=lambda written: written.text)
def test_a_period_covers_the_days_it_may_mean(written: Written):
    period = parse(written.text)

    assert (period.earliest, period.latest) == (written.earliest, written.latest)


@given(periods())
def test_every_shape_of_period_is_read(written: Written):
    period = parse(written.text)

    assert (period.earliest, period.latest) == (written.earliest, written.latest)


@given(edtf_texts())
def test_the_text_is_kept_as_typed(text: str):
    assert parse(text).text == text
    assert str(parse(text)) == text


@pytest.mark.parametrize(("typed", "problem", "right"), REFUSED, ids=[typed for typed, *_ in REFUSED])
def test_what_is_not_edtf_gets_a_sentence_with_a_right_form(typed: str, problem: str, right: str):
    with pytest.raises(EDTFError) as refusal:
        parse(typed)

    assert str(refusal.value) == f'"{typed}" {problem} "{right}".'
    assert parse(right)


@pytest.mark.parametrize(("typed", "sentence"), REFUSED_IN_PART, ids=[typed[:30] for typed, _ in REFUSED_IN_PART])
def test_a_refusal_names_the_part_that_is_wrong(typed: str, sentence: str):
    with pytest.raises(EDTFError) as refusal:
        parse(typed)

    assert str(refusal.value) == sentence


@given(any_texts())
def test_every_refusal_is_one_line_that_ends_in_a_right_form(text: str):
    try:
        parse(text)
    except EDTFError as refusal:
        sentence = str(refusal)
        assert sentence.startswith('"')
        assert sentence.endswith(".")
        assert sentence.isprintable()
        *_, right, _ = sentence.split('"')
        assert parse(right)


@pytest.mark.parametrize(
    ("text", "is_uncertain", "is_approximate"),
    [
        ("2017", False, False),
        ("2017?", True, False),
        ("2017~", False, True),
        ("2017%", True, True),
        ("2016?/2017~", True, True),
        ("2016?/..", True, False),
        ("/2017~", False, True),
    ],
)
def test_a_qualifier_is_noted(text: str, is_uncertain: bool, is_approximate: bool):
    period = parse(text)

    assert (period.is_uncertain, period.is_approximate) == (is_uncertain, is_approximate)


def test_each_end_of_an_interval_has_its_own_qualifier():
    period = parse("2016?/2017~")

    assert period.start is not None
    assert period.end is not None
    assert (period.start.is_uncertain, period.start.is_approximate) == (True, False)
    assert (period.end.is_uncertain, period.end.is_approximate) == (False, True)


def test_each_end_of_an_interval_tells_how_vague_it_is():
    period = parse("199X/2017-03")

    assert period.start is not None
    assert period.end is not None
    assert (period.start.text, period.start.latest) == ("199X", date(1999, 12, 31))
    assert (period.end.text, period.end.earliest) == ("2017-03", date(2017, 3, 1))


def test_a_single_date_is_both_ends_of_its_period():
    period = parse("2017-03")

    assert period.start is period.end
    assert not period.is_interval
    assert parse("2017-03/2017-03").is_interval


@pytest.mark.parametrize(
    ("text", "true_of_it"),
    [
        ("2016-10/..", {"end_is_open"}),
        ("../2014", {"start_is_open"}),
        ("2015/", {"end_is_unknown"}),
        ("/2014", {"start_is_unknown"}),
        ("1990/1999", set()),
        ("2017", set()),
    ],
)
def test_an_open_end_is_told_from_an_unknown_one(text: str, true_of_it: set[str]):
    period = parse(text)
    flags = {"start_is_open", "start_is_unknown", "end_is_open", "end_is_unknown"}

    assert {flag for flag in flags if getattr(period, flag)} == true_of_it


@given(periods())
def test_a_range_ends_the_day_after_its_latest_day(written: Written):
    expected = written.latest + timedelta(days=1) if written.latest else None

    assert parse(written.text).after_latest == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2017", "2017-03"),
        ("2017", "2016/2017-01-01"),
        ("199X", "1999-12-31"),
        ("2016-10/..", "2030"),
        ("2016-10/..", "../2016-10"),
        ("/2014", "../2010"),
        ("2015/", "2015/.."),
    ],
)
def test_periods_overlap_that_may_share_a_day(one: str, other: str):
    assert parse(one).overlaps(parse(other))
    assert parse(other).overlaps(parse(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2017", "2018"),
        ("2017-03-04", "2017-03-05"),
        ("199X", "2000"),
        ("2016-10/..", "2016-09-30"),
        ("2015/", "/2014"),
    ],
)
def test_periods_do_not_overlap_that_share_no_day(one: str, other: str):
    assert not parse(one).overlaps(parse(other))
    assert not parse(other).overlaps(parse(one))


def test_a_period_cannot_be_changed():
    period = parse("2017")

    with pytest.raises(dataclasses.FrozenInstanceError):
        period.text = "2018"  # type: ignore[misc]
