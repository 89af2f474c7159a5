"""docs/data-model.md has every model, column and vocabulary, and diagrams of the models as they are."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from crimewatch.citations.models import Citation, Claim, Estimate
from crimewatch.explorer.diagram import diagrams, kinds, own_fields, vocabularies, with_diagrams
from crimewatch.explorer.models import AnyClaim, Mention
from crimewatch.records.models import Record
from tests.kinds import CLAIMS, RECORDS

PAGE = Path(settings.BASE_DIR) / "docs" / "data-model.md"
TEXT = PAGE.read_text(encoding="utf-8")

SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))
MODELS = [*RECORDS, *CLAIMS]
ABSTRACT = [Record, Claim, Citation, Estimate]


def in_code(text: str) -> set[str]:
    """The words that ``text`` has between backquotes."""
    return set(re.findall(r"`([^`]+)`", text))


def test_the_diagrams_are_drawn_from_the_models_of_today():
    assert with_diagrams(TEXT) == TEXT, "Run: manage.py data_model_diagram --write docs/data-model.md"


def test_the_page_has_every_diagram():
    drawn = re.findall(r"<!-- diagram: (\w+) -->", TEXT)

    assert sorted(drawn) == sorted(diagrams())
    assert TEXT.count("\nclassDiagram\n") == len(drawn)


@pytest.mark.parametrize("model", [*ABSTRACT, *MODELS, AnyClaim, Mention])
def test_every_model_has_its_section(model):
    assert model.__name__ in SECTIONS


def test_no_section_is_about_a_model_that_is_gone():
    assert set(SECTIONS) == {model.__name__ for model in [*ABSTRACT, *MODELS, AnyClaim, Mention]}


@pytest.mark.parametrize("model", [*ABSTRACT, *MODELS])
def test_every_column_that_a_model_adds_is_in_its_section(model):
    missing = {field.name for field in own_fields(model)} - in_code(SECTIONS[model.__name__])

    assert missing == set()


@pytest.mark.parametrize("model", [AnyClaim, Mention])
def test_every_column_that_a_view_adds_is_in_its_section(model):
    shared = {field.name for field in Claim._meta.get_fields()}
    added = {field.name for field in model._meta.concrete_fields if field.concrete} - shared - {"pk"}

    assert added - in_code(SECTIONS[model.__name__]) == set()


@pytest.mark.parametrize("vocabulary", vocabularies(), ids=lambda vocabulary: vocabulary.__name__)
def test_every_vocabulary_is_listed_with_its_values_and_its_origin(vocabulary):
    (row,) = re.findall(rf"^\| `{vocabulary.__name__}` \| (.+) \| (.+) \| (.+) \|$", TEXT, re.MULTILINE)
    used_in, values, origin = row

    assert re.findall(r"`([^`]+)`", values) == [str(value) for value in vocabulary.values]
    assert origin.strip()
    if not used_in.startswith("every"):
        assert set(used_in.split(", ")) <= {model.__name__ for model in MODELS}


def test_no_vocabulary_is_listed_that_is_gone():
    table = TEXT[TEXT.index("| vocabulary | of |") : TEXT.index("## Dates")]
    listed = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert sorted(listed) == sorted(vocabulary.__name__ for vocabulary in vocabularies())


def test_the_diagrams_know_every_kind_of_record_and_claim():
    assert set(kinds()) == set(MODELS)
    assert {model for model in apps.get_models() if issubclass(model, Record | Claim)} == set(kinds())


@pytest.mark.parametrize("model", MODELS)
def test_every_foreign_key_is_an_arrow(model):
    drawing = diagrams()[model._meta.app_label]

    assert f"class {model.__name__} {{" in drawing
    for field in own_fields(model):
        if field.is_relation:
            arrow = rf'^    {model.__name__} "\*" --> "(1|0\.\.1|\*)" {field.related_model.__name__} : {field.name}$'
            assert re.search(arrow, drawing, re.MULTILINE), field


def test_the_command_prints_every_diagram():
    printed = StringIO()
    call_command("data_model_diagram", stdout=printed)

    assert printed.getvalue() == "".join(f"%% {name}\n{drawing}" for name, drawing in diagrams().items())


def test_the_command_draws_a_page_anew(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("Before\n<!-- diagram: shared -->\nold\n<!-- end of diagram -->\nAfter \\1 {x}\n", encoding="utf-8")
    call_command("data_model_diagram", write=page)

    drawn = page.read_text(encoding="utf-8")
    assert drawn.startswith("Before\n<!-- diagram: shared -->\n```mermaid\n")
    assert drawn.endswith("```\n<!-- end of diagram -->\nAfter \\1 {x}\n")
    assert "classDiagram" in drawn
    assert "old" not in drawn


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", TEXT))
def test_every_link_leads_somewhere(link):
    page, _, anchor = link.partition("#")
    if page.startswith("https://"):
        return
    target = PAGE.parent / page if page else PAGE
    headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert not anchor or anchor in anchors
