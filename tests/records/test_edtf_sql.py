"""The database's reading of EDTF, which a migration installs from `edtf_daterange.sql`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crimewatch.records.edtf
from crimewatch.records.edtf import EDTFError, parse
from tests.records.edtf_strategies import EXAMPLES, Written, any_texts, periods
from tests.records.test_edtf import REFUSED, REFUSED_IN_PART

pytestmark = pytest.mark.django_db

Days = tuple[date | None, date | None]

SQL_FILE = Path(crimewatch.records.edtf.__file__).parent / "sql" / "edtf_daterange.sql"

# The function writes nothing, so one transaction may serve all examples of a property.
one_transaction = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def days_in_database(texts: Sequence[str]) -> list[Days | None]:
    """First day and day after the last of each text, None for text that is not EDTF."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT period IS NULL, lower(period), upper(period), isempty(period)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS typed (text, place),"
            " edtf_daterange(typed.text) AS period ORDER BY place",
            [list(texts)],
        )
        rows = cursor.fetchall()
    assert not any(is_empty for *_, is_empty in rows)
    return [None if is_null else (start, end) for is_null, start, end, _ in rows]


def days_in_python(text: str) -> Days | None:
    try:
        period = parse(text)
    except EDTFError:
        return None
    return period.earliest, period.after_latest


@pytest.mark.parametrize("written", EXAMPLES, ids=lambda written: written.text)
def test_the_database_derives_the_days_that_a_period_may_cover(written: Written):
    after_latest = written.latest + timedelta(days=1) if written.latest else None

    assert days_in_database([written.text]) == [(written.earliest, after_latest)]


def test_the_database_has_no_days_for_text_that_is_refused():
    typed = [text for text, *_ in [*REFUSED, *REFUSED_IN_PART]]

    assert days_in_database(typed) == [None] * len(typed)


def test_an_empty_text_has_no_days():
    assert days_in_database([""]) == [None]


def test_a_missing_text_has_no_days():
    with connection.cursor() as cursor:
        cursor.execute("SELECT edtf_daterange(NULL)")
        assert cursor.fetchone() == (None,)


def test_database_and_parser_agree_on_every_day_and_month_a_text_can_name():
    texts = [f"{year}-{month:02}" for year in (1900, 2000, 2016, 2017) for month in range(100)]
    texts += [f"{text}-{day:02}" for text in texts for day in range(40)]

    assert days_in_database(texts) == [days_in_python(text) for text in texts]


def test_database_and_parser_agree_on_every_year_decade_and_century():
    texts = [f"{year:04}" for year in range(10_000)]
    texts += [f"{decade:03}X" for decade in range(1_000)]
    texts += [f"{century:02}XX" for century in range(100)]

    assert days_in_database(texts) == [days_in_python(text) for text in texts]


@one_transaction
@given(st.lists(periods(), min_size=1, max_size=50))
def test_database_and_parser_agree_on_periods_of_every_shape(written: list[Written]):
    texts = [each.text for each in written]

    assert days_in_database(texts) == [days_in_python(text) for text in texts]


@one_transaction
@given(st.lists(any_texts(), min_size=1, max_size=50))
def test_database_and_parser_agree_on_any_text(texts: list[str]):
    assert days_in_database(texts) == [days_in_python(text) for text in texts]


@one_transaction
@given(periods(), periods())
def test_database_and_parser_agree_on_what_overlaps(one: Written, other: Written):
    with connection.cursor() as cursor:
        cursor.execute("SELECT edtf_daterange(%s) && edtf_daterange(%s)", [one.text, other.text])
        assert cursor.fetchone() == (parse(one.text).overlaps(parse(other.text)),)


def test_the_days_do_not_depend_on_the_settings_of_the_connection():
    texts = [written.text for written in EXAMPLES]
    expected = days_in_database(texts)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL datestyle = 'SQL, DMY'; SET LOCAL timezone = 'Pacific/Kiritimati'")

    assert days_in_database(texts) == expected


def test_the_function_needs_no_search_path():
    # pg_restore sets an empty one before it writes rows into tables with generated columns.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pronamespace::regnamespace::text FROM pg_proc WHERE proname = 'edtf_daterange'")
        (schema,) = cursor.fetchone()
        cursor.execute("SET LOCAL search_path = ''")
        for written in EXAMPLES:
            cursor.execute(f'SELECT lower("{schema}".edtf_daterange(%s))', [written.text])
            assert cursor.fetchone() == (written.earliest,)


def test_the_function_is_declared_as_what_a_generated_column_and_a_parallel_plan_need():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT provolatile, proisstrict, proparallel FROM pg_proc WHERE oid = 'edtf_daterange(text)'::regprocedure"
        )
        assert cursor.fetchone() == ("i", True, "s")


def test_the_installed_function_is_the_one_in_the_file():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = 'edtf_daterange(text)'::regprocedure")
        (installed,) = cursor.fetchone()

    assert f"AS $${installed}$$;" in SQL_FILE.read_text(encoding="utf-8")


def test_a_table_derives_its_periods_and_refuses_text_that_is_none():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TEMPORARY TABLE sighting (
                "when" text NOT NULL,
                period daterange GENERATED ALWAYS AS (edtf_daterange("when")) STORED,
                CONSTRAINT sighting_when_is_edtf CHECK ("when" = '' OR edtf_daterange("when") IS NOT NULL)
            ) ON COMMIT DROP
            """
        )
        cursor.execute("""INSERT INTO sighting VALUES ('2017-03'), ('2016-10/..'), ('199X'), ('')""")
        cursor.execute("""SELECT "when" FROM sighting WHERE period && '[2017-01-01,2018-01-01)' ORDER BY 1""")
        assert cursor.fetchall() == [("2016-10/..",), ("2017-03",)]

        with pytest.raises(IntegrityError, match="sighting_when_is_edtf"), transaction.atomic():
            cursor.execute("INSERT INTO sighting VALUES ('marzo 2017')")
