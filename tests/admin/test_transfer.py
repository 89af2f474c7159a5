"""The import and export pages of the admin: preview first, all or nothing, every mistake told."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from actors.models import Group, Presence
from tests.factories import make_group, make_presence, make_region, make_source

IMPORT = "admin:actors_group_import"


@pytest.fixture
def manager(client: Client, db: None, settings: Any, tmp_path: Any) -> Client:
    settings.VAR_DIR = tmp_path
    client.force_login(User.objects.create_superuser("ana"))
    return client


def upload(client: Client, text: str, name: str = "groups.csv", address: str = IMPORT) -> Any:
    file = io.BytesIO(text.encode())
    file.name = name
    return client.post(reverse(address), {"import_file": file, "format": "0"})


def confirm(client: Client, preview: Any, address: str = "admin:actors_group_process_import") -> Any:
    form = preview.context["confirm_form"]
    return client.post(reverse(address), {**form.initial, "confirm": "1"}, follow=True)


def test_a_preview_counts_and_writes_nothing_until_it_is_confirmed(manager: Client) -> None:
    make_group(slug="sendero-luminoso", name="Sendero Luminoso")
    preview = upload(manager, "slug,name,kind\nsendero-luminoso,Shining Path,family-clan\nnew-one,New,street-gang\n")
    assert preview.context["result"].totals == {**preview.context["result"].totals, "new": 1, "update": 1}
    assert Group.objects.get(slug="sendero-luminoso").name == "Sendero Luminoso"
    confirm(manager, preview)
    assert Group.objects.get(slug="sendero-luminoso").name == "Shining Path"
    assert Group.objects.filter(slug="new-one").exists()


def test_every_mistake_is_shown_with_row_column_value_and_nothing_is_written(manager: Client) -> None:
    page = upload(manager, "slug,name,kind,founded\na,A,clan,marzo 1980\nb,,street-gang,\n")
    text = page.content.decode()
    assert "Nothing was written" in text
    places = {(problem.row, problem.column) for problem in page.context["problems"]}
    assert {(2, "kind"), (2, "founded"), (3, "name")} <= places
    assert not Group.objects.exists()


def test_a_file_that_is_not_utf_8_is_refused_in_words(manager: Client) -> None:
    file = io.BytesIO("slug,name,kind\nhuanuco,Huánuco,street-gang\n".encode("windows-1252"))
    file.name = "groups.csv"
    page = manager.post(reverse(IMPORT), {"import_file": file, "format": "0"})
    assert "It looks like Windows-1252" in page.content.decode()


def test_what_was_right_in_the_preview_is_judged_again_on_confirmation(manager: Client) -> None:
    region = make_region(slug="puno")
    group, source = make_group(), make_source()
    header = "uid,group,region,source\n"
    preview = upload(
        manager, f"{header}p1,{group.slug},puno,{source.slug}\n", "presences.csv", "admin:actors_presence_import"
    )
    region.delete()
    page = confirm(manager, preview, "admin:actors_presence_process_import")
    assert "Nothing was imported" in page.content.decode()
    assert not Presence.objects.exists()


def test_an_upload_that_is_gone_is_asked_for_again(manager: Client) -> None:
    form = {"import_file_name": "../../etc/passwd", "original_file_name": "groups.csv", "format": "0", "resource": ""}
    page = manager.post(reverse("admin:actors_group_process_import"), form, follow=True)
    assert "Upload it again" in page.content.decode()


def test_uploads_are_kept_from_other_users_of_the_machine(manager: Client, tmp_path: Any) -> None:
    upload(manager, "slug,name,kind\na,A,street-gang\n")
    (kept,) = (tmp_path / "uploads").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_an_export_has_the_rows_of_the_filtered_list_and_an_empty_list_an_empty_file(manager: Client) -> None:
    make_group(slug="a", kind="street-gang")
    make_group(slug="b", kind="family-clan")
    address = reverse("admin:actors_group_export")
    text = manager.get(address, {"kind__exact": "street-gang"}).getvalue().decode()
    assert [line.split(",")[0] for line in text.splitlines()] == ["slug", "a"]
    assert len(manager.get(address, {"q": "nothing like it"}).getvalue().decode().splitlines()) == 1


def test_importing_takes_the_right_to_add_and_to_change(manager: Client) -> None:
    user = User.objects.create_user("luz", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="add_group", content_type__app_label="actors"))
    manager.force_login(user)
    assert manager.get(reverse(IMPORT)).status_code == 403


def test_publishing_by_import_takes_the_right_to_publish(manager: Client) -> None:
    user = User.objects.create_user("luz", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            codename__in=["add_group", "change_group", "view_group"], content_type__app_label="actors"
        )
    )
    presence = make_presence()
    manager.force_login(user)
    page = upload(manager, f"slug,status\n{presence.group.slug},published\n")
    assert [problem.column for problem in page.context["problems"]] == ["status"]


def test_a_file_over_the_limit_is_refused_before_it_is_read(manager: Client, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 20
    page = upload(manager, "slug,name,kind\na,A,street-gang\n")
    assert "at most 20" in page.content.decode()
    assert not (settings.VAR_DIR / "uploads").exists()
