"""What `manage.py check` looks at besides what Django does."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks


def translations_are_compiled(**_options: Any) -> list[checks.CheckMessage]:
    """Warn of translations that have changed since they were compiled: Django would quietly go on without them."""
    return [
        checks.Warning(f"{source} is not compiled.", hint="Run `manage.py compilemessages`.", id="records.W001")
        for folder in settings.LOCALE_PATHS
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po"))
        if not is_newer(source.with_suffix(".mo"), source)
    ]


def is_newer(target: Path, source: Path) -> bool:
    """Whether `target` is there and was written after `source`."""
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime
