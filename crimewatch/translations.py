"""The catalogs of translations in `locale/`: gathered from the code and compiled, both without GNU gettext.

Django's own `makemessages` and `compilemessages` call programs that a machine with nothing but Python does not have;
ours, in `crimewatch/records/management/commands/`, stand in for them and do it with Babel.
"""

import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from crimewatch.records.checks import is_newer

FOLDERS = ("actors", "crimewatch", "programs", "regions")
"""Where the site's own code and templates are."""

#: The functions that mark a text, and which of their arguments are texts (or, with "c", the context of one).
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

HEADER = """\
# {language} texts of CrimeWatch. `make messages` gathers new texts here and leaves translations as they are.
# Words and style: docs/translating.md.
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def languages() -> list[str]:
    """The codes of the languages that the site is translated into."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def path_of(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def read_catalog(language: str) -> Catalog:
    """The catalog as it is on disk; empty where there is none yet."""
    path = path_of(language)
    with path.open("rb") if path.exists() else BytesIO() as file:
        return read_po(file, locale=language)


def gather(language: str) -> Catalog:
    """All marked texts with what the catalog has for them; what is marked no more is left out."""
    known = read_catalog(language)
    catalog = Catalog(locale=language)
    for path, text, context, notes in marked_texts():
        first = catalog.get(text, context) is None  # where else it stands would change with every use of it
        catalog.add(text, locations=[(path, 0)] if first else (), auto_comments=notes, context=context)
    for message in texts_of(catalog):
        translated = known.get(message.id, message.context)
        if translated is not None and translated.pluralizable == message.pluralizable:
            message.string = translated.string
            message.user_comments = translated.user_comments
            message.flags |= translated.flags & {"fuzzy"}
    return catalog


def texts_of(catalog: Catalog) -> list[Message]:
    """The messages of a catalog but for its header."""
    return [message for message in catalog if message.id]


def is_translated(message: Message) -> bool:
    """Whether each form of a text has its translation, and nobody has to look at it again."""
    return all(forms_of(message)) and not message.fuzzy


def forms_of(message: Message) -> list[str]:
    """The translations of a text: one, or one for each plural form of the language; empty where there is none."""
    return [message.string or ""] if isinstance(message.string, str) else [*(message.string or [""])]


def save_catalog(language: str, catalog: Catalog) -> None:
    """Write a catalog with nothing in it that changes by itself: no date, no number of a line."""
    content = BytesIO()
    header = HEADER.format(
        language=catalog.locale.get_display_name("en") if catalog.locale else language,
        code=language,
        plural_forms=catalog.plural_forms,
    )
    content.write(header.encode())
    write_po(content, catalog, width=100, omit_header=True, include_lineno=False)
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.getvalue().rstrip() + b"\n")


def compile_catalogs() -> list[Path]:
    """Compile each catalog that is newer than what was compiled of it, and say which."""
    compiled = []
    for language in languages():
        source = path_of(language)
        target = source.with_suffix(".mo")
        if is_newer(target, source):
            continue
        content = BytesIO()
        write_mo(content, read_catalog(language))
        # Put there whole: another process may be reading it, or compiling as well.
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".mo", delete=False) as file:
            file.write(content.getvalue())
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)
        compiled.append(target)
    return compiled


def marked_texts() -> Iterator[tuple[str, str | tuple[str, ...], str | None, list[str]]]:
    """Each marked text: its file, the text (or singular and plural), its context and the notes for translators."""
    for path in source_files():
        code = path.read_text()
        if path.suffix != ".py":
            # In brackets, or Python's tokenizer would stumble over the indentation of HTML.
            code = f"({templatize(code)}\n)"
        name = path.relative_to(settings.BASE_DIR).as_posix()
        for _line, text, notes, context in extract("python", BytesIO(code.encode()), KEYWORDS, ["Translators:"]):
            yield name, text, context, notes


def source_files() -> list[Path]:
    """The site's own modules and templates, in an order that lasts; migrations hold copies of what models say."""
    found = [path for folder in FOLDERS for path in (settings.BASE_DIR / folder).rglob("*")]
    return sorted(
        path
        for path in found
        if (path.suffix == ".py" and "migrations" not in path.parts)
        or (path.suffix in {".html", ".txt"} and "templates" in path.parts)
    )
