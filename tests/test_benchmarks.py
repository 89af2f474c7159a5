"""The generated data keep every rule and are the same for the same seed, and what the benchmark says of them is so."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count

from actors.models import Group, Presence
from benchmarks import generate as script
from benchmarks.admin_pages import Measurement, growing, measure_all, summary, tables
from benchmarks.claims import numbers_of_claims
from benchmarks.downloads import ADDRESSES, Download
from benchmarks.downloads import measure as measure_download
from benchmarks.downloads import row_of as download_row
from benchmarks.generate import generate
from benchmarks.history import QUICK, row_of
from benchmarks.history import measure_all as measure_history
from benchmarks.publication import measure_all as measure_publication
from benchmarks.quality_desk import editor
from benchmarks.quality_desk import measure as measure_desk
from benchmarks.reader_pages import brief, by_processor
from benchmarks.reader_pages import cell as reader_cell
from benchmarks.reader_pages import measure_all as measure_readers
from benchmarks.reading import busiest_visible
from benchmarks.transfer import Measured, server_here, table_of, work_of
from benchmarks.transfer_steps import STEPS, STEPS_BY_NAME, way_to
from benchmarks.words import COMMON_WORD, RARE_WORD
from crimewatch.citations.models import Source
from crimewatch.curation.quality.desk import Desk
from crimewatch.explorer.models import AnyClaim, Mention, claim_models
from crimewatch.records.models import Status
from regions.models import Region
from tests.factories import make_presence, make_source
from tests.kinds import RECORDS

CLAIMS = 1_000


def make_all(seed: int = 1) -> None:
    generate(CLAIMS, seed, report=[].append)


@pytest.fixture
def data(db: None) -> None:
    make_all()


def test_a_thousand_claims_are_of_every_kind_and_keep_every_rule(data: None) -> None:
    connection.check_constraints()  # also what is checked only at the end of a transaction
    assert AnyClaim.objects.count() == CLAIMS
    assert {model for model in claim_models() if model.objects.exists()} == set(claim_models())
    for model in claim_models():
        for claim in model.objects.with_records()[:3]:
            claim.full_clean()


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_records_are_valid_and_of_several_states(data: None, model: Any) -> None:
    for record in model.objects.all()[:3]:
        record.full_clean()
    assert model.objects.published().exists()
    assert model.objects.exclude(status=Status.PUBLISHED).exists()


@pytest.mark.parametrize("claims", [1_000, 1_234, 1_000_000])
def test_the_kinds_of_claims_add_up(claims: int) -> None:
    assert sum(numbers_of_claims(claims).values()) == claims


def test_one_group_has_presences_in_a_tenth_of_few_claims(data: None) -> None:
    biggest = Presence.objects.order_by().values("group").annotate(number=Count("pk")).order_by("-number").first()
    assert biggest is not None
    assert biggest["number"] == CLAIMS // 10


def test_the_best_known_region_is_in_about_a_tenth_of_all_claims(data: None) -> None:
    named = Mention.objects.filter(record_type="regions_region").values("record_id")
    most = named.annotate(number=Count("claim_id", distinct=True)).order_by("-number")[0]["number"]
    assert 0.07 * CLAIMS <= most <= 0.13 * CLAIMS


def test_the_rare_word_is_rare_and_the_common_one_is_not(data: None) -> None:
    assert Source.objects.search(RARE_WORD).count() == 1
    for model in claim_models():
        assert model.objects.filter(search_key__contains=RARE_WORD).count() == 1
    assert AnyClaim.objects.filter(search_key__contains=COMMON_WORD).count() > CLAIMS / 20


def rows_of(seed: int) -> Iterator[tuple[Any, ...]]:
    """What generating makes, taken back again."""
    with transaction.atomic():
        make_all(seed)
        yield from AnyClaim.objects.order_by("claim_type", "uid").values_list(
            "claim_type", "uid", "subject_id", "source_id", "locator", "when", "note", "search_key", "created_at"
        )
        for model in RECORDS:
            yield from model.objects.order_by("pk").values_list("pk", "slug", "name", "aliases", "summary", "status")
        transaction.set_rollback(True)


def test_the_same_seed_makes_the_same_rows_and_another_one_others(db: None) -> None:
    first = list(rows_of(seed=7))
    assert list(rows_of(seed=7)) == first
    assert list(rows_of(seed=8)) != first


def test_a_database_that_holds_data_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_source()
    monkeypatch.setattr(sys, "argv", ["generate.py", "--claims", "1000"])
    with pytest.raises(SystemExit) as exit_:
        script.main()
    assert exit_.value.code != 0
    assert "holds data already" in capsys.readouterr().err
    assert Source.objects.count() == 1


def test_pages_are_opened_and_counted(data: None) -> None:
    measured = measure_all(CLAIMS, runs=1, only="/routes/")
    assert {m.section for m in measured} == {"Lists", "Forms", "Selects"}
    assert all(m.queries > 1 and m.milliseconds > 0 for m in measured)
    assert "| routes |" in tables(measured)
    assert "At 1,000 claims" in summary(measured)


def test_a_page_whose_queries_grow_with_the_claims_is_named() -> None:
    def measured(what: str, claims: int, queries: int) -> Measurement:
        return Measurement("Lists", "regions", what, "/", claims, queries, 20.0, 3.0, "SELECT")

    same = [measured("page 2", claims, 5) for claims in (1_000, 100_000)]
    grown = [measured("as it opens", claims, queries) for claims, queries in ((1_000, 5), (100_000, 7))]
    assert growing(same + grown) == ["Lists · regions · as it opens"]
    assert "**5/7**" in tables(same + grown)


def test_a_step_of_the_transfer_finds_the_table_as_it_needs_it_whichever_others_are_measured() -> None:
    def names(state: str, present: str) -> list[str]:
        return [step.name for step in way_to(state, present)]

    assert names("stored", "spoilt") == ["ours"]
    assert names("stored", "stored") == names("empty", "stored") == []
    assert names("confirmed", "bad") == ["upload", "confirm"]
    assert names("confirmed", "previewed") == ["confirm"]
    state = "empty"
    for step in STEPS:  # in their own order nothing is done twice
        assert step.before == "empty" or not way_to(step.before, state), step.name
        state = step.after


def test_the_figures_of_the_transfer_are_medians_beside_what_is_possible() -> None:
    def runs(*seconds: float) -> list[Measured]:
        return [Measured(each, each / 4, 80.0 + each, "") for each in seconds]

    steps = [STEPS_BY_NAME[name] for name in ("limit", "plain", "ours", "copy", "export", "pages")]
    times = [runs(1, 9, 2), runs(10), runs(4), runs(0.5), runs(1), [Measured(3, 3, 90, "80 ms")]]
    lines = table_of(dict(zip(steps, times, strict=True)), 10_000).splitlines()
    limit, plain, ours, _copy, export, pages = (line.strip("| ").split(" | ") for line in lines[2:])
    assert limit[2:8] == ["2.00", "5,000", "1.00", "0.50", "1.00", "89 MB"]
    assert plain[2:7] == ["10.00", "100", "0.02", "2.50", "0.02"]
    assert (ours[4], ours[6], export[4], export[6]) == ("0.50", "0.50", "0.50", "0.50")
    assert pages[2:] == ["", "", "", "", "", "90 MB", "80 ms"]


def test_the_work_of_the_server_counts_with_that_of_the_process(db: None) -> None:
    server = server_here()
    before = work_of(server)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, 500000)")
    assert server is None or work_of(server) > before


def test_pages_of_readers_are_opened_beside_their_bare_sql(data: None) -> None:
    measured = list(measure_readers(CLAIMS, 1, "/agencies/", "Start"))
    assert {m.section for m in measured} == {"Lists", "Profiles", "Start and search"}
    assert all(m.queries > 1 and m.milliseconds > 0 and m.bare_milliseconds > 0 for m in measured)
    assert "| agencies |" in tables(measured, reader_cell)
    assert "×" in reader_cell(measured[:1])
    assert by_processor(measured).startswith("Of a processor at 1,000 claims: median ")
    slowest = max((m for m in measured if m.section == "Profiles"), key=lambda m: m.milliseconds)
    assert f"at most {slowest.milliseconds:,.0f}: {slowest.what} |" in brief(measured)


def test_the_history_is_measured_with_its_triggers_and_without(db: None, tmp_path: Path) -> None:
    measured = list(measure_history(tmp_path, QUICK, runs=1))
    assert [m.what for m in measured] == list(QUICK)
    assert all(clock > 0 for m in measured for clock in (m.kept[0][0], m.off[0][0], m.ratios[0]))
    assert row_of(measured[0]).startswith("| save | 5 |")
    make_presence()
    assert Presence.pgh_event_model.objects.filter(pgh_label="insert").count() == 1  # and is kept again afterwards


def test_publishing_many_is_measured_and_takes_no_query_for_each(db: None) -> None:
    few, many = (list(measure_publication(number)) for number in (3, 60))
    assert [(m.what, m.records) for m in many] == [("published", 60), ("withdrawn", 60)]
    assert [m.queries for m in few] == [m.queries for m in many]
    assert Group.objects.filter(status=Status.WITHDRAWN).count() == 63


def test_files_of_lists_are_measured_to_their_last_line(data: None) -> None:
    region = busiest_visible(Region).slug
    measured = {address: measure_download(address.format(region=region)) for address in ADDRESSES}
    assert not [address for address, one in measured.items() if not one.size or "{" in one.address]
    assert measured["/regions/?format=csv"].lines == 1 + Region.objects.published().count()
    assert "| 1,000 |" in download_row(Download("/claims/?format=csv", 1_000, 2_000_000, 500, 250, 1.4))


def test_every_check_of_the_quality_desk_is_measured(data: None) -> None:
    rows = measure_desk(runs=1)
    assert {check.name for check in Desk(editor()).checks} <= {row.split(" | ")[0].strip("| ") for row in rows}
    assert "queries" in rows[-1]
