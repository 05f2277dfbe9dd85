"""Where a table goes: a file that appears complete or not at all, or standard output."""

from __future__ import annotations

import contextlib
import gzip
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from reviewkit.errors import InputError

__all__ = ["check_target", "open_sink"]


def check_target(target: str | os.PathLike[str]) -> Path | None:
    """Return the file to write, links followed; None for standard output (`-`).

    Raises:
        InputError: its directory does not exist or is not writable, or it is a directory.
    """
    if str(target) == "-":
        return None
    path = Path(os.path.realpath(target))
    if path.is_dir():
        raise InputError(f"the output {target} is a directory. Fix: name a file in it.")
    if path.exists() and not os.access(path, os.W_OK):
        raise InputError(f"the output {target} is write-protected. Fix: name another file.")
    if _is_device(path):
        return path
    if not path.parent.is_dir():
        raise InputError(
            f"the directory {path.parent} of the output {target} does not exist. "
            f"Fix: mkdir -p '{path.parent}'"
        )
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"the directory {path.parent} of the output {target} is not writable.")
    return path


@contextlib.contextmanager
def open_sink(path: Path | None, *, compressed: bool) -> Iterator[BinaryIO]:
    """Open what `check_target` returned, and commit it if the block ends without exception.

    A file is written beside its target, synced, and renamed over it, so an existing file stays
    untouched until the new one is complete. Standard output and devices are written directly.
    """
    with _stream(path) if path is None or _is_device(path) else _replaced(path) as raw:
        if compressed:
            # No name and no time inside: the same table gives the same bytes.
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as zipped:
                yield cast("BinaryIO", zipped)
        else:
            yield raw


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


@contextlib.contextmanager
def _stream(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield cast("BinaryIO", sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with path.open("wb") as device:
            yield device


@contextlib.contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    beside = path.with_name(f".reviewkit-{secrets.token_hex(6)}.tmp")
    try:
        file = beside.open("xb")
    except OSError as error:
        raise InputError(f"cannot write in {path.parent}: {error.strerror or error}.") from error
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
