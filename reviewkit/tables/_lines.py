"""Lines of text in, lines of bytes out: for JSON lines that are no table."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import BinaryIO

from reviewkit.tables._encoding import read_lines, text_encoding
from reviewkit.tables._sink import check_target, open_sink
from reviewkit.tables._source import Source

__all__ = ["open_lines", "open_output"]


@contextlib.contextmanager
def open_lines(source: str | os.PathLike[str]) -> Iterator[Iterator[str]]:
    """Open a text file (`-` is standard input, `.gz` allowed) and give its lines.

    Raises:
        InputError: missing, unreadable, or not in the encoding that it seems to have.
    """
    opened = Source(source, compressed=str(source).endswith(".gz"))
    try:
        yield read_lines(opened, text_encoding(opened), newline="\n")
    finally:
        opened.close()


@contextlib.contextmanager
def open_output(target: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file that appears only when it is complete (`-` is standard output).

    Raises:
        InputError: the directory does not exist or is not writable.
    """
    with open_sink(check_target(target), compressed=str(target).endswith(".gz")) as out:
        yield out
