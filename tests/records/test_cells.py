"""How lists, numbers and text stand in a cell, and come back from it."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crimewatch.records.resources.cells import guard, join_list, plain_number, split_list, unguard

texts = st.text(alphabet=st.one_of(st.sampled_from("=+-@\t\r'|\\ 0159.,\"\n"), st.characters(codec="utf-8")))
items = texts.filter(bool)


@given(texts)
@example("'")
@example("''=1")
@example("-5")
@example("'-5")
def test_text_comes_back_from_its_cell(text: str) -> None:
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+51 1 311", "-Sendero", "@puno", "\tx", "\rx", "'x", "-", "-1e5", "+5"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Puno", "-12.5", "-3", "1=1", "Áncash", " =1", "·"])
def test_other_text_and_plain_numbers_stand_as_they_are(text: str) -> None:
    assert guard(text) == text


@pytest.mark.parametrize("cell", ["'Ndrangheta", "'", "x'=1"])
def test_an_apostrophe_that_guards_nothing_stays(cell: str) -> None:
    assert unguard(cell) == cell


@given(st.lists(items))
@example([" a ", "b|c", "\\", " ", "  ", "\\|", "a\\"])
@example(["\n"])
def test_a_list_comes_back_from_its_cell(values: list[str]) -> None:
    assert split_list(join_list(values)) == values


def test_spaces_around_an_item_mean_nothing() -> None:
    assert split_list(" lima | callao|ica ") == ["lima", "callao", "ica"]


def test_a_blank_cell_is_an_empty_list() -> None:
    assert split_list("  ") == []


def test_a_bar_and_a_backslash_in_an_item_are_written_with_a_backslash() -> None:
    assert join_list(["a|b", "c\\d", "e"]) == "a\\|b|c\\\\d|e"


def test_a_backslash_before_any_other_sign_is_a_backslash() -> None:
    assert split_list("C:\\temp|x") == ["C:\\temp", "x"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("55000.0000", "55000"),
        ("40441.1800", "40441.18"),
        ("0.0000", "0"),
        ("-0.0", "0"),
        ("-12.500000", "-12.5"),
        ("1E+5", "100000"),
        ("0.00010", "0.0001"),
    ],
)
def test_a_number_is_written_without_an_exponent_and_idle_zeros(value: str, text: str) -> None:
    assert plain_number(Decimal(value)) == text
