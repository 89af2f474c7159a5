"""The private folder: uploads and finished exports, readable by the server alone, for a time and up to a size."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO
from uuid import UUID

from django.conf import settings

_CHUNK = 1024 * 1024


def path_of(uid: UUID) -> Path:
    """Where the file of a batch or an export is kept. The name is made from the number alone."""
    return Path(settings.KEPT_FILES) / UUID(str(uid)).hex


def keep(uid: UUID, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Keep a file under a number; returns its SHA-256 and its size. It is there as a whole or not at all."""
    digest, size = hashlib.sha256(), 0
    with draft(uid) as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


@contextmanager
def draft(uid: UUID) -> Iterator[IO[bytes]]:
    """A file to write, which is kept under the number when all is written, and is gone if that fails."""
    folder = Path(settings.KEPT_FILES)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(uid)
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def digest_of(file: BinaryIO) -> tuple[str, int]:
    """The SHA-256 and the size of a file, which is left at its beginning."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    return digest.hexdigest(), size


def drop(uid: UUID) -> None:
    path_of(uid).unlink(missing_ok=True)


def stray(before: float, known: Iterable[UUID]) -> Iterator[Path]:
    """Files older than ``before`` (seconds since 1970) that belong to none of the ``known`` numbers."""
    names = {uid.hex for uid in known}
    folder = Path(settings.KEPT_FILES)
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # another sweep was faster
            if path.name not in names and path.stat().st_mtime < before:
                yield path
