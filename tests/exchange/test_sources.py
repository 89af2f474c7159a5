"""Files of every form as people have them: read as they were typed, or refused with a sentence that says why."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from crimewatch.exchange.sources import EVERYTHING, Remapped, TableSource, opened
from crimewatch.exchange.sources.archives import MOST_FILES
from crimewatch.records.resources import RefusedError


@pytest.fixture
def into() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def read(into: ExitStack, content: bytes, name: str, **options: Any) -> list[TableSource]:
    return opened(io.BytesIO(content), name, into, **options)


def rows(into: ExitStack, content: bytes, name: str, **options: Any) -> list[list[str]]:
    (found,) = read(into, content, name, **options)
    assert len(found.source) == len(list(found.source))
    return [list(found.source.headers), *found.source]


def refusal(into: ExitStack, content: bytes, name: str, **options: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        read(into, content, name, **options)
    return str(caught.value)


def archive(**files: bytes | str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return content.getvalue()


def workbook(*lines: list[Any], title: str = "Sheet1", **sheets: list[list[Any]]) -> Any:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for line in lines:
        sheet.append(line)
    for name, content in sheets.items():
        more = book.create_sheet(name)
        for line in content:
            more.append(line)
    return book


def saved(book: Any) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


TEXT = "slug;name\nhuanuco;Huánuco\n"
EXPECTED = [["slug", "name"], ["huanuco", "Huánuco"]]


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_every_form_that_spreadsheets_write(into: ExitStack, encoding: str, delimiter: str) -> None:
    content = TEXT.replace(";", delimiter).encode(encoding)
    assert rows(into, content, "regions.csv") == EXPECTED


def test_windows_1252_is_refused_unless_somebody_looks_at_it(into: ExitStack) -> None:
    content = TEXT.encode("windows-1252")
    assert "It looks like Windows-1252" in refusal(into, content, "regions.csv")
    (found,) = read(into, content, "regions.csv", guesses_encoding=True)
    assert list(found.source) == EXPECTED[1:]
    assert "look at the accents" in found.source.notes[0]
    assert found.read_as["encoding"] == "windows-1252"


def test_a_person_knows_better_than_what_a_file_looks_like(into: ExitStack) -> None:
    content = "slug,name\na;b,Huánuco\n".encode("cp850")
    assert rows(into, content, "x.csv", encoding="cp850", delimiter=",")[1] == ["a;b", "Huánuco"]
    assert rows(into, content, "x.csv", encoding="cp850", delimiter=";")[1] == ["a", "b,Huánuco"]
    assert "is not Windows-1252" in refusal(into, b"slug\n\x81\n", "x.csv", encoding="windows-1252")


def test_the_form_is_told_by_the_content_where_the_name_says_nothing(into: ExitStack) -> None:
    assert rows(into, b'{"slug": "a"}\n', "data") == [["slug"], ["a"]]
    assert rows(into, b"slug\na\n", "data") == [["slug"], ["a"]]
    assert "workbook of an old Excel" in refusal(into, b"\xd0\xcf\x11\xe0....", "groups.csv")


# Workbooks


def test_a_cell_is_what_was_typed_into_it(into: ExitStack) -> None:
    book = workbook(["a", "b", "c", "d", "e"], ["=x", 55000.0, 40441.18, True, "007"], [None, None, 3, None, "'x"])
    book.active["A2"].data_type = "s"
    assert rows(into, saved(book), "groups.xlsx")[1:] == [
        ["=x", "55000", "40441.18", "true", "007"],
        ["", "", "3", "", "'x"],
    ]


@pytest.mark.parametrize(
    ("number_format", "text"),
    [
        ("yyyy-mm-dd", "2017-03-01"),
        ("dd/mm/yyyy", "2017-03-01"),
        ("mmm\\-yy", "2017-03"),
        ("yyyy", "2017"),
    ],
)
def test_a_date_is_as_precise_as_its_cell_shows_it(into: ExitStack, number_format: str, text: str) -> None:
    book = workbook(["when"], [datetime(2017, 3, 1)])  # noqa: DTZ001 - Excel knows no zones
    book.active["A2"].number_format = number_format
    (_header, row) = rows(into, saved(book), "presences.xlsx")
    assert row == [text]


def test_a_sheet_is_chosen_by_its_name_and_the_first_without(into: ExitStack) -> None:
    content = saved(workbook(["slug"], ["one"], Second=[["slug"], ["two"]]))
    assert rows(into, content, "groups.xlsx")[1] == ["one"]
    assert rows(into, content, "groups.xlsx", sheet="Second")[1] == ["two"]
    assert "has no sheet “Third”; it has: Sheet1, Second" in refusal(into, content, "groups.xlsx", sheet="Third")


def test_sheets_named_after_tables_are_tables_and_the_values_of_a_template_are_none(into: ExitStack) -> None:
    content = saved(workbook(["slug"], ["a"], title="groups", regions=[["slug"], ["b"]], values=[["column"], ["x"]]))
    assert [found.table for found in read(into, content, "all.xlsx")] == ["groups", "regions"]
    one = saved(workbook(["slug"], ["a"], title="groups", values=[["column"], ["x"]]))
    assert [found.table for found in read(into, one, "my.xlsx")] == ["groups"]
    assert [found.table for found in read(into, one, "my.xlsx", sheet=EVERYTHING)] == ["groups"]


def test_blank_rows_keep_the_numbers_of_those_below_and_trailing_ones_are_none(into: ExitStack) -> None:
    book = workbook(["slug"], ["a"])
    book.active["A5"] = "b"
    book.active["A9"].number_format = "@"
    assert rows(into, saved(book), "groups.xlsx") == [["slug"], ["a"], [""], [""], ["b"]]


def test_a_cell_beyond_the_header_makes_the_row_too_long(into: ExitStack) -> None:
    book = workbook(["slug", "name"], ["a", "A"])
    book.active["D2"] = "what is this"
    assert rows(into, saved(book), "groups.xlsx")[1] == ["a", "A", "", "what is this"]


def test_huge_dimensions_are_refused(into: ExitStack) -> None:
    far_down = workbook(["slug"], ["a"])
    far_down.active["A200000"] = "b"
    assert "199997 blank rows" in refusal(into, saved(far_down), "groups.xlsx")
    far_right = workbook(["slug"])
    far_right.active.cell(row=1, column=501, value="x")
    assert "more than 500 columns" in refusal(into, saved(far_right), "groups.xlsx")
    assert "first row of the sheet is empty" in refusal(into, saved(workbook()), "groups.xlsx")


def test_what_is_no_workbook_is_refused(into: ExitStack) -> None:
    assert "no Excel workbook in spite of its name" in refusal(into, b"slug\na\n", "groups.xlsx")
    assert "cannot be opened as a ZIP archive" in refusal(into, b"PK\x03\x04", "groups.xlsx")
    assert "cannot be opened as a workbook" in refusal(into, archive(**{"a.txt": "b"}), "groups.xlsx")


def test_a_workbook_that_is_a_bomb_is_refused(into: ExitStack) -> None:
    bomb = archive(**{"xl/worksheets/sheet1.xml": b"0" * 60_000_000})
    assert "far more than its own size" in refusal(into, bomb, "groups.xlsx")


# Archives


def test_an_archive_holds_tables_of_any_form_in_any_folder(into: ExitStack) -> None:
    content = archive(
        **{
            "data/groups.csv": "slug\na\n",
            "regions.jsonl": '{"slug": "b"}\n',
            "README.md": "",
            "__MACOSX/._groups.csv": "",
            "data/.DS_Store": "",
        }
    )
    found = read(into, content, "package.zip")
    assert {each.table: list(each.source) for each in found} == {"groups": [["a"]], "regions": [["b"]]}


@pytest.mark.parametrize(
    "name", ["../groups.csv", "/etc/groups.csv", "a/../../groups.csv", "..\\groups.csv", "C:\\groups.csv"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(into: ExitStack, name: str) -> None:
    assert "leads out of the archive" in refusal(into, archive(**{name: "slug\n"}), "package.zip")


def test_a_link_in_an_archive_is_refused(into: ExitStack) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        entry = zipfile.ZipInfo("groups.csv")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        packed.writestr(entry, "/etc/passwd")
    assert "holds a link" in refusal(into, content.getvalue(), "package.zip")


def test_an_archive_that_is_a_bomb_is_refused_before_it_is_unpacked(into: ExitStack, settings: Any) -> None:
    assert "far more than its own size" in refusal(into, archive(**{"groups.csv": b"\0" * 50_000_000}), "package.zip")
    many = archive(**{f"f{number}.csv": "" for number in range(MOST_FILES + 1)})
    assert f"at most {MOST_FILES} are read" in refusal(into, many, "package.zip")
    settings.UPLOAD_LIMIT = 10
    assert "would unpack to" in refusal(into, archive(**{"groups.csv": "slug\n" + "a\n" * 60}), "package.zip")


def test_an_entry_gives_no_more_than_it_has_declared(into: ExitStack) -> None:
    """The sizes in an archive are claims of its maker: what does not hold to them is damaged."""
    content = bytearray(archive(**{"groups.csv": "slug\n" + "a\n" * 5000}))
    size = (5 + 2 * 5000).to_bytes(4, "little")
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = (10).to_bytes(4, "little")
    assert "is damaged" in refusal(into, bytes(content), "package.zip")


def test_files_of_an_archive_are_named_after_tables_each_once(into: ExitStack) -> None:
    assert "name it after one, such as: groups.csv" in refusal(into, archive(**{"groops.csv": ""}), "package.zip")
    assert "There is no CSV file" in refusal(into, archive(), "package.zip")
    twice = archive(**{"groups.csv": "slug\na\n", "more/groups.jsonl": '{"slug": "a"}\n'})
    assert "are of one table" in refusal(into, twice, "package.zip")
    assert "archive within the archive" in refusal(into, archive(**{"groups.csv": archive()}), "package.zip")


def test_an_encrypted_or_damaged_archive_is_refused(into: ExitStack) -> None:
    content = bytearray(archive(**{"groups.csv": "slug\n" + "a\n" * 500}))
    content[45] ^= 0xFF
    assert "is damaged" in refusal(into, bytes(content), "package.zip")
    locked = bytearray(archive(**{"groups.csv": "slug\n"}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place = locked.find(mark) + (6 if mark.endswith(b"\x03\x04") else 8)
        locked[place] |= 1
    assert "is encrypted" in refusal(into, bytes(locked), "package.zip")


# JSON lines


def test_json_lines_become_cells(into: ExitStack) -> None:
    line = {
        "slug": "a",
        "number": 12.5,
        "whole": 10**30,
        "list": ["x", "y|z"],
        "json": {"k": 1.5},
        "yes": True,
        "no": None,
    }
    (_header, row) = rows(into, json.dumps(line).encode() + b"\n\n", "groups.jsonl")
    assert row == ["a", "12.5", str(10**30), "x|y\\|z", '{"k":1.5}', "true", ""]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (b'{"slug": "a"}\n{"slug": \n', "Line 2 is not JSON"),
        (b"[1]\n", "Line 1 is JSON, but no object"),
        (b'{"slug": "a"}\n{"name": "b"}\n', "Line 2 has no “slug”"),
        (b'{"slug": "a"}\n{"slug": "b", "x": 1}\n', "Line 2 has “x”, which the first line has not"),
        (b'{"slug": "a", "slug": "b"}\n', "a key stands there twice"),
        (b'{"slug": [1]}\n', "a list may hold texts only"),
        (b'{"slug": "\\ud800"}\n', "half of a character"),
        (b'{"slug": "\xe1"}\n', "Line 1 is not UTF-8"),
        (b"\n", "The file is empty"),
        (b"[" * 100_000 + b"\n", "Line 1 is not JSON"),
    ],
)
def test_what_is_no_table_of_json_lines_is_refused_with_its_line(into: ExitStack, lines: bytes, sentence: str) -> None:
    assert sentence in refusal(into, lines, "groups.jsonl")


# Other headers


class Given:
    """A source of rows in memory."""

    def __init__(self, *lines: list[str]) -> None:
        self.name, self.notes, self.headers, self._rows = "given.csv", ["as it is"], lines[0], lines[1:]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[list[str]]:
        return iter(self._rows)


COLUMNS = ("slug", "name", "kind")


def test_headers_become_columns_and_what_only_helps_is_passed_over() -> None:
    source = Remapped(
        Given(["clave", "name", "otra", "error", "hint"], ["a", "A", "x", "bad", "do"]),
        COLUMNS,
        columns_of={"clave": "slug", "otra": ""},
    )
    assert (source.headers, list(source)) == (["slug", "name"], [["a", "A"]])
    assert source.notes == ["as it is", "passed over: error, hint"]


def test_a_row_that_is_too_long_or_too_short_stays_so_under_other_headers() -> None:
    source = Remapped(Given(["slug", "x", "name"], ["a", "b", "A", "more"], ["a"]), COLUMNS, columns_of={"x": ""})
    assert list(source) == [["a", "A", "more"], ["a"]]


def test_keys_that_a_person_has_answered_are_read_so_also_among_several() -> None:
    answers = {"kind": {"Peru": "peru", "a|b": "ab"}}
    source = Remapped(
        Given(["slug", "kind"], ["x", "Peru"], ["y", "Peru|chile"], ["Peru", "z"]), COLUMNS, answers=answers
    )
    assert list(source) == [["x", "peru"], ["y", "peru|chile"], ["Peru", "z"]]


def test_rows_of_drafts_come_behind_those_of_the_file() -> None:
    source = Remapped(Given(["name", "slug"], ["A", "a"]), COLUMNS, more=[{"slug": "b", "name": "B"}])
    assert list(source) == [["A", "a"], ["B", "b"]]
    assert len(source) == 2
