"""Writing: the input's columns unchanged, then ours, as csv, tsv, jsonl or parquet."""

from __future__ import annotations

import contextlib
import itertools
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from reviewkit.errors import InputError, OptionError
from reviewkit.tables._arrow import ArrowArray, added_array, arrow_type, import_arrow
from reviewkit.tables._base import Chunk, Table, output_names
from reviewkit.tables._dialect import encode_row, quoting
from reviewkit.tables._open import table_format
from reviewkit.tables._sink import check_target, open_sink
from reviewkit.tables._values import checked_types, csv_cell, json_text, json_value

__all__ = ["TableWriter", "open_writer"]

_GROUP_ROWS, _GROUP_BYTES = 65_536, 32 << 20


def open_writer(
    target: str | os.PathLike[str],
    table: Table,
    added: Sequence[str],
    *,
    format: str | None = None,
    added_types: Mapping[str, str] | None = None,
) -> TableWriter:
    """Return a writer for the rows of `table` with the columns `added`.

    The target may be the file that is being read. Our values: lists and dicts are JSON in csv;
    in jsonl they are native; in parquet lists are lists of strings and dicts JSON strings.
    Floats have 6 decimals everywhere, None is empty or null. The input's values are described
    at the readers.

    Args:
        target: path, or `-` for standard output (jsonl unless `format` says csv or tsv).
        table: where the chunks come from.
        added: names of our columns; see `output_names` for what becomes of a name that is taken.
        format: `csv`, `tsv`, `jsonl` or `parquet`; default by suffix.
        added_types: column -> `text`, `float`, `int`, `bool` or `list`, where the contract's
            type does not fit or the column is not in the contract (then the default is `text`).

    Raises:
        OptionError: unknown format, suffix or type.
        InputError: the directory does not exist or is not writable.
        MissingExtraError: parquet without pyarrow.
    """
    kind, compressed = table_format(target, format, writing=True)
    path = check_target(target)
    types = checked_types(added, added_types)
    if kind == "jsonl":
        return _JsonlWriter(path, compressed, table, types)
    if kind == "parquet":
        if path is None or (path.exists() and not path.is_file()):
            raise InputError("parquet cannot be written to a stream. Fix: name an output file.")
        import_arrow("writing parquet")
        return _ParquetWriter(path, compressed, table, types)
    return _CsvWriter(path, compressed, table, types, "\t" if kind == "tsv" else ",")


class TableWriter(ABC):
    """Writes chunks in order; a context manager that commits only if no exception comes.

    Attributes:
        names: our name -> the name that is written.
        n_rows: rows written so far.
    """

    def __init__(
        self, path: Path | None, compressed: bool, table: Table, types: Mapping[str, str]
    ) -> None:
        """Keep what is needed; the file is opened on entering the context."""
        self._path, self._compressed, self._table = path, compressed, table
        self._types = dict(types)
        self._kept = (*table.layout.columns, *table.layout.extra)
        self.names = output_names(self._kept, types)
        self.n_rows = 0
        self._stack = contextlib.ExitStack()
        self._out: BinaryIO | None = None

    def write(self, chunk: Chunk, values: Mapping[str, Sequence[object]]) -> None:
        """Write the rows of a chunk with our values.

        Args:
            chunk: the next chunk of the table.
            values: our name -> one value a row, for every added column.

        Raises:
            InputError: a column is missing, has the wrong length or type, or the disk is full.
            OptionError: a column was not announced.
        """
        for name in values:
            if name not in self._types:
                raise OptionError("column", name, self._types)
        for name in self._types:
            n = len(values[name]) if name in values else 0
            if n != chunk.n:
                raise InputError(f"{n} values for {name!r} where the chunk has {chunk.n} rows.")
        with self._writing():
            self._write(self._opened(), chunk, {name: values[name] for name in self._types})
        self.n_rows += chunk.n

    @abstractmethod
    def _start(self, out: BinaryIO, stack: contextlib.ExitStack) -> None:
        """Write what comes before the rows; `stack` takes what has to be done after them."""

    @abstractmethod
    def _write(self, out: BinaryIO, chunk: Chunk, values: Mapping[str, Sequence[object]]) -> None:
        """Write the rows; `values` are in the order of the columns."""

    def _opened(self) -> BinaryIO:
        if self._out is None:
            raise InputError("the writer is not open. Fix: use it in one `with` block.")
        return self._out

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise  # the reader of standard output has gone, which is no fault of the data
        except OSError as error:
            where = self._path or "standard output"
            raise InputError(f"cannot write {where}: {error.strerror or error}.") from error

    def __enter__(self) -> Self:
        """Open the output and write what comes before the rows."""
        with self._writing(), contextlib.ExitStack() as stack:
            out = stack.enter_context(open_sink(self._path, compressed=self._compressed))
            self._start(out, stack)
            self._stack = stack.pop_all()
        self._out = out
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit the output, or remove it if there was an exception."""
        self._out = None
        with self._writing():
            self._stack.__exit__(kind, error, trace)


class _CsvWriter(TableWriter):
    def __init__(
        self,
        path: Path | None,
        compressed: bool,
        table: Table,
        types: Mapping[str, str],
        delimiter: str,
    ) -> None:
        super().__init__(path, compressed, table, types)
        self._delimiter, self._special = delimiter, quoting(delimiter)

    def _start(self, out: BinaryIO, stack: contextlib.ExitStack) -> None:
        self._put(out, [[*self._kept, *self.names.values()]])

    def _write(self, out: BinaryIO, chunk: Chunk, values: Mapping[str, Sequence[object]]) -> None:
        ours = [[csv_cell(value) for value in column] for column in values.values()]
        added = zip(*ours, strict=True) if ours else itertools.repeat(())
        self._put(out, ([*row, *more] for row, more in zip(chunk.cells(), added, strict=False)))

    def _put(self, out: BinaryIO, rows: Iterable[Iterable[str | None]]) -> None:
        text = "".join(encode_row(row, self._delimiter, self._special) for row in rows)
        out.write(text.encode("utf-8", "backslashreplace"))
        if self._path is None:
            out.flush()


class _JsonlWriter(TableWriter):
    def _start(self, out: BinaryIO, stack: contextlib.ExitStack) -> None:
        """Write nothing: jsonl has no header."""

    def _write(self, out: BinaryIO, chunk: Chunk, values: Mapping[str, Sequence[object]]) -> None:
        lines = []
        for i, text in enumerate(chunk.objects()):
            ours = {self.names[name]: json_value(column[i]) for name, column in values.items()}
            lines.append(_spliced(text, ours) + "\n")
        # A half surrogate pair can only stand in a JSON string, where its escape means the same.
        out.write("".join(lines).encode("utf-8", "backslashreplace"))
        if self._path is None:
            out.flush()


def _spliced(text: str, ours: Mapping[str, object]) -> str:
    """Return the text of an object with our members at its end; the rest stays as it is."""
    if not ours:
        return text
    body = text[:-1].rstrip(" \t\r\n")
    return body + ("" if body == "{" else ", ") + json_text(ours)[1:]


class _ParquetWriter(TableWriter):
    """Collects chunks to row groups of `_GROUP_ROWS` rows or `_GROUP_BYTES` bytes."""

    def _start(self, out: BinaryIO, stack: contextlib.ExitStack) -> None:
        self._pa, parquet = import_arrow("writing parquet")
        schema = self._table.arrow_schema()
        for name, kind in self._types.items():
            schema = schema.append(self._pa.field(self.names[name], arrow_type(self._pa, kind)))
        self._schema = schema
        self._batches: list[ArrowArray] = []
        self._writer = stack.enter_context(parquet.ParquetWriter(out, schema))
        stack.push(self._flush_rest)

    def _write(self, out: BinaryIO, chunk: Chunk, values: Mapping[str, Sequence[object]]) -> None:
        arrays = chunk.arrays()
        for name, column in values.items():
            arrays.append(added_array(self._pa, name, column, self._types[name]))
        batch = self._pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        self._batches.append(batch)
        rows = sum(batch.num_rows for batch in self._batches)
        if rows >= _GROUP_ROWS or sum(batch.nbytes for batch in self._batches) >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._batches:
            table = self._pa.Table.from_batches(self._batches, self._schema)
            self._writer.write_table(table.unify_dictionaries(), row_group_size=table.num_rows)
            self._batches = []

    def _flush_rest(self, kind: object, _error: object, _trace: object) -> None:
        if kind is None:
            self._flush()
