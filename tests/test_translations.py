"""The catalogs in `locale/`: how they are gathered and compiled, and that nothing is left out of them."""

import gettext
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Message
from django.apps import apps
from django.core.management import call_command

from crimewatch import translations
from crimewatch.environment import PROJECT_FOLDER
from crimewatch.records.checks import translations_are_compiled

MODULE = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy

TEXTS = [
    _("A record, "
      "of %(kind)s"),
    ngettext("%(n)s claim", "%(n)s claims", 2),
    pgettext_lazy("of a group", "state"),
    "not marked",
]
"""

TEMPLATE = """{% load i18n %}
    <p title="{% translate "Don't" %}">{{ a|default:_("Nothing") }}</p>
  <p>{# {% translate "commented" %} #}{% blocktranslate count n=n trimmed %}
      {{ n }} <b>row</b>
    {% plural %}
      {{ n }} <b>rows</b>
{% endblocktranslate %}</p>
"""


@pytest.fixture
def checkout(tmp_path: Path, settings: Any) -> Path:
    """A checkout of one module and one template."""
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    folder = tmp_path / "regions"
    (folder / "templates" / "regions").mkdir(parents=True)
    (folder / "migrations").mkdir()
    (folder / "models.py").write_text(MODULE)
    (folder / "migrations" / "0001_initial.py").write_text('_ = str\nname = _("in a migration")\n')
    (folder / "templates" / "regions" / "page.html").write_text(TEMPLATE)
    return tmp_path


def translate(path: Path, text: str, translation: str) -> None:
    content = path.read_text()
    before = f'msgid "{text}"\nmsgstr ""'
    assert content.count(before) == 1
    path.write_text(content.replace(before, f'msgid "{text}"\nmsgstr "{translation}"'))


def test_marked_texts_of_code_and_templates_are_gathered(checkout):
    found = {(message.id, message.context) for message in translations.texts_of(translations.gather("es"))}

    assert found == {
        ("A record, of %(kind)s", None),
        (("%(n)s claim", "%(n)s claims"), None),
        ("state", "of a group"),
        ("Don't", None),
        ("Nothing", None),
        (("%(n)s <b>row</b>", "%(n)s <b>rows</b>"), None),
    }


def test_gathering_anew_keeps_what_is_translated_and_changes_nothing_else(checkout, capsys):
    path = translations.path_of("es")
    call_command("makemessages")
    translate(path, "Nothing", "Nada")
    translated = path.read_bytes()
    call_command("makemessages")

    assert path.read_bytes() == translated
    assert "6 texts, 5 of them without a translation" in capsys.readouterr().out


def test_a_text_that_is_marked_no_more_leaves_the_catalog(checkout, capsys):
    call_command("makemessages")
    (checkout / "regions" / "models.py").write_text("")
    call_command("makemessages")

    assert "of a group" not in translations.path_of("es").read_text()


def test_what_is_compiled_speaks_the_language(checkout, capsys):
    call_command("makemessages")
    translate(translations.path_of("es"), "Nothing", "Nada")
    call_command("compilemessages")
    with translations.path_of("es").with_suffix(".mo").open("rb") as file:
        catalog = gettext.GNUTranslations(file)

    assert catalog.gettext("Nothing") == "Nada"
    assert catalog.gettext("Don't") == "Don't"


def test_translations_that_changed_after_they_were_compiled_are_told_of(checkout, capsys):
    call_command("makemessages")
    assert [warning.id for warning in translations_are_compiled()] == ["records.W001"]
    call_command("compilemessages")
    assert translations_are_compiled() == []
    written = translations.path_of("es").stat().st_mtime
    os.utime(translations.path_of("es").with_suffix(".mo"), (written - 1, written - 1))
    assert [warning.id for warning in translations_are_compiled()] == ["records.W001"]
    call_command("compilemessages")
    assert translations_are_compiled() == []


# The catalog as it is

CATALOG = {
    (message.id, message.context): message
    for language in translations.languages()
    for message in translations.texts_of(translations.gather(language))
}

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%\(\w+\)0?\d?X|\{\w*\}|%%|</?[a-z]+[^>]*>")


def originals_of(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def misfits(holds: Callable[[str, str], object]) -> list[str]:
    """The texts whose translation is none by a rule that is asked of each original and its translation."""
    return [
        f"{original!r}: {translation!r}"
        for message in CATALOG.values()
        for original in originals_of(message)[-1:]
        for translation in translations.forms_of(message)[-1:]
        if translation and not holds(original, translation)
    ]


def test_every_text_is_translated():
    missing = [message.id for message in CATALOG.values() if not translations.is_translated(message)]

    assert missing == [], "Run `make messages`, then fill in locale/*/LC_MESSAGES/django.po; see docs/translating.md."


def test_translations_have_the_placeholders_and_tags_of_the_original():
    def same(original: str, translation: str) -> bool:
        return sorted(PLACEHOLDER.findall(original)) == sorted(PLACEHOLDER.findall(translation))

    assert misfits(same) == []


def test_no_plural_form_has_a_placeholder_that_the_original_lacks():
    for message in CATALOG.values():
        known = {name for original in originals_of(message) for name in PLACEHOLDER.findall(original)}
        for form in translations.forms_of(message):
            assert set(PLACEHOLDER.findall(form)) <= known, form


def test_a_text_with_plurals_has_a_translation_for_each_form_of_the_language():
    for message in CATALOG.values():
        if message.pluralizable:
            assert len(translations.forms_of(message)) == 3, message.id


def test_sentences_end_as_the_original_does_and_texts_begin_with_a_capital_where_it_does():
    def alike(original: str, translation: str) -> bool:
        ends = original[-1] == translation[-1] or not {original[-1], translation[-1]} & set(".:?… ")
        letters = [next((sign for sign in text if sign.isalpha()), "x") for text in (original, translation)]
        begins_with_placeholder = original.startswith("%(") or translation.startswith("%(")
        return ends and (begins_with_placeholder or letters[0].isupper() <= letters[1].isupper())

    assert misfits(alike) == []


def test_spanish_has_spanish_quotation_marks():
    def quoted(_original: str, translation: str) -> bool:
        return not set("“”") & set(translation) and translation.count("«") == translation.count("»")

    assert misfits(quoted) == []


def test_a_question_and_an_exclamation_open_as_they_close():
    def opened(original: str, translation: str) -> bool:
        return (bool(re.search(r"[a-z]\?\Z", original)) <= ("¿" in translation)) and (
            original.endswith("!") <= ("¡" in translation)
        )

    assert misfits(opened) == []


def test_the_folders_of_texts_hold_all_apps_of_our_own():
    ours = [Path(app.path) for app in apps.get_app_configs() if ".venv" not in Path(app.path).parts]
    folders = {path.relative_to(PROJECT_FOLDER).parts[0] for path in ours if path.is_relative_to(PROJECT_FOLDER)}

    assert folders == set(translations.FOLDERS)
