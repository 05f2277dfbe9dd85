r"""Parsing csv text: cells as Python's csv module and pandas read them, but never in trouble.

Own code, because `csv.reader` limits a cell to 131,072 characters by a setting of the whole
process, refuses NUL in some versions, and tells neither an empty quoted cell from an empty one
nor that a quote was never closed. The grammar is RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180)
with the leniency of `csv.reader`: a quote opens a cell only as its first character, is plain
text elsewhere (`5" screen`), and text after the closing quote belongs to the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["QUOTED_EMPTY", "Record", "encode_row", "quoting", "records", "sniff_delimiter"]

QUOTE = '"'
# A quoted cell longer than this (characters) is taken for a quote that nobody closed.
MAX_QUOTED = 16 * 2**20
_DELIMITERS = (",", ";", "\t", "|")


class _QuotedEmpty(str):
    """An empty cell that is written as two quotes: some readers take a bare one for null."""

    __slots__ = ()


QUOTED_EMPTY: str = _QuotedEmpty("")


class Record(NamedTuple):
    """One record: its cells (none for a blank line), and the line on which it starts.

    `unclosed` says that a quote was never closed and was read as a plain character.
    """

    cells: list[str]
    line: int
    unclosed: bool = False


class _Lines:
    """Lines with their number, and the way back that an unclosed quote needs."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: list[str] = []
        self.number = 0

    def next(self) -> str | None:
        line = self._again.pop() if self._again else next(self._lines, None)
        if line is not None:
            self.number += 1
        return line

    def back(self, lines: list[str]) -> None:
        self._again.extend(reversed(lines))
        self.number -= len(lines)


def records(lines: Iterable[str], delimiter: str | None) -> Iterator[Record]:
    r"""Yield the records of csv text.

    Args:
        lines: physical lines with their ends (`\n`, `\r` or `\r\n`), which stay as they are
            inside quoted cells.
        delimiter: one character, or None where a record is a single cell.
    """
    source = _Lines(lines)
    while (line := source.next()) is not None:
        number = source.number
        if QUOTE in line:
            cells, unclosed = _quoted(source, line, delimiter)
            yield Record(cells, number, unclosed)
            continue
        body = line.rstrip("\r\n")
        if not body:
            yield Record([], number)
        else:
            yield Record([body] if delimiter is None else body.split(delimiter), number)


def _quoted(source: _Lines, line: str, delimiter: str | None) -> tuple[list[str], bool]:
    cells: list[str] = []
    unclosed = False
    body, position = line.rstrip("\r\n"), 0
    while True:
        quoted = None
        if line.startswith(QUOTE, position):
            found = _until_closed(source, line, position + 1)
            if found is None:
                unclosed = True
            else:
                quoted, line, position = found
                body = line.rstrip("\r\n")
        stop = -1 if delimiter is None else body.find(delimiter, position)
        tail = body[position:] if stop < 0 else body[position:stop]
        cells.append(tail if quoted is None else (quoted + tail or QUOTED_EMPTY))
        if stop < 0:
            return cells, unclosed
        position = stop + 1


def _until_closed(source: _Lines, line: str, position: int) -> tuple[str, str, int] | None:
    """Read on to the closing quote; return the text, the line it is on, and what follows it.

    Without a closing quote the lines are given back and the result is None.
    """
    parts: list[str] = []
    taken: list[str] = []
    size = 0
    while True:
        close = line.find(QUOTE, position)
        if close < 0:
            parts.append(line[position:])
            size += len(line)
            following = source.next() if size <= MAX_QUOTED else None
            if following is None:
                source.back(taken)
                return None
            taken.append(following)
            line, position = following, 0
        elif line.startswith(QUOTE, close + 1):
            parts.append(line[position : close + 1])
            position = close + 2
        else:
            parts.append(line[position:close])
            return "".join(parts), line, close + 1


def sniff_delimiter(lines: list[str], *, complete: bool) -> str | None:
    """Return the delimiter of a file by counting cells; None where no line has a second one.

    Of comma, semicolon, tab and bar, those that split the header are compared: the one whose
    rows have as many cells as the header most often wins, then the one with more cells. Where
    none splits the header, a record is one cell, however many commas are in it.

    Args:
        lines: the first lines, with their ends.
        complete: the lines are the whole file, so the last record is not cut off.
    """
    best: tuple[float, int] = (-1.0, 1)
    chosen = None
    for delimiter in _DELIMITERS:
        found = [r for r in records(lines, delimiter) if r.cells]
        if not complete:
            found = [r for r in found[:-1] if not r.unclosed] or found[:1]
        width = len(found[0].cells) if found else 0
        rows = found[1:]
        same = sum(len(record.cells) == width for record in rows) / len(rows) if rows else 1.0
        if width > 1 and (same, width) > best:
            best, chosen = (same, width), delimiter
    return chosen


def quoting(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of a cell that has to be quoted."""
    return re.compile(f'[{re.escape(delimiter)}"\r\n]')


def encode_row(cells: Iterable[str | None], delimiter: str, special: re.Pattern[str]) -> str:
    r"""Return a record, quoted only where needed, with `\n` at its end; None is empty."""
    texts = [_encode(cell, special) for cell in cells]
    if texts == [""]:
        return '""\n'  # a bare line would be skipped as blank
    return delimiter.join(texts) + "\n"


def _encode(cell: str | None, special: re.Pattern[str]) -> str:
    if not cell:
        return '""' if cell is QUOTED_EMPTY else ""
    if special.search(cell):
        return f'"{cell.replace(QUOTE, QUOTE * 2)}"'
    return cell
