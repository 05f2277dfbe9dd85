"""The bytes of an input: a file, a gzip file, standard input or a pipe, readable repeatedly."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from reviewkit.errors import InputError

__all__ = ["Source"]

_GZIP_MAGIC = b"\x1f\x8b"
_BLOCK = 1 << 20


class Source:
    """Bytes that can be read from the start any number of times.

    Standard input (`-`) and pipes are copied to a temporary file first, which `close` removes.

    Raises:
        InputError: no such file, a directory, or not readable.
    """

    def __init__(self, source: str | os.PathLike[str], *, compressed: bool = False) -> None:
        """Find the file.

        Args:
            source: path, or `-` for standard input.
            compressed: the name says gzip; gzip is also known by its first two bytes.
        """
        self.name = "standard input" if str(source) == "-" else str(source)
        self._spool: tempfile.TemporaryDirectory[str] | None = None
        self._raw: io.FileIO | None = None
        self._read = 0
        with self.reading():
            if str(source) == "-":
                self.path = self._spooled(cast("BinaryIO", sys.stdin.buffer))
            else:
                self.path = _existing(Path(source))
                if not self.path.is_file():
                    with self.path.open("rb") as pipe:
                        self.path = self._spooled(pipe)
            self.size = self.path.stat().st_size
            with self.path.open("rb") as file:
                self.compressed = compressed or file.read(2) == _GZIP_MAGIC

    def _spooled(self, stream: BinaryIO) -> Path:
        self._spool = tempfile.TemporaryDirectory(prefix="reviewkit-")
        path = Path(self._spool.name) / "input"
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file, _BLOCK)
        except BaseException:
            self.close()
            raise
        return path

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Turn the errors of reading into InputError."""
        try:
            yield
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(
                f"{self.name} is a damaged gzip file ({error}). Fix: fetch or compress it again."
            ) from error
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror or error}.") from error

    @contextlib.contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the uncompressed bytes from the start."""
        with io.FileIO(self.path) as raw, io.BufferedReader(raw, _BLOCK) as buffered:
            self._raw = raw
            try:
                if self.compressed:
                    with gzip.GzipFile(fileobj=buffered) as unzipped:
                        yield cast("BinaryIO", unzipped)
                else:
                    yield buffered
            finally:
                self._read = raw.tell()
                if self._raw is raw:
                    self._raw = None

    @property
    def bytes_read(self) -> int:
        """Bytes of `size` that the newest pass has read."""
        return self._read if self._raw is None else self._raw.tell()

    def close(self) -> None:
        """Remove the temporary copy, if there is one."""
        if self._spool is not None:
            self._spool.cleanup()
            self._spool = None


def _existing(path: Path) -> Path:
    if path.is_dir():
        raise InputError(f"{path} is a directory. Fix: name one file in it.")
    if not path.exists():
        where = path.parent if path.parent.is_dir() else f"{path.parent}, which does not exist"
        raise InputError(f"there is no file {path.name!r} in {where}.")
    return path
