"""The history: every row that comes, changes or goes is kept, by whatever way, with who did it and why."""

from typing import Any

import pghistory
import pgtrigger
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction

from actors.models import Group, Presence
from crimewatch.citations.models import Source
from crimewatch.curation.models import Dismissal, JournalEntry, JournalMention, Verdict
from crimewatch.exchange.models import ImportBatch
from crimewatch.explorer.models import SavedFilter
from programs.models import Program
from regions.models import Region
from tests.factories import make_agency, make_group, make_presence, make_program, make_region
from tests.kinds import CLAIMS, RECORDS, delete_by_sql, make, set_by_sql
from tests.people import make_researcher

pytestmark = pytest.mark.django_db

#: The many-to-many fields of records, with what they list.
LINKS = [
    pytest.param(model, field.name, id=f"{model.__name__}.{field.name}")
    for model in RECORDS
    for field in model._meta.many_to_many
]


def events_of(model: type[models.Model]) -> type[models.Model]:
    """The table that keeps the history of ``model``."""
    (events,) = [
        events
        for events in apps.get_models()
        if issubclass(events, pghistory.models.Event) and getattr(events, "pgh_tracked_model", None) is model
    ]
    return events


def labels(events: type[Any]) -> list[str]:
    return list(events.objects.order_by("pgh_id").values_list("pgh_label", flat=True))


def copy_out_and_in(row: models.Model) -> int:
    """Copy ``row`` to a new one by COPY, as a bulk loader does, and return its number."""
    fields = [
        field for field in row._meta.concrete_fields if not field.generated and field.name not in ("id", "uid", "slug")
    ]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    key = "slug" if hasattr(row, "slug") else "uid"
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} WHERE id = %s", [row.pk])
        values = cursor.fetchone()
        with cursor.copy(f'COPY {table} ("{key}", {columns}) FROM STDIN') as copy:
            copy.write_row(["by-copy", *values])
        cursor.execute(f"SELECT id FROM {table} WHERE \"{key}\" = 'by-copy'")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_every_kind_of_row_has_a_history(model):
    events = events_of(model)
    row = make(model)
    row.save()
    row.delete()

    assert labels(events) == ["insert", "update", "delete"]


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_the_history_keeps_every_field_but_what_is_derived(model):
    events = events_of(model)
    kept = {field.name for field in events._meta.concrete_fields if not field.name.startswith("pgh_")}

    assert kept == {field.name for field in model._meta.concrete_fields if not field.generated}


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_the_history_keeps_the_values_of_each_state(model):
    row = make(model)
    key = "slug" if hasattr(row, "slug") else "uid"
    before = getattr(row, key)
    model.objects.filter(pk=row.pk).update(**{key: "after"})
    model.objects.filter(pk=row.pk).delete()

    states = events_of(model).objects.order_by("pgh_id").values_list("pgh_label", key, "pgh_obj_id")
    assert list(states) == [("insert", before, row.pk), ("update", "after", row.pk), ("delete", "after", row.pk)]


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_rows_that_are_created_in_bulk_are_in_the_history(model):
    row = make(model)
    before = events_of(model).objects.count()
    copies = []
    for number in range(3):
        copy = model.objects.get(pk=row.pk)
        copy.pk = None
        setattr(copy, "slug" if hasattr(row, "slug") else "uid", f"copy-{number}")
        copies.append(copy)
    model.objects.bulk_create(copies)

    assert labels(events_of(model))[before:] == ["insert"] * 3


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_what_sql_does_is_in_the_history(model):
    row = make(model)
    set_by_sql(row, "slug" if hasattr(row, "slug") else "uid", "by-sql")
    delete_by_sql(row)

    assert labels(events_of(model)) == ["insert", "update", "delete"]


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_rows_that_arrive_by_copy_are_in_the_history(model):
    number = copy_out_and_in(make(model))

    assert events_of(model).objects.filter(pgh_obj_id=number, pgh_label="insert").count() == 1


def test_each_row_of_a_bulk_update_is_in_the_history():
    groups = [make_group() for _ in range(3)]
    Group.objects.update(state="active")
    for group in groups:
        group.summary = "A gang."
    Group.objects.bulk_update(groups, ["summary"])

    assert labels(events_of(Group)) == ["insert"] * 3 + ["update"] * 6
    assert [event.state for event in groups[0].events.order_by("pgh_id")] == ["unknown", "active", "active"]


def test_an_update_that_changes_nothing_leaves_no_trace():
    make_group(state="active")
    Group.objects.update(state="active")

    assert labels(events_of(Group)) == ["insert"]


def test_claims_that_go_with_their_record_are_in_the_history():
    presence = make_presence()
    presence.group.delete()

    assert labels(events_of(Presence)) == ["insert", "delete"]
    assert labels(events_of(Group)) == ["insert", "delete"]


def test_a_past_key_that_the_database_adds_is_in_the_history():
    group = make_group(slug="first")
    Group.objects.update(slug="second")

    assert list(group.events.order_by("pgh_id").values_list("slug", "past_slugs")) == [
        ("first", []),
        ("second", ["first"]),
    ]


# Links of many to many


@pytest.mark.parametrize(("model", "name"), LINKS)
def test_links_that_come_and_go_are_in_the_history(model, name):
    field = model._meta.get_field(name)
    through = field.remote_field.through
    (proxy,) = [proxy for proxy in through.__subclasses__() if proxy._meta.proxy]
    record, one, other = make(model), make(field.related_model), make(field.related_model)
    links = getattr(record, name)
    links.set([one, other])
    links.remove(one)
    links.clear()
    links.add(other)
    through.objects.all().delete()

    assert labels(events_of(proxy)) == ["insert", "insert", "delete", "delete", "insert", "delete"]


def test_the_history_of_a_link_tells_both_ends():
    part = make_region()
    zone = make_region(parts=[part])
    Region.parts.through.objects.all().delete()

    links = apps.get_model("regions", "RegionPartsEvent").objects.values_list("from_region_id", "to_region_id")
    assert list(links) == [(zone.pk, part.pk)] * 2


def test_links_that_sql_cuts_are_in_the_history():
    program = make_program(lead_agencies=[make_agency()])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM programs_program_lead_agencies")

    assert labels(apps.get_model("programs", "ProgramLeadAgenciesEvent")) == ["insert", "delete"]
    assert not Program.objects.get(pk=program.pk).lead_agencies.exists()


# Who and why


def test_the_history_tells_who_did_it_and_why():
    user = make_researcher()
    with pghistory.context(user=user.pk, reason="The ministry was renamed."):
        group = make_group()
        group.summary = "A gang."
        group.save()

    contexts = [event.pgh_context for event in group.events.all()]
    assert [context.metadata for context in contexts] == [{"user": user.pk, "reason": "The ministry was renamed."}] * 2
    assert contexts[0] == contexts[1]


def test_what_belongs_together_has_one_context_over_all_tables():
    with pghistory.context(import_job=7):
        make_presence(group=make_group())
    contexts = {events_of(model).objects.get().pgh_context_id for model in (Group, Presence, Source)}

    assert len(contexts) == 1
    assert contexts != {None}


def test_bulk_writes_and_sql_tell_who_too():
    group = make_group()
    with pghistory.context(user=1):
        Group.objects.update(state="active")
        set_by_sql(group, "state", "dormant")

    assert list(group.events.order_by("pgh_id").values_list("pgh_context__metadata__user", flat=True)) == [None, 1, 1]


def test_what_nobody_signed_has_no_context():
    assert make_group().events.get().pgh_context is None


# Nobody rewrites it


@pytest.mark.parametrize("model", [*RECORDS, *CLAIMS])
def test_the_history_cannot_be_altered(model):
    make(model)
    events = events_of(model)

    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        events.objects.update(pgh_label="nothing happened")
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        events.objects.all().delete()
    assert labels(events) == ["insert"]


@pytest.mark.parametrize(("model", "name"), LINKS)
def test_the_history_of_links_cannot_be_altered(model, name):
    field = model._meta.get_field(name)
    getattr(make(model), name).add(make(field.related_model))
    (proxy,) = [proxy for proxy in field.remote_field.through.__subclasses__() if proxy._meta.proxy]

    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        events_of(proxy).objects.all().delete()


def test_every_table_of_ours_has_a_history():
    ours = {"regions", "actors", "programs", "citations", "collections"}
    tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ours and model._meta.managed and not issubclass(model, pghistory.models.Event)
    } | {model._meta.db_table for model in (ImportBatch, SavedFilter, Dismissal, JournalEntry, JournalMention, Verdict)}
    tracked = {
        events.pgh_tracked_model._meta.db_table
        for events in apps.get_models()
        if issubclass(events, pghistory.models.Event) and getattr(events, "pgh_tracked_model", None)
    }

    assert tables == tracked


def test_every_trigger_of_the_models_is_installed():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgname NOT LIKE 'procrastinate%%'"
        )
        installed = {name for (name,) in cursor.fetchall()}

    meant = {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}
    # The journal's stands on many tables: see tests/curation/test_journal.py.
    assert meant | {"journal_goes_along"} == installed
