"""The journal: comments, questions and calls, for those who work on the database and may see what it is about."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Group, Person
from crimewatch.citations.models import Claim
from crimewatch.curation import roles
from crimewatch.curation.models import JournalEntry, JournalMention
from crimewatch.curation.operations import tables_with_journal
from crimewatch.records.models import Record
from tests.curation.people import make_member
from tests.curation.test_history import bring_back, latest_event
from tests.factories import make_group, make_group_citation, make_person, make_presence
from tests.kinds import CLAIMS, RECORDS, delete_by_sql, make, publish
from tests.people import make_reader, make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> User:
    user = make_member(roles.EDITOR)
    client.force_login(user)
    return user


def make_entry(about: Any, **overrides: Any) -> JournalEntry:
    return JournalEntry.objects.create(about=about, **{"text": "Is it so?", **overrides})


def make_question(about: Any, **overrides: Any) -> JournalEntry:
    return make_entry(about, **{"is_question": True, **overrides})


def journal(row: Any) -> str:
    return reverse("curation:journal", args=[row._meta.model_name, row.pk])


def write(client: Client, row: Any, text: str, **more: str) -> Any:
    return client.post(journal(row), {"text": text, **more}, follow=True)


def act(client: Client, question: JournalEntry, action: str, **more: str) -> str:
    response = client.post(reverse("curation:entry", args=[question.pk]), {"action": action, **more}, follow=True)
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"])


# Nothing dangles


def test_every_kind_of_record_and_claim_takes_its_journal_along() -> None:
    """Where this fails after a new kind, its migration lacks `LetJournalGoAlong`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'journal_goes_along'")
        guarded = {table for (table,) in cursor.fetchall()}

    assert guarded == set(tables_with_journal())
    assert {model._meta.db_table for model in [*RECORDS, *CLAIMS]} == guarded


@pytest.mark.parametrize("make_row", [make_group, make_presence])
@pytest.mark.parametrize("delete", [lambda row: row.delete(), delete_by_sql], ids=["model", "SQL"])
def test_the_journal_goes_with_what_it_is_about(make_row: Any, delete: Any) -> None:
    row, other = make_row(), make_row()
    question = make_question(row)
    answer = make_entry(row, question=question)
    JournalMention.objects.create(entry=answer, person=make_reader())
    kept = make_entry(other)
    delete(row)
    connection.check_constraints()

    assert list(JournalEntry.objects.all()) == [kept]
    assert not JournalMention.objects.exists()


@pytest.mark.parametrize("about", [Group, User], ids=["not there", "no record"])
def test_an_entry_about_nothing_is_refused_by_the_database(about: Any) -> None:
    kind, pk = ContentType.objects.get_for_model(about), make_reader().pk
    with pytest.raises(IntegrityError, match="What the entry is about is not there"), transaction.atomic():
        JournalEntry.objects.create(content_type=kind, object_id=pk, text="?")
    entry = make_entry(make_group())
    with pytest.raises(IntegrityError, match="What the entry is about is not there"), transaction.atomic():
        JournalEntry.objects.filter(pk=entry.pk).update(content_type=kind, object_id=pk)


def test_a_record_that_is_brought_back_has_its_journal_again(client: Client, editor: User) -> None:
    group = make_group()
    citation, gone = make_group_citation(record=group), make_reader()
    question = make_question(group, author=gone)
    make_entry(group, question=question, author=editor)
    make_entry(citation, text="On the claim")
    JournalMention.objects.create(entry=question, person=editor)
    pk = group.pk
    with transaction.atomic():
        citation.delete()
        group.delete()
    gone.delete()

    assert bring_back(client, Group, latest_event(Group, pk)) == ["2 rows were brought back."]
    assert JournalEntry.objects.count() == 3
    assert JournalEntry.objects.get(pk=question.pk).author is None
    assert question.answers.get().author == editor
    assert list(JournalEntry.objects.mentioning(editor)) == [question]


@pytest.mark.parametrize(
    ("breach", "rule"),
    [
        ({"text": " \n"}, "has_a_text"),
        ({"text": "x" * 2001}, "is_not_too_long"),
        ({"is_question": False, "assigned_to": "somebody"}, "only_questions_are_open"),
        ({"question": "itself"}, "an_answer_is_no_question"),
    ],
)
def test_rules_hold_in_the_form_and_in_the_database(breach: dict[str, Any], rule: str) -> None:
    question = make_question(make_group())
    values = {"somebody": make_reader(), "itself": question}
    breach = {name: values.get(value, value) for name, value in breach.items()}
    for name, value in breach.items():
        setattr(question, name, value)
    with pytest.raises(ValidationError):
        question.full_clean()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        JournalEntry.objects.filter(pk=question.pk).update(**breach)


def test_an_answer_belongs_to_a_question_about_the_same() -> None:
    question, comment = make_question(make_group()), make_entry(make_group())
    for answered in (question, comment):
        with pytest.raises(ValidationError, match="An answer belongs to a question about the same"):
            JournalEntry(about=make_group(), text="So.", question=answered).full_clean()


# Writing


def test_a_comment_with_markup_is_shown_as_text(client: Client, editor: User) -> None:
    group = make_group()
    page = write(client, group, "<script>alert(1)</script> **bold** &amp;\nsecond line").content.decode()

    desk = client.get(reverse("curation:step", args=["group", group.pk])).content.decode()
    for html in (page, desk, admin_page(client, group)):
        assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold** &amp;amp;<br>second line" in html
        assert "<script>alert" not in html
    assert JournalEntry.objects.get().author == editor


def admin_page(client: Client, row: Any) -> str:
    options = row._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk])
    return client.get(address).content.decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write something first."),
        ("  \n ", "Write something first."),
        ("x" * 2001, "The text has 2001 characters, and may have 2000: shorten it."),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_what_is_no_comment_is_refused_in_a_sentence_and_stays_typed(
    client: Client, editor: User, text: str, sentence: str
) -> None:
    response = write(client, make_group(), text)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert response.context["form"]["text"].value() == text
    assert not JournalEntry.objects.exists()


def test_a_comment_on_a_claim_stands_beside_its_form(client: Client, editor: User) -> None:
    presence = make_presence()

    assert "Doubtful." in write(client, presence, "Doubtful.").content.decode()
    assert "Doubtful." in admin_page(client, presence)


def test_a_question_is_asked_answered_closed_and_opened_again(client: Client, editor: User) -> None:
    group, researcher = make_group(), make_member(roles.RESEARCHER)
    write(client, group, "Since when?", assigned_to=researcher.username)
    question = JournalEntry.objects.get()

    assert (question.is_open, question.assigned_to) == (True, researcher)
    client.force_login(researcher)
    assert question in client.get(reverse("curation:questions"), {"person": researcher.username}).context["entries"]
    assert act(client, question, "answer", text="Since 2010.") == "The question is answered; it stays open."
    assert act(client, question, "answer", text="") == "Write something first."
    assert act(client, question, "answer", text="It is.", and_close="1") == "The question is answered and closed."
    assert act(client, question, "close") == "The question is closed already."
    question.refresh_from_db()
    assert (question.closed_by, question.answers.count()) == (researcher, 2)
    assert question not in client.get(reverse("curation:questions")).context["entries"]
    assert question in client.get(reverse("curation:questions"), {"state": "closed"}).context["entries"]
    assert act(client, question, "reopen") == "The question is open again."
    assert act(client, question, "assign", assigned_to=editor.username) == f"The question is for {editor.username}."
    assert act(client, question, "assign", assigned_to="nobody") == (
        "Nobody who works on the database has the login “nobody”."
    )
    assert act(client, question, "dance") == "Answer the question, close it, open it again or assign it."


def test_a_question_is_not_for_somebody_who_may_not_see_the_record(client: Client, editor: User) -> None:
    group = make_group(restricted_to=["Editor"], restriction_reason="names a witness")
    outsider = make_member(roles.RESEARCHER)
    response = write(client, group, "Who?", assigned_to=outsider.username)

    assert f"{outsider.username} does not see this record: ask somebody else." in response.content.decode()
    question = make_question(group)
    assert "does not see this record" in act(client, question, "assign", assigned_to=outsider.username)


def test_an_at_sign_and_a_login_call_those_who_may_read_it(client: Client, editor: User, mailoutbox: list[Any]) -> None:
    ana, eva = make_member(roles.RESEARCHER), make_member(roles.EDITOR)
    User.objects.filter(pk=ana.pk).update(username="ana.p")
    User.objects.filter(pk=eva.pk).update(username="eva@desk.org")
    reader = make_reader(username="reader")
    text = f"@ana.p, see @eva@desk.org. Not @{reader.username}, @PoliciaPeru or mail@ana.p"
    response = write(client, make_group(name="Clan"), text)

    assert "and calls: ana.p, eva@desk.org." in response.content.decode()
    assert set(JournalMention.objects.values_list("person__username", flat=True)) == {"ana.p", "eva@desk.org"}
    client.force_login(User.objects.get(pk=ana.pk))
    page = client.get(reverse("curation:mentions"))
    assert [entry.text for entry in page.context["entries"]] == [text]
    assert "Clan" in page.content.decode()
    assert mailoutbox == []  # a record's name would leave the site by a way that knows no rights
    client.force_login(reader)
    assert client.get(reverse("curation:mentions")).status_code == 404


# Who reads


def test_the_journal_of_what_somebody_may_not_see_is_not_there(client: Client, editor: User) -> None:
    outsider = make_member(roles.RESEARCHER)
    group = make_group(name="Zyxwvut", restricted_to=["Editor"], restriction_reason="names a witness")
    claim = make_presence(group=group)
    person = make_person()
    for row in (group, claim):
        entry = make_question(row, text="Zyxwvut?", assigned_to=outsider)
        JournalMention.objects.create(entry=entry, person=outsider)
    kept = make_question(person, assigned_to=outsider)
    addresses = [journal(group), journal(claim), reverse("curation:entry", args=[entry.pk])]

    def lists(user: User) -> list[Any]:
        client.force_login(user)
        pages = [client.get(reverse(f"curation:{name}")) for name in ("questions", "mentions")]
        assert all(page.context["number"] == len(page.context["entries"]) for page in pages)
        return [entry for page in pages for entry in page.context["entries"]]

    assert len(lists(editor)) == 3
    assert lists(outsider) == [kept]
    assert [client.post(address, {"text": "Zyx", "action": "close"}).status_code for address in addresses] == [404] * 3
    assert [client.get(address).status_code for address in addresses[:2]] == [404] * 2
    for user in (make_reader(), make_researcher(Person)):
        client.force_login(user)
        assert client.get(journal(group)).status_code == 404


def test_readers_are_shown_nothing_of_the_journal(client: Client) -> None:
    group = make_group()
    publish(group)
    make_question(group, text="Zyxwvut?")
    client.force_login(make_reader())
    html = client.get(group.get_absolute_url()).content.decode()

    assert "Zyxwvut" not in html
    assert "desk" not in html
    client.logout()
    assert client.get(journal(group)).status_code == 302


# Cost


def test_lists_of_entries_cost_the_same_with_2_and_with_20(client: Client, editor: User) -> None:
    def fill(number: int) -> None:
        for place in range(number):
            row = make_group() if place % 2 else make_presence()
            entry = make_question(row, author=make_reader(), assigned_to=editor)
            make_entry(row, question=entry, author=make_reader())
            JournalMention.objects.create(entry=entry, person=editor)

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    group = make_group()
    addresses = [reverse("curation:questions"), reverse("curation:mentions"), journal(group)]
    fill(2)
    make_question(group)
    before = [cost(address) for address in addresses]
    fill(18)
    for _number in range(20):
        make_question(group)
    assert [cost(address) for address in addresses] == before
    assert max(before) <= 15


def test_no_page_of_a_list_is_out_of_bounds(client: Client, editor: User) -> None:
    for name in ("questions", "mentions", "review"):
        for page, sentence in (("0", "Pages are counted from 1."), ("x", "The page is not a number")):
            html = client.get(reverse(f"curation:{name}"), {"page": page}).content.decode()
            assert sentence in html
        assert client.get(reverse(f"curation:{name}"), {"page": "7"}).status_code == 200
    html = client.get(reverse("curation:questions"), {"kind": "dragon", "person": "nobody", "state": "odd"})
    for sentence in ("no kind of record or claim “dragon”", "the login “nobody”", "“odd” is not a choice"):
        assert sentence in html.content.decode()


def test_every_kind_has_a_journal(client: Client, editor: User) -> None:
    for model in apps.get_models():
        if issubclass(model, Record | Claim):
            row = make(model)
            assert "Looked at." in write(client, row, "Looked at.").content.decode(), model
