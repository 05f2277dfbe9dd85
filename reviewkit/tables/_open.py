"""From a file name to the right reader."""

from __future__ import annotations

import os
from pathlib import PurePath

from reviewkit.errors import InputError, OptionError
from reviewkit.tables._base import Table
from reviewkit.tables._csv import CsvTable
from reviewkit.tables._jsonl import JsonlTable
from reviewkit.tables._parquet import ParquetTable
from reviewkit.tables._source import Source

__all__ = ["FORMATS", "open_table", "table_format"]

FORMATS = ("csv", "tsv", "jsonl", "parquet")
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


def table_format(
    name: str | os.PathLike[str], requested: str | None, *, writing: bool = False
) -> tuple[str, bool]:
    """Return the format of a file, and if its name says that it is gzipped.

    Raises:
        OptionError: the format, or the suffix where there is no format, is not known.
        InputError: gzipped parquet.
    """
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    compressed = suffixes[-1:] == [".gz"]
    if compressed:
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if requested is not None:
        if requested not in FORMATS:
            raise OptionError("format", requested, FORMATS)
        found = requested
    elif str(name) == "-" or (suffix == ".json" and not writing):
        found = "jsonl"
    elif suffix in _SUFFIXES:
        found = _SUFFIXES[suffix]
    else:
        raise OptionError(f"the format of {os.fspath(name)!r}: suffix", suffix, _SUFFIXES)
    if found == "parquet" and compressed:
        raise InputError(f"{name}: parquet is compressed inside. Fix: leave out .gz")
    return found, compressed


def open_table(
    source: str | os.PathLike[str], *, format: str | None = None, encoding: str | None = None
) -> Table:
    """Open a review table for reading.

    Text formats are read through once here, so what is wrong anywhere in the file is said now.

    Args:
        source: path, or `-` for standard input (jsonl unless `format` says otherwise).
        format: `csv`, `tsv`, `jsonl` or `parquet`; default by suffix (`.gz` may follow).
        encoding: of text formats; default by byte order mark, else UTF-8.

    Raises:
        OptionError: unknown format, suffix or encoding.
        InputError: missing, unreadable, empty, damaged, or in another encoding.
        MissingExtraError: parquet without pyarrow.
    """
    kind, compressed = table_format(source, format)
    opened = Source(source, compressed=compressed)
    try:
        if kind == "parquet":
            return ParquetTable(opened)
        if kind == "jsonl":
            return JsonlTable(opened, encoding=encoding)
        return CsvTable(opened, format=kind, encoding=encoding)
    except BaseException:
        opened.close()
        raise
