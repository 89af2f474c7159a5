"""CSV files as spreadsheets leave them, and what is said of those that cannot be read."""

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from crimewatch.records.resources import CSVTable, RefusedError, csv_line

TEXT = "slug,name\nhuanuco,Huánuco\npuno,Puno\n"


def table(content: str | bytes) -> CSVTable:
    return CSVTable(io.BytesIO(content.encode() if isinstance(content, str) else content), "regions.csv")


def refusal(content: str | bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        table(content)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-with-mark", "utf-16-be-with-mark"])
def test_unicode_is_read_with_or_without_a_byte_order_mark(encoding: str) -> None:
    codec = encoding.removesuffix("-with-mark")
    mark = "\ufeff" if encoding.endswith("-with-mark") else ""
    read = table((mark + TEXT).encode(codec))
    assert read.headers == ["slug", "name"]
    assert list(read) == [["huanuco", "Huánuco"], ["puno", "Puno"]]
    assert len(read) == 2


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_semicolons_and_tabs_between_the_cells_are_accepted_and_told(delimiter: str, word: str) -> None:
    read = table(TEXT.replace(",", delimiter))
    assert list(read) == [["huanuco", "Huánuco"], ["puno", "Puno"]]
    assert read.notes == [f"read with {word} between the cells"]


def test_commas_in_quoted_cells_do_not_pass_for_the_delimiter() -> None:
    read = table('"slug";"name";"a,b,c,d"\n"x";"y, z";"1"\n')
    assert read.headers == ["slug", "name", "a,b,c,d"]
    assert list(read) == [["x", "y, z", "1"]]


def test_a_file_is_read_as_often_as_it_is_asked_for() -> None:
    read = table(TEXT)
    assert list(read) == list(read)


def test_windows_line_ends_are_accepted_and_those_inside_a_cell_are_kept() -> None:
    read = table('slug,name\r\nx,"one\r\ntwo\nthree\rfour"\r\n')
    assert list(read) == [["x", "one\r\ntwo\nthree\rfour"]]


def test_a_blank_line_is_a_row_of_empty_cells() -> None:
    assert list(table("slug,name\n\nx,y\n\n")) == [["", ""], ["x", "y"], ["", ""]]


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert len(table("slug,name\n")) == 0


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b",,\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content) == "The file is empty: its first row must name the columns."


def test_windows_1252_is_refused_with_the_place_and_the_reading() -> None:
    sentence = refusal(TEXT.encode("windows-1252"))
    assert sentence == (
        "The file is not UTF-8: byte 20, in row 2 after “Hu”, is 0xE1, which begins no character there, and it has no "
        "byte order mark of UTF-16. It looks like Windows-1252, in which the cell reads “Huánuco”. "
        "Save it as “CSV UTF-8”."
    )


@pytest.mark.parametrize(("codec", "name"), [("cp850", "DOS code page 850"), ("mac_roman", "Mac Roman")])
def test_other_encodings_of_spanish_are_named_but_not_read(codec: str, name: str) -> None:
    assert f"It looks like {name}, in which the cell reads “Huánuco”." in refusal(TEXT.encode(codec))


def test_the_place_of_a_wrong_byte_is_told_far_down_a_file_and_behind_a_byte_order_mark() -> None:
    rows = "".join(f"region-{number},Región\n" for number in range(5000))
    content = f"\ufeffslug,name\n{rows}".encode() + b"ca\xf1ete,x\n"
    assert f"byte {len(content) - 7}, in row 5002 after “ca”, is 0xF1" in refusal(content)


def test_a_wrong_byte_in_the_header_is_told() -> None:
    assert "in row 1 after “a”" in refusal(b"slug,a\xf1o\n")


def test_utf_16_without_a_byte_order_mark_is_refused() -> None:
    assert refusal(TEXT.encode("utf-16-le")) == (
        "Line 1 has a NUL character in it, so this is not a text file, or one in UTF-16 without a byte order mark: "
        "save it as “CSV UTF-8”."
    )


def test_a_nul_character_is_refused_with_its_line() -> None:
    assert refusal("slug,name\nx,y\nz,a\0b\n").startswith("Line 3 has a NUL character in it")


def test_utf_16_that_is_cut_off_is_refused() -> None:
    assert "cut off" in refusal(TEXT.encode("utf-16")[:-1])


def test_a_file_cut_off_in_a_character_is_refused() -> None:
    assert refusal("slug,name\nx,Huá".encode()[:-1]) == "The file ends in the middle of a character: it is cut off."


def test_a_file_cut_off_in_quotation_marks_is_refused_with_the_row() -> None:
    assert refusal('slug,name\nx,"a\nb"\ny,"and then\nnothing\n') == (
        "Row 3, which begins in line 4, has a quotation mark that is never closed: the file is cut off, or a quotation "
        'mark inside a cell is not doubled ("").'
    )


def test_a_stray_quotation_mark_is_refused_with_the_row() -> None:
    assert refusal('slug,name\nx,"the "so-called" clan"\n').startswith(
        "Row 2, which begins in line 2, has text behind a closing quotation mark"
    )


@pytest.mark.parametrize("start", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_workbook_is_refused(start: bytes) -> None:
    assert refusal(start) == "This is a workbook, not a CSV file: save its sheet as “CSV UTF-8” first."


def test_a_file_over_the_limit_is_refused_before_it_is_read(settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    sentence = refusal(b"slug,name\n" + b"x" * (3 * 1024 * 1024 - 10))
    assert sentence == (
        "The file has 3 MB, and at most 1 MB are read: split it, or raise UPLOAD_LIMIT_MB in the environment."
    )


def test_300_megabytes_are_refused_without_reading_them(tmp_path: Path, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 50 * 1024 * 1024
    path = tmp_path / "regions.csv"
    with path.open("wb") as file:
        file.write(b"slug,name\n")
        file.truncate(300 * 1024 * 1024)  # a sparse file: no disk is filled
    with path.open("rb") as file:
        tracemalloc.start()
        with pytest.raises(RefusedError, match="300 MB"):
            CSVTable(file, "regions.csv")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1_000_000


def peak_of_reading(path: Path) -> int:
    with path.open("rb") as file:
        tracemalloc.start()
        for _cells in CSVTable(file, path.name):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    row = "huanuco,Huánuco,una región del Perú con café y coca\n"
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text("slug,name,summary\n" + row * 1_000, encoding="utf-8")
    large.write_text("slug,name,summary\n" + row * 100_000, encoding="utf-8")
    peak_of_reading(small)  # whatever is loaded once is loaded now
    assert peak_of_reading(large) < peak_of_reading(small) + 200_000


def test_a_cell_of_five_megabytes_is_read() -> None:
    long = "x" * 5_000_000
    assert list(table(f"slug,summary\na,{long}\n")) == [["a", long]]


cells = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(st.lists(cells, min_size=2, max_size=2).filter(any)))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    content = csv_line(["slug", "name"]) + "".join(csv_line(row) for row in rows)
    assert list(table(content)) == rows


def test_only_cells_that_need_them_get_quotation_marks() -> None:
    assert csv_line(["a", "b c", "d,e", 'f"g', "h\ni", "j\rk", "=l", "á;|"]) == (
        'a,b c,"d,e","f""g","h\ni","j\rk",\'=l,á;|\n'
    )
