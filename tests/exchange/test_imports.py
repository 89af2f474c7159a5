"""Imports from any source of rows: what is told of rows, files in several parts, names beside keys, large files."""

import io
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pghistory
import pghistory.models
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Group, Presence
from crimewatch.citations.models import Source
from crimewatch.exchange import imports
from crimewatch.exchange.catalog import TABLES, TABLES_BY_NAME, Table
from crimewatch.exchange.imports import Engine, Progress, import_sources
from crimewatch.records.resources import CellChange, CSVTable, RowKind, RowOutcome, RowSource, UnreadableSource, bulk
from crimewatch.records.workflow import standings
from regions.models import Region
from tests.exchange.engines import agree, agree_on, csv_table, imported
from tests.factories import make_group, make_presence, make_region, make_source
from tests.kinds import RECORDS

pytestmark = pytest.mark.django_db

ENGINES: tuple[Engine, ...] = ("rows", "bulk")


def files(**contents: str) -> dict[Table, RowSource]:
    return {TABLES_BY_NAME[name]: csv_table(content, f"{name}.csv") for name, content in contents.items()}


def parts(name: str, *contents: str) -> list[tuple[Table, RowSource]]:
    """Several files of one table."""
    return [(TABLES_BY_NAME[name], csv_table(content, f"{number}.csv")) for number, content in enumerate(contents, 1)]


# Why


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("before", "after", "is_asked"),
    [
        ("published", "withdrawn", True),
        ("published", "draft", True),
        ("draft", "withdrawn", True),
        ("in-review", "draft", True),
        ("draft", "in-review", False),
        ("withdrawn", "withdrawn", False),
    ],
)
def test_what_takes_a_record_back_needs_a_reason(engine: Engine, before: str, after: str, is_asked: bool) -> None:
    group = make_presence().group
    Group.objects.filter(pk=group.pk).update(status=before)
    changes = files(groups=f"slug,name,kind,status\n{group.slug},New,street-gang,{after}\nb,B,street-gang,withdrawn\n")
    assert import_sources(changes, engine=engine, dry_run=True).to_explain == is_asked
    report = import_sources(changes, engine=engine)
    assert report.is_written is not is_asked
    assert report.sentences == ([TAKES_BACK] if is_asked else [])
    assert import_sources(changes, engine=engine, reason="Forged.").is_written
    group.refresh_from_db()
    assert (group.name, group.status) == ("New", after)
    assert not is_asked or standings(Group, [group.pk])[group.pk].reason == "Forged."


TAKES_BACK = "It takes 1 record back, from readers or from review: give a reason. Who opens its page is told."


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bad_row_takes_nothing_back(engine: Engine) -> None:
    make_group(slug="a", status="in-review")
    report = import_sources(files(groups="slug,name,status\na,,draft\n"), engine=engine)
    assert (report.to_explain, report.sentences) == (0, [])


# What is told


@pytest.mark.parametrize("engine", ENGINES)
def test_each_row_is_told_with_its_cells_before_and_after(engine: Engine) -> None:
    make_group(slug="a", name="A", aliases=["x"], founded="1990"), make_group(slug="b", name="B")
    rows = ["a,A2,street-gang,x|y,", "b,B,street-gang,,", "c,C,street-gang,,2001", "d,,street-gang,,"]
    text = "\n".join(["slug,name,kind,aliases,founded", *rows, ""])
    run = imported(files(groups=text), engine)
    told = {row: outcome for (_table, row), outcome in run.outcomes.items()}
    assert told[2].kind == RowKind.CHANGED
    assert CellChange("name", "A", "A2") in told[2].cells
    assert CellChange("aliases", "x", "x|y") in told[2].cells
    assert CellChange("founded", "1990", "") in told[2].cells
    assert (told[4].kind, told[4].key) == (RowKind.NEW, "c")
    assert CellChange("status", "", "draft") in told[4].cells
    assert [(problem.column, problem.hint) for problem in told[5].problems] == [("name", "some text")]
    assert told[5].kind == RowKind.BAD


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_refers_to_a_bad_one_is_blocked(engine: Engine) -> None:
    make_region(slug="r"), make_source(slug="s")
    run = imported(
        files(groups="slug,name,kind\ng,,street-gang\n", presences="uid,group,region,source\np,g,r,s\n"), engine
    )
    assert run.outcomes["presences", 2] == RowOutcome(2, "p", RowKind.BLOCKED)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_is_refused_in_the_end_is_told_again(engine: Engine) -> None:
    heard: list[RowOutcome] = []
    import_sources(
        files(groups="slug,name,kind,status\ng,G,street-gang,published\n"),
        engine=engine,
        outcomes=lambda _table, rows: heard.extend(rows),
    )
    assert [outcome.kind for outcome in heard] == [RowKind.NEW, RowKind.BAD]
    assert heard[1].problems[0].column == "status"


@pytest.mark.parametrize("engine", ENGINES)
def test_progress_is_told_by_table_and_stage(engine: Engine) -> None:
    told: list[Progress] = []
    make_region(slug="r"), make_source(slug="s")
    rows = "".join(f"g{number},G,street-gang\n" for number in range(1100))
    claims = "".join(f"p{number},g{number},r,s\n" for number in range(1100))
    package = files(groups=f"slug,name,kind\n{rows}", presences=f"uid,group,region,source\n{claims}")
    assert import_sources(package, engine=engine, progress=told.append).is_written
    assert [each.table.name for each in told] == sorted(each.table.name for each in told)
    assert {each.tables for each in told} == {2}
    assert {(each.table.name, each.tables_done) for each in told} == {("groups", 0), ("presences", 1)}
    assert max(each.done for each in told) in range(1000, 1101)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_history_says_who_and_why_whatever_the_engine(engine: Engine) -> None:
    make_group(slug="a", name="A")
    with pghistory.context(user=7, reason="Corrections", import_file="groups.csv"):
        import_sources(files(groups="slug,name,kind\na,New,street-gang\nb,B,street-gang\n"), engine=engine)
    for group in Group.objects.all():
        event = pghistory.models.Events.objects.tracks(group).order_by("-pgh_id")[0]
        assert event.pgh_context == {"user": 7, "reason": "Corrections", "import_file": "groups.csv"}


def test_the_bulk_engine_takes_many_rows_and_the_row_engine_few(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    run = bulk.BulkImport.run

    def noted(self: Any) -> Any:
        taken.append(len(self.source))
        return run(self)

    monkeypatch.setattr(imports.BulkImport, "run", noted)
    for count in (10, imports.BULK_FROM):
        rows = "".join(f"g{number},G,street-gang\n" for number in range(count))
        assert import_sources(files(groups=f"slug,name,kind\n{rows}")).is_written
    assert taken == [imports.BULK_FROM]


# Files in several parts


def test_files_of_one_table_are_read_as_one_with_their_columns_in_any_order() -> None:
    run = agree(parts("regions", "slug,name,kind,parent\na,A,zone,b\n", "parent,slug,name,kind\n,b,B,zone\n"))
    assert run.counts == {"1.csv + 2.csv": (2, 0, 0, {})}


def test_the_same_key_in_two_files_is_told_in_both() -> None:
    run = agree(parts("regions", "slug,name,kind\na,A,zone\nb,B,zone\n", "slug,name,kind\nc,C,zone\na,A,zone\n"))
    sentence = "The same key stands in rows 1.csv:2 and 2.csv:3: each may stand in a file only once."
    assert run.problems == [f'1.csv:2 slug "a": {sentence}', f'2.csv:3 slug "a": {sentence}']


def test_the_same_uid_in_two_files_is_told_in_both() -> None:
    make_group(slug="g"), make_region(slug="r"), make_source(slug="s")
    text = "uid,group,region,source\nx,g,r,s\n"
    sentence = "The same key stands in rows 1.csv:2 and 2.csv:2: each may stand in a file only once."
    run = agree(parts("presences", text, text))
    assert run.problems == [f'1.csv:2 uid "x": {sentence}', f'2.csv:2 uid "x": {sentence}']


def test_a_circle_over_two_files_is_told_in_each_of_its_rows() -> None:
    run = agree(parts("regions", "slug,name,kind,parent\na,A,zone,b\n", "slug,name,kind,parent\nb,B,zone,a\n"))
    assert [problem.split(" cannot")[0] for problem in run.problems] == [
        '1.csv:2 parent "b": “a”',
        '2.csv:2 parent "a": “b”',
    ]


def test_files_of_one_table_with_other_columns_are_refused() -> None:
    run = agree(parts("regions", "slug,name,kind\na,A,zone\n", "slug,name\na,A\n"))
    assert run.problems == [
        "1.csv + 2.csv: 1.csv and 2.csv are files of one table, but have not the same columns: import one by one."
    ]


def test_a_file_that_cannot_be_opened_is_told_and_the_others_are_judged_all_the_same() -> None:
    sources = {
        TABLES_BY_NAME["groups"]: UnreadableSource("groups.xlsx", "It has no sheet."),
        **files(regions="slug,name,kind\na,,zone\n"),
    }
    assert agree(sources).problems == [
        'regions.csv:2 name "": The cell must not be empty: write some text.',
        "groups.xlsx: It has no sheet.",
    ]


# Names beside keys


def test_names_beside_keys_are_checked_and_not_used() -> None:
    make_group(slug="g", name="Clan"), make_region(slug="r", name="Río"), make_source(slug="s")
    header = "uid,group,group:name,region,region:name,source\n"
    assert agree_on({"presences": f"{header}a,g,Clan,r, Río ,s\nb,g,,r,,s\n"}).is_written
    assert agree_on({"presences": f"{header}a,g,Clans,r,Río,s\nb,g,Clan,x,Río,s\nc,,Clan,r,,s\n"}).problems == [
        (
            'presences.csv:2 group:name "Clans": “Clans” is not what is named in “group”, which is “Clan”: '
            "mend one of the two."
        ),
        'presences.csv:3 region "x": There is no region with the key “x”.',
        'presences.csv:4 group "": The cell must not be empty: write the key of one group.',
    ]


def test_a_name_beside_a_cell_that_may_be_empty_needs_the_key() -> None:
    make_region(slug="peru", name="Perú", kind="country")
    assert agree_on({"people": "slug,name,nationality,nationality:name\na,A,,Perú\n"}).problems == [
        'people.csv:2 nationality:name "Perú": “Perú” is named here, but “nationality” is empty: write the key there.'
    ]


def test_names_of_what_takes_none_are_unknown_columns() -> None:
    (problem,) = agree_on({"groups": "slug,name,kind,kind:name\na,A,street-gang,x\n"}).problems
    assert problem.startswith("groups.csv: There is no column “kind:name”")


# Large and odd files


class Rows:
    """Rows that are made when they are asked for."""

    notes: Sequence[str] = ()
    name = "rows"

    def __init__(self, headers: str, count: int, row: Callable[[int], list[str]]) -> None:
        self.headers, self._count, self._row = headers.split(","), count, row

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[list[str]]:
        return map(self._row, range(self._count))


def claims(count: int, bad: int = 0, note: str = "") -> dict[Table, RowSource]:
    """Presences of which one of every `bad` is bad."""

    def row(number: int) -> list[str]:
        is_bad = bad and number % bad == 0
        return [f"p{number}", "g", "r", "Base" if is_bad else "base", "s", "6", "198" if is_bad else "1980", note]

    return {TABLES_BY_NAME["presences"]: Rows("uid,group,region,kind,source,credibility,when,note", count, row)}


def test_every_bad_row_of_a_large_file_is_told_without_a_query_for_each() -> None:
    make_group(slug="g"), make_region(slug="r"), make_source(slug="s")

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            report = import_sources(claims(count, bad=10), engine="bulk", dry_run=True)
        assert len(report.tables[0].problems) == count // 10 * 2
        return len(captured)

    assert queries(20_000) - queries(2_000) < 150


def test_memory_does_not_grow_with_the_file() -> None:
    make_group(slug="g"), make_region(slug="r"), make_source(slug="s")

    def peak(count: int) -> int:
        tracemalloc.start()
        assert not import_sources(claims(count, note="n" * 300), engine="bulk", dry_run=True).has_problems
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(100)
    # 12,000 rows more hold some five million bytes of text.
    assert peak(16_000) - peak(4_000) < 1_500_000


def test_a_cell_of_five_megabytes_comes_in_and_out() -> None:
    text = "slug,name,full_text\ns,S," + "word " * 1_000_000 + "\n"
    run = agree_on({"sources": text})
    assert run.is_written
    import_sources(files(sources=text), engine="bulk")
    assert len(Source.objects.get().full_text) == 5_000_000
    assert b"word " * 1_000_000 in b"".join(TABLES_BY_NAME["sources"].resource().export_csv())


def test_rows_with_too_many_or_too_few_cells_are_told_with_all_others() -> None:
    run = agree_on({"groups": "slug,name,kind\na,A\nb,B,street-gang,x\nc,C,gang\n\nd,D,street-gang\n"})
    assert [problem.split(":")[1].split(" ")[0] for problem in run.problems] == ["2", "3", "4"]
    assert run.outcomes["groups", 6].kind == RowKind.NEW


@pytest.mark.parametrize("sign", ["\0", "\ud800"])
def test_what_is_no_text_is_told_in_its_cell(sign: str) -> None:
    rows = [["a", f"A{sign}", "street-gang"], [f"b{sign}", "B", "street-gang"], ["c", "C", f"{sign}"]]
    sources = {TABLES_BY_NAME["groups"]: Rows("slug,name,kind", 3, rows.__getitem__)}
    run = agree(sources)
    assert [
        (outcome.kind, [each.column for each in outcome.problems]) for _, outcome in sorted(run.outcomes.items())
    ] == [
        (RowKind.BAD, ["name"]),
        (RowKind.BAD, ["slug"]),
        (RowKind.BAD, ["kind"]),
    ]
    assert all(f"U+{ord(sign):04X}" in problem for problem in run.problems)


def test_keys_that_are_made_from_names_leave_the_keys_of_other_rows_alone() -> None:
    make_region(slug="puno-3", past_slugs=["puno-2"])
    text = "slug,name,kind\n,Puno,zone\n,Puno,zone\npuno,P,zone\n,,zone\n,Ñandú,zone\n"
    run = agree_on({"regions": text.replace(",,zone\n", "")})
    assert run.is_written
    import_sources(files(regions=text.replace(",,zone\n", "")), engine="bulk")
    assert set(Region.objects.values_list("slug", flat=True)) == {"puno", "puno-3", "puno-4", "puno-5", "nandu"}
    assert 'regions.csv:5 name "": The cell must not be empty: write some text.' in agree_on({"regions": text}).problems


def test_a_code_may_pass_from_row_to_row_in_bulk_as_well() -> None:
    make_region(slug="a", ubigeo="21"), make_region(slug="b", ubigeo="22"), make_region(slug="c", ubigeo="23")
    assert agree_on({"regions": "slug,ubigeo\na,\nb,21\nc,22\n"}).is_written
    assert not agree_on({"regions": "slug,ubigeo\nb,21\na,\n"}).is_written


def test_an_estimate_takes_the_unit_of_its_indicator_in_bulk_as_well() -> None:
    run = agree_on(
        {
            "indicators": "slug,name,unit\ni,I,hectare\nj,J,person\n",
            "regions": "slug,name,kind\nr,R,zone\n",
            "sources": "slug,name\ns,S\n",
            "region_estimates": "uid,region,indicator,best,unit,source\na,r,i,1,,s\nb,r,j,2,,s\nc,r,j,2,hectare,s\n",
        }
    )
    assert run.is_written
    without = "uid,region,indicator,best,source\na,r,i,1,s\nb,r,j,2,s\n"
    assert agree_on(
        {
            "indicators": "slug,name,unit\ni,I,hectare\nj,J,person\n",
            "regions": "slug,name,kind\nr,R,zone\n",
            "sources": "slug,name\ns,S\n",
            "region_estimates": without,
        }
    ).is_written


def test_a_claim_that_changes_keeps_what_its_file_does_not_mention() -> None:
    make_presence(uid="x", note="Old.", group=make_group(slug="g"), when="2016")
    make_group(slug="h")
    run = agree_on({"presences": "uid,group,when\nx,h,\n"})
    assert run.counts == {"presences.csv": (0, 1, 0, {"group": 1, "when": 1})}
    assert Presence.objects.get().note == "Old."


def test_what_each_model_cleans_by_itself_is_named() -> None:
    """An import asks `clean` once for each combination of the values that it looks at: a model has to name them."""
    for model in [table.model for table in TABLES]:
        for kind in model.__mro__:
            if "clean" in vars(kind) and kind.__module__.split(".")[0] != "django":
                assert "cleaned_from" in vars(kind), f"{kind.__name__} has a clean of its own"
    assert set(RECORDS) < {table.model for table in TABLES}


def test_a_file_can_be_read_again_and_again() -> None:
    table = CSVTable(io.BytesIO(b"slug,name,kind\na,A,street-gang\n"), "groups.csv")
    assert list(table) == list(table)
