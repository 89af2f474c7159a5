"""Imports on the pages of the site: looked at, confirmed, undone; for those who may, and as it was seen."""

import csv
import io
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, Presence
from crimewatch.exchange.models import BatchState, ColumnMapping, ImportBatch, PreviewRow
from regions.models import Region
from tests.exchange.uploading import act, confirm, page, upload, uploaded
from tests.factories import make_group, make_presence, make_region, make_source
from tests.people import make_reader, make_researcher


@pytest.fixture
def manager(client: Client, db: None, settings: Any, tmp_path: Any) -> Client:
    settings.KEPT_FILES = tmp_path / "exchange"
    client.force_login(User.objects.create_superuser("ana"))
    return client


# Preview and confirmation


def test_a_preview_counts_and_writes_nothing_until_it_is_confirmed(manager: Client) -> None:
    make_group(slug="sendero-luminoso", name="Sendero Luminoso")
    batch = uploaded(manager, "slug,name,kind\nsendero-luminoso,Shining Path,family-clan\nnew-one,New,street-gang\n")
    assert batch.state == BatchState.PREVIEWED
    assert batch.totals == {"new": 1, "changed": 1, "unchanged": 0, "bad": 0, "blocked": 0}
    assert Group.objects.get().name == "Sendero Luminoso"
    shown = page(manager, batch)
    assert "<del>Sendero Luminoso</del>" in shown
    assert "<ins>Shining Path</ins>" in shown

    assert confirm(manager, batch, reason="spring cleaning").state == BatchState.DONE
    assert Group.objects.get(slug="sendero-luminoso").name == "Shining Path"
    assert Group.objects.filter(slug="new-one").exists()
    assert "Shining Path" in page(manager, batch)


def test_who_takes_a_record_back_by_a_file_is_asked_why(manager: Client) -> None:
    group = make_presence().group
    Group.objects.filter(pk=group.pk).update(status="published")
    batch = uploaded(manager, f"slug,status\n{group.slug},withdrawn\n")
    assert "It takes 1 record back" in page(manager, batch)
    assert 'name="reason" maxlength="500" required' in page(manager, batch)
    assert confirm(manager, batch, reason=" ").state == BatchState.PREVIEWED
    assert Group.objects.get().status == "published"
    assert confirm(manager, batch, reason="The source was forged.").state == BatchState.DONE
    assert Group.objects.get().status == "withdrawn"


def test_every_bad_row_is_shown_with_row_column_value_and_reason_and_nothing_can_be_confirmed(manager: Client) -> None:
    batch = uploaded(manager, "slug,name,kind,founded\na,A,clan,marzo 1980\nb,,street-gang,\nc,C,street-gang,\n")
    shown = page(manager, batch)
    assert batch.totals["bad"] == 2
    for told in ("<code>kind</code>", "“clan” is not known here", "marzo 1980", "The cell must not be empty"):
        assert told in shown
    confirm(manager, batch)
    assert batch.state == BatchState.PREVIEWED
    assert not Group.objects.exists()


def test_rows_are_paged_and_filtered_by_what_becomes_of_them(manager: Client) -> None:
    make_group(slug="group-0", name="Group 0", kind="street-gang")
    rows = "".join(f"group-{number},Group {number},street-gang\n" for number in range(120))
    batch = uploaded(manager, f"slug,name,kind\n{rows}")
    assert "Page 1 of 3" in page(manager, batch)
    assert "group-119" in page(manager, batch, page="3")
    unchanged = page(manager, batch, kind="unchanged")
    assert "group-0" in unchanged
    assert "group-1<" not in unchanged


def test_what_has_changed_since_the_preview_is_not_written_but_previewed_anew(manager: Client) -> None:
    region, group, source = make_region(slug="puno"), make_group(slug="clans"), make_source(slug="ellis")
    batch = uploaded(manager, "uid,group,region,source\np1,clans,puno,ellis\n", "presences.csv")
    region.delete()
    confirm(manager, batch)
    assert batch.state == BatchState.PREVIEWED
    assert batch.totals["bad"] == 1
    assert "the database has changed since the preview" in page(manager, batch)
    assert not Presence.objects.exists()
    assert {group.pk, source.pk}


def test_a_value_that_somebody_else_has_changed_since_the_preview_is_shown_before_it_is_overwritten(
    manager: Client,
) -> None:
    group = make_group(slug="clans", name="Clans")
    batch = uploaded(manager, "slug,name\nclans,Family clans\n")
    Group.objects.filter(pk=group.pk).update(name="The clans")
    confirm(manager, batch)
    assert Group.objects.get().name == "The clans"
    assert "<del>The clans</del>" in page(manager, batch)
    assert confirm(manager, batch).state == BatchState.DONE
    assert Group.objects.get().name == "Family clans"


def test_a_confirmation_of_a_preview_that_has_been_replaced_is_refused(manager: Client) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A,street-gang\n")
    answer = manager.post(reverse("exchange:confirm", args=[batch.uid]), {"digest": "0" * 64}, follow=True)
    assert "replaced by a newer one" in answer.content.decode()
    assert not Group.objects.exists()


def test_new_rows_without_a_key_can_be_confirmed(manager: Client) -> None:
    make_group(slug="clans"), make_region(slug="puno"), make_source(slug="ellis")
    batch = uploaded(manager, "uid,group,region,source\n,clans,puno,ellis\n", "presences.csv")
    assert confirm(manager, batch).state == BatchState.DONE
    assert Presence.objects.count() == 1


def test_what_is_there_already_need_not_be_confirmed(manager: Client) -> None:
    make_group(slug="clans", name="Clans")
    batch = uploaded(manager, "slug,name\nclans,Clans\n")
    assert "there is nothing to import" in page(manager, batch)
    assert confirm(manager, batch).state == BatchState.PREVIEWED


# What a file is


def test_the_table_can_be_chosen_where_the_name_does_not_tell(manager: Client) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A,street-gang\n", "my data.csv")
    assert batch.state == BatchState.UPLOADED
    assert "say how the file is to be read" in page(manager, batch)
    act(manager, batch, "reading", table="groups")
    batch.refresh_from_db()
    assert batch.state == BatchState.PREVIEWED
    assert uploaded(manager, "slug,name,kind\na,A,street-gang\n", "x.csv", table="groups").totals["new"] == 1


def test_headers_are_mapped_to_columns_and_the_mapping_is_remembered(manager: Client) -> None:
    text = "clave,nombre,kind,otra\na,A,street-gang,x\n"
    batch = uploaded(manager, text)
    assert batch.state == BatchState.UPLOADED
    chosen = {"column-0-0": "slug", "column-0-1": "name", "column-0-2": "kind", "column-0-3": ""}
    act(manager, batch, "reading", **chosen, **{"remember-0": "from the ministry"})
    batch.refresh_from_db()
    assert batch.totals["new"] == 1
    mapping = ColumnMapping.objects.get()
    assert mapping.columns == {"clave": "slug", "nombre": "name", "otra": ""}

    again = uploaded(manager, text)
    act(manager, again, "reading", **{"use-0": str(mapping.pk)})
    assert confirm(manager, again).state == BatchState.DONE
    assert Group.objects.get().name == "A"


def test_names_beside_keys_are_known_columns_which_are_checked(manager: Client) -> None:
    make_group(slug="sendero-luminoso", name="Sendero Luminoso"), make_region(slug="puno"), make_source(slug="ellis")
    text = "uid,group,group:name,region,source\np1,sendero-luminoso,{},puno,ellis\n"
    good = uploaded(manager, text.format("Sendero Luminoso"), "presences.csv")
    assert (good.state, good.totals["new"]) == (BatchState.PREVIEWED, 1)
    bad = uploaded(manager, text.format("Clans"), "presences.csv")
    assert bad.totals["bad"] == 1
    assert "“Clans” is not what is named in “group”" in page(manager, bad)


def test_an_encoding_is_guessed_shown_and_can_be_corrected(manager: Client) -> None:
    batch = uploaded(manager, "slug;name;kind\na;Huánuco;street-gang\n".encode("cp850"))
    assert "Read as Windows-1252" in page(manager, batch)
    assert "Huánuco" not in page(manager, batch)
    act(manager, batch, "reading", encoding="cp850")
    assert "Huánuco" in page(manager, batch)


def test_a_package_of_several_tables_comes_in_any_order(manager: Client) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a/presences.csv", "uid,group,region,source\np1,clans,vraem,ellis\n")
        archive.writestr("a/groups.jsonl", '{"slug": "clans", "name": "Clans", "kind": "family-clan"}\n')
        archive.writestr("a/regions.csv", "slug;name;kind;parent\nvraem;VRAEM;zone;peru\nperu;Perú;country;\n")
        archive.writestr("a/sources.csv", "slug,name\nellis,New Developments\n")
        archive.writestr("datapackage.json", "{}")
    batch = uploaded(manager, content.getvalue(), "package.zip")
    assert batch.totals["new"] == 5
    assert confirm(manager, batch).state == BatchState.DONE
    assert Presence.objects.get().region == Region.objects.get(slug="vraem")


def test_what_nobody_can_read_is_refused_before_anything_is_kept(manager: Client, settings: Any) -> None:
    answer = upload(manager, b"PK\x03\x04 nonsense", "groups.zip")
    assert answer.status_code == 422
    assert "cannot be opened as a ZIP archive" in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not settings.KEPT_FILES.exists()


def test_a_file_over_the_limit_is_refused_before_it_is_read(manager: Client, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 20
    answer = upload(manager, "slug,name,kind\na,A,street-gang\n")
    assert "at most 20" in answer.content.decode()


def test_uploads_are_kept_from_other_users_of_the_machine(manager: Client, settings: Any) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A,street-gang\n")
    (kept,) = settings.KEPT_FILES.iterdir()
    assert kept.name == batch.uid.hex
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0


# Bad rows


def test_of_many_bad_rows_all_are_told_and_the_page_stays_as_small_as_of_few(manager: Client) -> None:
    queries_of_page = []
    for number in (60, 1500):
        rows = "".join(f"g-{each},,street-gang,in the year {each}\n" for each in range(number))
        batch = uploaded(manager, f"slug,name,kind,founded\n{rows}")
        assert batch.totals["bad"] == number
        assert [len(problems) for problems in batch.rows.values_list("problems", flat=True)] == [2] * number
        page(manager, batch)
        with CaptureQueriesContext(connection) as queries:
            text = page(manager, batch, page=str(number // 50))
        queries_of_page.append(len(queries))
        answer = manager.get(reverse("exchange:bad_rows", args=[batch.uid]))
        assert len(answer.getvalue().splitlines()) == number + 1  # type: ignore[attr-defined]
    assert f"g-{number - 1}<" in text
    assert len(text) < 100_000
    assert queries_of_page[0] == queries_of_page[1] <= 15


def test_the_bad_rows_can_be_mended_and_uploaded_again_as_they_are(manager: Client) -> None:
    batch = uploaded(manager, 'slug,name,kind\na,"A, the first",clan\nb,B,street-gang\nc,C\n')
    answer = manager.get(reverse("exchange:bad_rows", args=[batch.uid]))
    text = answer.getvalue().decode()  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["slug", "name", "kind", "error", "hint"]
    assert [row[0] for row in rows[1:]] == ["a", "c"]
    assert "“clan” is not known here" in rows[1][3]
    assert "family-clan" in rows[1][4]
    assert "2 cells under 3 columns" in rows[2][3]

    mended = text.replace(",clan,", ",family-clan,").replace("c,C,,", "c,C,street-gang,")
    again = uploaded(manager, mended)
    assert again.totals == {"new": 2, "changed": 0, "unchanged": 0, "bad": 0, "blocked": 0}
    assert confirm(manager, again).state == BatchState.DONE
    assert Group.objects.get(slug="a").name == "A, the first"


def test_a_row_with_too_many_cells_keeps_them_in_the_file_of_bad_rows(manager: Client) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A, the first,street-gang\n")
    answer = manager.get(reverse("exchange:bad_rows", args=[batch.uid]))
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))  # type: ignore[attr-defined]
    assert rows[1][:3] == ["a", "A", " the first"]
    assert rows[1][5:] == ["street-gang"]


def test_bad_rows_of_several_tables_come_as_an_archive_that_can_be_uploaded_again(manager: Client) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("groups.csv", "slug,name,kind\na,A,clan\n")
        archive.writestr("regions.csv", "slug,name,kind\nb,B,planet\n")
    batch = uploaded(manager, content.getvalue(), "package.zip")
    packed = manager.get(reverse("exchange:bad_rows", args=[batch.uid])).getvalue()  # type: ignore[attr-defined]
    assert sorted(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == ["groups.csv", "regions.csv"]
    assert uploaded(manager, packed, "bad.zip").totals["bad"] == 2


# Unknown keys


def test_an_unknown_key_can_be_answered_by_a_name_or_an_alias(manager: Client) -> None:
    make_group(slug="sendero-luminoso", name="Sendero Luminoso", aliases=["Shining Path"])
    make_region(slug="puno"), make_source(slug="ellis")
    batch = uploaded(manager, "uid,gang,region,source\np1,Shining Path,puno,ellis\n", "presences.csv")
    columns = {"column-0-0": "uid", "column-0-1": "group", "column-0-2": "region", "column-0-3": "source"}
    act(manager, batch, "reading", **columns)
    batch.refresh_from_db()
    assert [asked["nearest"] for asked in batch.findings["unknown"]] == [[["sendero-luminoso", "Sendero Luminoso"]]]
    act(manager, batch, "reading", answers="1", **{"answer-0": "key:sendero-luminoso"})
    assert confirm(manager, batch).state == BatchState.DONE
    assert Presence.objects.get().group.slug == "sendero-luminoso"


def test_missing_records_are_made_as_drafts_only_where_that_is_chosen(manager: Client) -> None:
    make_region(slug="puno"), make_source(slug="ellis")
    batch = uploaded(manager, "uid,group,region,source\np1,Los Quispe,puno,ellis\n", "presences.csv")
    assert batch.totals["bad"] == 1
    act(manager, batch, "reading", **{"answer-0": "create"})
    batch.refresh_from_db()
    assert batch.totals["bad"] == 1  # of a group it has to be said what kind it is
    act(manager, batch, "reading", **{"answer-0": "create", "new-groups-kind": "family-clan"})
    batch.refresh_from_db()
    assert batch.totals == {"new": 2, "changed": 0, "unchanged": 0, "bad": 0, "blocked": 0}
    assert confirm(manager, batch).state == BatchState.DONE
    group = Group.objects.get()
    assert (group.slug, group.name, group.status, group.kind) == ("los-quispe", "Los Quispe", "draft", "family-clan")
    assert Presence.objects.get().group == group


# Rights


def rights(user: User, *names: str) -> User:
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="actors", codename__in=names))
    return User.objects.get(pk=user.pk)


def researcher(**overrides: Any) -> User:
    return make_researcher(Group, actions=("view", "add", "change"))


@pytest.mark.parametrize("page_name", ["upload"])
def test_strangers_are_sent_to_the_login_and_readers_refused(db: None, client: Client, page_name: str) -> None:
    address = reverse(f"exchange:{page_name}")
    assert client.get(address).status_code == 302
    client.force_login(make_reader())
    assert client.get(address).status_code == 403


def test_importing_takes_the_right_to_add_and_to_change(manager: Client) -> None:
    manager.force_login(make_researcher(Group, actions=("view", "add")))
    assert manager.get(reverse("exchange:upload")).status_code == 403
    manager.force_login(researcher())
    assert manager.get(reverse("exchange:upload")).status_code == 200
    assert uploaded(manager, "slug,name,kind\na,A,street-gang\n").totals["new"] == 1
    foreign = uploaded(manager, "slug,name,kind\nb,B,country\n", "regions.csv")
    assert confirm(manager, foreign).state != BatchState.DONE
    assert not Region.objects.exists()


def test_publishing_by_import_takes_the_right_to_publish(manager: Client) -> None:
    presence = make_presence()
    manager.force_login(researcher())
    batch = uploaded(manager, f"slug,status\n{presence.group.slug},published\n")
    assert "You may not publish groups" in page(manager, batch)


@pytest.mark.parametrize("name", ["batch", "undo", "bad_rows", "kept_file"])
def test_nobody_looks_at_the_batch_of_somebody_else(manager: Client, name: str) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A,clan\n")
    address = reverse(f"exchange:{name}", args=[batch.uid])
    manager.force_login(researcher())
    assert manager.get(address).status_code == 404
    assert str(batch.uid) not in manager.get(reverse("exchange:home")).content.decode()
    manager.force_login(make_reader())
    assert manager.get(address).status_code == 403
    manager.logout()
    assert manager.get(address).status_code == 302


@pytest.mark.parametrize("action", ["confirm", "cancel", "again", "undo", "reading"])
def test_nobody_acts_on_the_batch_of_somebody_else(manager: Client, action: str) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A,street-gang\n")
    manager.force_login(researcher())
    assert act(manager, batch, action, digest=batch.digest).status_code == 404
    viewer = researcher()
    viewer.user_permissions.add(Permission.objects.get(codename="view_importbatch"))
    manager.force_login(viewer)
    assert page(manager, batch)
    assert act(manager, batch, action, digest=batch.digest).status_code == 403
    batch.refresh_from_db()
    assert batch.state == BatchState.PREVIEWED


def test_who_has_lost_the_right_since_cannot_confirm(manager: Client) -> None:
    user = researcher()
    manager.force_login(user)
    batch = uploaded(manager, "slug,name,kind\na,A,street-gang\n")
    user.user_permissions.clear()
    rights(user, "add_person", "change_person")
    assert act(manager, batch, "confirm", digest=batch.digest).status_code == 403
    assert not Group.objects.exists()


# Given up


def test_a_cancelled_import_writes_nothing_and_can_be_looked_at_again(manager: Client) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A,street-gang\n")
    act(manager, batch, "cancel")
    assert confirm(manager, batch).state == BatchState.CANCELLED
    assert not Group.objects.exists()
    act(manager, batch, "again")
    assert confirm(manager, batch).state == BatchState.DONE


def test_a_new_preview_takes_the_place_of_the_old_one(manager: Client) -> None:
    batch = uploaded(manager, "slug,name,kind\na,A,street-gang\n")
    act(manager, batch, "reading")
    assert PreviewRow.objects.filter(batch=batch).count() == 1


def test_the_pages_ask_the_database_a_bounded_number_of_times(
    manager: Client, django_assert_max_num_queries: Any
) -> None:
    rows = "".join(f"group-{number},Group {number},street-gang\n" for number in range(150))
    batch = uploaded(manager, f"slug,name,kind\n{rows}")
    with django_assert_max_num_queries(16):
        page(manager, batch)
    confirm(manager, batch)
    with django_assert_max_num_queries(45):
        page(manager, batch)
    with django_assert_max_num_queries(10):
        manager.get(reverse("exchange:home"))
