"""One definition, two engines: the same outcome, row by row, and the same database afterwards, history included."""

import inspect
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import Group as LoginGroup
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actors.models import Group, Presence
from crimewatch.exchange import dataset
from crimewatch.exchange.catalog import TABLES, Table
from crimewatch.exchange.dataset import package_files
from crimewatch.exchange.imports import import_sources
from crimewatch.records.models import Record
from crimewatch.records.resources import RowSource, TableResource, TableResult
from tests.exchange import test_dataset
from tests.exchange.engines import agree, agree_on, csv_table
from tests.exchange.packages import taken_back
from tests.exchange.test_round_trip import make_rows
from tests.exchange.values import texts
from tests.factories import make_group, make_presence, make_region, make_source
from tests.people import make_researcher
from tests.records import test_resources

pytestmark = pytest.mark.django_db

FIXTURES = sorted(path for path in Path(site.BASE_DIR, "fixtures").iterdir() if path.is_dir())
NAMES = {table.resource: table.name for table in TABLES}


def cases(module: ModuleType, *used: str) -> list[Any]:
    """The tests of `module` that call one of the functions `used`, each with the values that it is run with."""
    found = []
    for name, test in vars(module).items():
        if name.startswith("test_") and is_about_rows(inspect.getsource(test), used):
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
            for place, values in enumerate(chain(*(values_of(mark) for mark in marks)) if marks else [{}]):
                found.append(pytest.param(test, values, id=f"{name}-{place}" if marks else name))
    return found


def is_about_rows(code: str, used: Sequence[str]) -> bool:
    """Whether a test is about what an import says and does, not about what it takes or what was set around it."""
    return any(call in code for call in used) and not any(
        call in code for call in ("queries", "tracemalloc", "pgh_context")
    )


def values_of(mark: Any) -> Iterator[dict[str, Any]]:
    names, values, *_rest = mark.args
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    for value in values:
        yield dict(zip(names, [value] if len(names) == 1 else value, strict=True))


def sources_of(folder: Path) -> dict[Table, RowSource]:
    return {table: csv_table(path.read_bytes(), path.name) for table, path in package_files(folder)}


@pytest.mark.parametrize("folder", FIXTURES, ids=[path.name for path in FIXTURES])
def test_a_package_of_the_fixtures(folder: Path) -> None:
    if folder.name != "vocabularies":  # the others refer to it
        import_sources(sources_of(folder.parent / "vocabularies"))
    sources = sources_of(folder)
    assert agree(sources).report.is_written
    import_sources(sources)
    again = agree(sources)
    assert all(table.new + table.changed == 0 for table in again.report.tables)


@pytest.mark.parametrize(("test", "values"), cases(test_resources, "problems(", "imported("))
def test_every_case_of_a_table(test: Any, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    real = test_resources.imported

    def imported(resource: type[TableResource], text: str, **options: Any) -> TableResult:
        if options.keys() <= {"user", "dry_run"}:
            agree_on({NAMES[resource]: text}, **options)
        return real(resource, text, **options)

    monkeypatch.setattr(test_resources, "imported", imported)
    test(**values)


@pytest.mark.parametrize(("test", "values"), cases(test_dataset, "import_dataset"))
def test_every_case_of_a_package(
    test: Any, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    def imported(sources: Any, **options: Any) -> Any:
        agree(sources, **{name: value for name, value in options.items() if name != "engine"})
        return import_sources(sources, **options)

    monkeypatch.setattr(dataset, "import_sources", imported)
    fixtures = [name for name in inspect.signature(test).parameters if name not in values]
    test(**values, **{name: request.getfixturevalue(name) for name in fixtures})


def restrict(*records: Any) -> None:
    for record in records:
        rows = type(record).objects.filter(pk=record.pk)
        rows.update(restricted_to=["Witness desk"], restriction_reason="Names of witnesses.")


def test_what_is_closed_to_the_one_who_imports_is_told_alike() -> None:
    LoginGroup.objects.create(name="Witness desk")
    group, closed = make_group(slug="g"), make_group(slug="closed", past_slugs=["shut"])
    region, source = make_region(slug="r"), make_source(slug="s")
    make_presence(uid="mine", group=group, region=region, source=source)
    make_presence(uid="theirs", group=closed, region=region, source=source)
    restrict(closed)
    user = make_researcher(Group, Presence, actions=("view", "add", "change"))
    groups = "slug,name,kind,restricted_to,restriction_reason\n"
    groups += "g,New,street-gang,,\nclosed,Mine,street-gang,,\nshut,Mine,street-gang,,\nh,H,street-gang,,\n"
    groups += "i,I,street-gang,Witness desk,Because.\nj,J,street-gang,Nobody,Because.\n"
    presences = "uid,group,region,source\nmine,g,r,s\ntheirs,g,r,s\nnew,closed,r,s\nother,shut,r,s\nlast,h,r,s\n"
    run = agree_on({"groups": groups, "presences": presences}, user=user)
    assert len(run.problems) == 6
    good = groups.replace("Nobody", "Witness desk").replace("shut,Mine,street-gang,,\n", "")
    run = agree_on({"groups": good, "presences": presences})
    assert run.problems == []
    assert run.is_written


@pytest.mark.parametrize("actions", [(), ("add",), ("change",), ("add", "change"), ("add", "change", "publish")])
def test_what_the_one_who_imports_may_not_do_is_told_alike(actions: tuple[str, ...]) -> None:
    make_group(slug="g"), make_group(slug="same", name="Same", kind="street-gang")
    text = "slug,name,kind,status\ng,New,street-gang,published\nsame,Same,street-gang,draft\n"
    text += "h,H,street-gang,in-review\ni,I,street-gang,published\n"
    agree_on({"groups": text}, user=make_researcher(Group, actions=("view", *actions)))


def test_blank_rows_of_another_width_are_refused_alike() -> None:
    run = agree_on({"groups": "slug,name,kind\n,,\n\n,\na,A,street-gang\n,,,\n"})
    assert [problem.split(":")[1] for problem in run.problems] == ["4", "6"]


@pytest.mark.parametrize("order", [1, -1])
def test_names_beside_keys_are_those_from_before_the_file(order: int) -> None:
    make_region(slug="above", name="Above")
    make_region(slug="below", name="Below")
    rows = ["above,Renamed,zone,,", "below,Below,zone,above,Above", "new,New,zone,above,Renamed"][::order]
    run = agree_on({"regions": "slug,name,kind,parent,parent:name\n" + "".join(f"{row}\n" for row in rows)})
    assert len(run.problems) == 1
    assert "“Renamed” is not what is named in “parent”" in run.problems[0]


def test_rows_with_one_key_are_judged_each_by_its_own_cells() -> None:
    make_region(slug="r")
    run = agree_on({"regions": "slug,latitude,longitude\nr,1,1\nr,1,99999\nr,99999,1\n"})
    assert not any(problem.startswith("regions.csv:2 l") for problem in run.problems)


SPOILT = [
    "",
    " ",
    "x",
    "X y",
    "0",
    "-1",
    "99999",
    "1.5",
    "|",
    "a||b",
    "2017",
    "1999/1990",
    "true",
    "Verdadero",
    "NaN",
    "{}",
]
SPOILT += ["=1", "\x00", "\ud800", "draft", "published", "conflict", "percent", "region-1", "zone", "'=1", "a" * 400]


@st.composite
def spoilt(
    draw: st.DrawFn, table: Table, header: list[str], rows: list[list[str]]
) -> tuple[list[str], list[list[str]]]:
    """A file with some columns left out or exchanged, some cells spoilt, and some rows added, repeated or too short."""
    columns = draw(st.lists(st.sampled_from(header[1:]), unique=True))
    columns = draw(st.permutations([header[0], *(columns if draw(st.booleans()) else header[1:])]))
    places = [header.index(name) for name in columns]
    found = [[row[place] for place in places] for row in rows]
    keys = [row[0] for row in rows]
    for _ in range(draw(st.integers(0, 5))):
        row = draw(st.sampled_from(found))
        kind = draw(st.sampled_from(["cell", "cell", "cell", "key", "again", "new", "short"]))
        at = draw(st.integers(0, len(columns) - 1))
        if not row:  # nothing is left of it
            row.append(draw(st.sampled_from(["", *keys])))
        elif kind == "cell":
            row[at % len(row)] = draw(st.sampled_from([*SPOILT, *keys]) | texts())
        elif kind == "key":
            row[columns.index(header[0]) % len(row)] = draw(st.sampled_from(["", "new-key", "another", *keys]))
        elif kind == "new":
            new = list(row)
            new[columns.index(header[0]) % len(row)] = draw(st.sampled_from(["", "fresh", "b-1"]))
            found.append(new)
        elif kind == "again":
            found.append(list(row))
        else:
            row.append("more") if draw(st.booleans()) else row.pop()
    return columns, draw(st.permutations(found))


class Rows:
    """Rows that come from no file, with whatever a cell can hold."""

    notes: Sequence[str] = ()

    def __init__(self, name: str, headers: list[str], rows: list[list[str]]) -> None:
        self.name, self.headers, self._rows = name, headers, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[list[str]]:
        return iter(self._rows)


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
@given(data=st.data())
def test_a_made_up_file(table: Table, data: st.DataObject) -> None:
    with taken_back():
        make_rows(table, data)
        resource = table.resource()
        header = [*resource.columns, *(resource.name_columns if data.draw(st.booleans()) else ())]
        rows = list(resource.export_rows(columns=header))
        columns, found = data.draw(spoilt(table, header, rows))
        if not issubclass(table.model, Record) and data.draw(st.booleans()):
            table.model.objects.all().delete()
        agree({table: Rows("made-up.csv", columns, found)})
