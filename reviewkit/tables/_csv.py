"""Reading csv and tsv."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reviewkit.errors import InputError
from reviewkit.tables._arrow import ArrowArray, ArrowSchema, import_arrow, string_array
from reviewkit.tables._base import CHUNK_SIZE, Chunk, Layout, Table, output_names
from reviewkit.tables._dialect import Record, records, sniff_delimiter
from reviewkit.tables._encoding import read_lines, text_encoding
from reviewkit.tables._source import Source
from reviewkit.tables._values import json_text

__all__ = ["CsvChunk", "CsvTable"]

REST = "_extra"
_SAMPLE_LINES, _SAMPLE_SIZE = 1000, 1 << 18
_SAMPLE_ROWS, _SAMPLE_CHARACTERS = 1000, 1000
_STATED = re.compile(r"sep=([^\w\n\r \"])\s*", re.IGNORECASE)  # Excel's first line
_TWO_WORDS = re.compile(r"[^\W\d_]{2}[^\w\s]*\s+[^\w\s]*[^\W\d_]{2}")


@dataclass(frozen=True, slots=True)
class CsvChunk(Chunk):
    """Rows of cells, as wide as the header; None where a row ends early."""

    rows: list[list[str | None]]
    rest: dict[int, list[str]]

    def column(self, name: str) -> list[object]:
        """Return the cells of the first column called `name`."""
        position = self.layout.position(name)
        return [row[position] for row in self.rows]

    def cells(self) -> Iterable[Sequence[str | None]]:
        """Return the rows; extra cells as a JSON list."""
        if self.layout.rest is None:
            return self.rows
        return [[*row, text] for row, text in zip(self.rows, self._rest(), strict=True)]

    def objects(self) -> Iterable[str]:
        """Return the rows as JSON objects of strings; extra cells as a list."""
        keys, rest = self.layout.keys, self.layout.rest
        for i, row in enumerate(self.rows):
            values: dict[str, object] = dict(zip(keys, row, strict=True))
            if rest is not None and i in self.rest:
                values[rest] = self.rest[i]
            yield json_text(values)

    def arrays(self) -> list[ArrowArray]:
        """Return the columns as arrow strings."""
        pa, _ = import_arrow("writing parquet")
        columns: list[list[str | None]] = [[] for _ in self.layout.columns]
        if self.rows:
            columns = [list(column) for column in zip(*self.rows, strict=True)]
        if self.layout.rest is not None:
            columns.append(self._rest())
        return [string_array(pa, column) for column in columns]

    def _rest(self) -> list[str | None]:
        return [json_text(self.rest[i]) if i in self.rest else None for i in range(self.n)]


class CsvTable(Table):
    """A csv or tsv file with a header line.

    Blank lines are no rows. A row that ends early is filled up with None; cells beyond the
    header go to `_extra` and the row is listed in `Chunk.errors`, unless they are all empty.

    Attributes:
        delimiter: found by `sniff_delimiter`, tab for tsv; None where a line is one cell.
    """

    def __init__(self, source: Source, *, format: str, encoding: str | None) -> None:
        """Read the file once: encoding, delimiter, header, row count.

        Raises:
            OptionError: unknown encoding.
            InputError: empty or not decodable.
        """
        self._source = source
        self.name, self.format, self.n_bytes = source.name, format, source.size
        self._requested = encoding is not None
        self.encoding = text_encoding(source, encoding)
        self.delimiter, self._stated = self._sniff()
        self._survey()

    def _sniff(self) -> tuple[str | None, bool]:
        """Return the delimiter, and if the first line does nothing but state it."""
        sample, size = [], 0
        with contextlib.closing(self._lines()) as lines:
            for line in itertools.islice(lines, _SAMPLE_LINES):
                sample.append(line)
                size += len(line)
                if size > _SAMPLE_SIZE:
                    break
            complete = next(lines, None) is None
        stated = _STATED.fullmatch(sample[0]) if sample else None
        if stated:
            return stated[1], True
        if self.format == "tsv":
            return "\t", False
        return sniff_delimiter(sample, complete=complete), False

    def _survey(self) -> None:
        found = self._records()
        header = next((record for record in found if record.cells), None)
        if header is None:
            raise InputError(f"{self.name} is empty. A header line with column names is needed.")
        columns = tuple(map(str, header.cells))
        width, rows, extra = len(columns), 0, False
        wordy = [width == 1] * width
        for record in found:
            if not record.cells:
                self.blank_lines += 1
                continue
            rows += 1
            extra = extra or any(record.cells[width:])
            if rows <= _SAMPLE_ROWS:
                for i, cell in enumerate(record.cells[:width]):
                    wordy[i] = wordy[i] or bool(_TWO_WORDS.search(cell, 0, _SAMPLE_CHARACTERS))
        self.n_rows = rows
        self.layout = Layout(columns, output_names(columns, (REST,))[REST] if extra else None)
        self.text_candidates = tuple(itertools.compress(columns, wordy))

    def _lines(self) -> Generator[str, None, None]:
        encoding = self.encoding or "utf-8"
        return read_lines(self._source, encoding, newline="", requested=self._requested)

    def _records(self) -> Iterator[Record]:
        found = records(self._lines(), self.delimiter)
        return itertools.islice(found, int(self._stated), None)

    @property
    def bytes_read(self) -> int:
        """Bytes read by the newest pass."""
        return self._source.bytes_read

    def _chunks(self, rows: int, required: int | None) -> Iterator[Chunk]:
        found = (record for record in self._records() if record.cells)
        next(found, None)  # the header
        batch: list[Record] = []
        size = 0
        for record in found:
            batch.append(record)
            size += sum(map(len, record.cells))
            if len(batch) == rows or size > CHUNK_SIZE:
                yield self._chunk(batch, required)
                batch, size = [], 0
        if batch:
            yield self._chunk(batch, required)

    def _chunk(self, batch: list[Record], required: int | None) -> CsvChunk:
        width = len(self.columns)
        errors: dict[int, str] = {}
        rest: dict[int, list[str]] = {}
        rows: list[list[str | None]] = []
        for i, record in enumerate(batch):
            n = len(record.cells)
            row: list[str | None] = [*record.cells[:width], *[None] * (width - n)]
            rows.append(row)
            reason = None
            if n > width and any(record.cells[width:]):
                rest[i] = record.cells[width:]
                reason = f"{n} cells where the header has {width}; one needs quotes"
            elif required is not None and n <= required:
                reason = f"{n} cells where the header has {width}; the text is missing"
            elif record.unclosed:
                reason = "a quote is never closed and was read as a plain character"
            if reason is not None:
                errors[i] = f"line {record.line}: {reason}"
        return CsvChunk(len(rows), errors, self.layout, rows, rest)

    def arrow_schema(self) -> ArrowSchema:
        """Return strings for every column."""
        pa, _ = import_arrow("writing parquet")
        names = (*self.layout.keys, *self.layout.extra)
        return pa.schema([(name, pa.string()) for name in names])

    def close(self) -> None:
        """Release the file."""
        self._source.close()
