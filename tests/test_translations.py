"""The catalogs in `locale/`: how they are gathered and compiled, and that nothing is left out of them."""

import gettext
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from crimewatch import translations
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
