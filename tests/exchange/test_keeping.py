"""What is kept of uploads and exports: for a time, up to a size, and never half of it."""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actors.models import Group
from crimewatch.exchange import batches, keeping
from crimewatch.exchange.models import BatchState, ExportFile, ImportBatch, PreviewRow
from crimewatch.exchange.sweeping import make_room, sweep
from tests.exchange.uploading import act, confirm, page, upload, uploaded

pytestmark = pytest.mark.django_db

TEXT = "slug,name,kind\na,A,street-gang\n"


@pytest.fixture
def manager(client: Client, db: None, settings: Any, tmp_path: Any) -> Client:
    settings.KEPT_FILES = tmp_path / "exchange"
    client.force_login(User.objects.create_superuser("ana"))
    return client


def age(batch: ImportBatch, days: int) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(created_at=timezone.now() - timedelta(days=days))


def test_an_upload_goes_after_its_time_and_what_it_was_stays_known(manager: Client, settings: Any) -> None:
    settings.FILES_KEPT_DAYS = 10
    old, new = confirm(manager, uploaded(manager, TEXT)), uploaded(manager, TEXT.replace("a,A", "b,B"))
    age(old, 11)
    sweep()
    assert not keeping.path_of(old.uid).exists()
    assert keeping.path_of(new.uid).exists()
    shown = page(manager, old)
    assert "not kept any more" in shown
    assert old.sha256 in shown
    assert manager.get(reverse("exchange:kept_file", args=[old.uid])).status_code == 404


def test_a_preview_that_nobody_has_confirmed_is_given_up_after_its_time(manager: Client) -> None:
    batch = uploaded(manager, TEXT)
    age(batch, 31)
    sweep()
    assert confirm(manager, batch).state == BatchState.CANCELLED
    assert not Group.objects.exists()
    act(manager, batch, "again")
    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED
    assert "upload it again" in batch.problem


def test_the_rows_of_a_preview_go_when_it_has_been_decided_on(manager: Client) -> None:
    batch = confirm(manager, uploaded(manager, TEXT))
    ImportBatch.objects.filter(pk=batch.pk).update(finished_at=timezone.now() - timedelta(days=2))
    assert PreviewRow.objects.exists()
    sweep()
    assert not PreviewRow.objects.exists()


def test_the_oldest_files_make_room_for_new_ones(manager: Client, settings: Any) -> None:
    first, second = uploaded(manager, TEXT), uploaded(manager, TEXT)
    age(first, 1)
    settings.FILES_KEPT_LIMIT = 2 * len(TEXT)
    make_room(len(TEXT))
    assert not keeping.path_of(first.uid).exists()
    assert keeping.path_of(second.uid).exists()
    first.refresh_from_db()
    assert not first.is_kept


def test_files_that_belong_to_nothing_go_after_a_day(manager: Client, settings: Any) -> None:
    batch = uploaded(manager, TEXT)
    stray, fresh = uuid4(), uuid4()
    for uid in (stray, fresh):
        keeping.keep(uid, [b"left behind"])
    for uid in (stray, batch.uid):
        os.utime(keeping.path_of(uid), (time.time() - 100_000,) * 2)
    sweep()
    assert sorted(path.name for path in settings.KEPT_FILES.iterdir()) == sorted([batch.uid.hex, fresh.hex])


def test_an_export_goes_after_its_time(manager: Client) -> None:
    user = User.objects.get()
    file = ExportFile.objects.create(
        user=user, file_name="all.zip", is_kept=True, options={"form": "zip"}, state="done"
    )
    keeping.keep(file.uid, [b"PK"])
    ExportFile.objects.update(created_at=timezone.now() - timedelta(days=31))
    sweep()
    assert not keeping.path_of(file.uid).exists()
    assert manager.get(reverse("exchange:export_download", args=[file.uid])).status_code == 404
    assert "not kept any more" in manager.get(file.get_absolute_url()).content.decode()


# Nothing half


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let this process write no file of more than so many bytes, as if the disk were full then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_and_leaves_nothing_behind(manager: Client, settings: Any) -> None:
    text = TEXT + "".join(f"g-{number},{'x' * 100},street-gang\n" for number in range(100))
    with room_for(5000):
        answer = upload(manager, text)
    assert answer.status_code == 507
    assert "The file cannot be kept" in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert list(settings.KEPT_FILES.iterdir()) == []


def test_a_file_is_there_as_a_whole_or_not_at_all(settings: Any, tmp_path: Any) -> None:
    settings.KEPT_FILES = tmp_path

    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise EOFError

    with pytest.raises(EOFError):
        keeping.keep(uuid4(), chunks())
    assert list(tmp_path.iterdir()) == []


# Much


def test_a_cell_of_five_megabytes_neither_breaks_the_preview_nor_the_import(manager: Client) -> None:
    long = "x" * 5_000_000
    bad = uploaded(manager, f"slug,name,kind\na,{long},street-gang\n")
    batches.look_at(bad)  # a worker's work
    assert bad.totals["bad"] == 1
    assert len(page(manager, bad)) < 100_000
    good = uploaded(manager, f"slug,name,kind,summary\na,A,street-gang,{long}\n")
    batches.look_at(good)
    assert len(page(manager, good)) < 100_000
    assert confirm(manager, good).state == BatchState.DONE
    assert len(Group.objects.get().summary) == 5_000_000


def test_thousands_of_bad_rows_are_all_told_and_the_page_stays_small(manager: Client, settings: Any) -> None:
    settings.BACKGROUND_ROWS = 10_000
    rows = "".join(f"g-{number},Group {number},{'clan' if number % 2 else 'street-gang'}\n" for number in range(2000))
    batch = uploaded(manager, f"slug,name,kind\n{rows}")
    assert batch.totals["bad"] == 1000
    assert len(page(manager, batch)) < 200_000
    assert "Page 20 of 20" in page(manager, batch, page="20")
    told = manager.get(reverse("exchange:bad_rows", args=[batch.uid])).getvalue()  # type: ignore[attr-defined]
    assert told.count(b"\n") == 1001
