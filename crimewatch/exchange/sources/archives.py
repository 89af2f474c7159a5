"""ZIP archives from strangers: nothing is unpacked to a path that they name, and nothing without a limit."""

import stat
import zipfile
from contextlib import ExitStack
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from crimewatch.records.resources import RefusedError

MOST_FILES = 200
#: What an archive may unpack to, as a multiple of the largest upload, and each of its files, of its packed size.
LARGEST_WHOLE = 10
LARGEST_RATIO = 400
_CHUNK = 1024 * 1024


class Archive:
    """A ZIP archive that has been looked through before anything in it is read. Raises `RefusedError`."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        try:
            self._zip = zipfile.ZipFile(file)
            entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
            sentence = _("%(name)s cannot be opened as a ZIP archive: it is cut off, damaged or something else.")
            raise RefusedError(sentence % {"name": name}) from error
        if len(entries) > MOST_FILES:
            sentence = _("%(name)s holds %(count)s files, and at most %(most)s are read from an archive.")
            raise RefusedError(sentence % {"name": name, "count": len(entries), "most": MOST_FILES})
        for entry in entries:
            self._judge(entry)
        self._refuse_bomb(entries)
        self.files = {entry.filename: entry for entry in entries}

    def _judge(self, entry: zipfile.ZipInfo) -> None:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        words = {"name": self.name, "file": entry.filename[:100]}
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
            sentence = _("%(name)s names a file “%(file)s”, which leads out of the archive: pack it anew.")
            raise RefusedError(sentence % words)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise RefusedError(_("%(name)s holds a link, “%(file)s”: pack the file itself.") % words)
        if entry.flag_bits & 0x1:
            raise RefusedError(_("“%(file)s” in %(name)s is encrypted: pack it without a password.") % words)

    def _refuse_bomb(self, entries: list[zipfile.ZipInfo]) -> None:
        """Refuse what would grow beyond measure. Nobody can read more of an entry than it has declared."""
        limit = LARGEST_WHOLE * settings.UPLOAD_LIMIT
        whole = sum(entry.file_size for entry in entries)
        grown = any(entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1024) for entry in entries)
        if whole > limit or grown:
            sentence = _("%(name)s would unpack to %(size)s MB, far more than its own size: it is not read.")
            raise RefusedError(sentence % {"name": self.name, "size": f"{whole / 1024 / 1024:,.0f}"})

    def open(self, filename: str, into: ExitStack) -> IO[bytes]:
        """The content of one of `files`, in an unnamed file that can be sought in and lasts as long as `into`."""
        content: IO[bytes] = into.enter_context(TemporaryFile())  # noqa: SIM115 - it is one
        try:
            with self._zip.open(self.files[filename]) as packed:
                while chunk := packed.read(_CHUNK):
                    content.write(chunk)
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
            sentence = _("“%(file)s” in %(name)s is damaged: pack it anew.")
            raise RefusedError(sentence % {"file": filename[:100], "name": self.name}) from error
        except Exception as error:
            # zlib, lzma and bz2 have errors of their own for what is no stream of theirs.
            if type(error).__name__ not in {"error", "LZMAError"}:
                raise
            sentence = _("“%(file)s” in %(name)s is damaged: pack it anew.")
            raise RefusedError(sentence % {"file": filename[:100], "name": self.name}) from error
        content.seek(0)
        return content
