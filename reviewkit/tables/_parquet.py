"""Reading parquet: record batches that are passed through as they are. Needs pyarrow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reviewkit.errors import InputError
from reviewkit.tables._arrow import ArrowArray, ArrowSchema, ArrowType, import_arrow
from reviewkit.tables._base import CHUNK_SIZE, Chunk, Layout, Table
from reviewkit.tables._dialect import QUOTED_EMPTY
from reviewkit.tables._source import Source
from reviewkit.tables._values import json_text, plain, plain_cell

__all__ = ["ParquetChunk", "ParquetTable"]

_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class ParquetChunk(Chunk):
    """A record batch."""

    batch: ArrowArray

    def column(self, name: str) -> list[object]:
        """Return the values as plain Python values."""
        return _pylist(self.batch.column(self.layout.position(name)))

    def cells(self) -> Iterable[Sequence[str | None]]:
        """Return the rows as text: dates as ISO 8601, nested values as JSON."""
        columns = [
            [QUOTED_EMPTY if value == "" else plain_cell(value) for value in _pylist(column)]
            for column in self.batch.columns
        ]
        return zip(*columns, strict=True)

    def objects(self) -> Iterable[str]:
        """Return the rows as JSON objects."""
        keys = self.layout.keys
        for row in zip(*(map(plain, _pylist(c)) for c in self.batch.columns), strict=True):
            yield json_text(dict(zip(keys, row, strict=True)))

    def arrays(self) -> list[ArrowArray]:
        """Return the arrow columns themselves."""
        return list(self.batch.columns)


def _pylist(array: ArrowArray) -> list[object]:
    pa, _ = import_arrow("reading parquet")
    if pa.types.is_float32(array.type):
        # The shortest text of the 32-bit number: 0.9, not 0.8999999761581421.
        return [None if t is None else float(t) for t in array.cast(pa.string()).to_pylist()]
    try:
        return list(array.to_pylist())
    except (ValueError, OverflowError):  # a date that Python cannot hold
        return list(array.cast(pa.string()).to_pylist())


class ParquetTable(Table):
    """A parquet file; `text_candidates` are the columns of (dictionaries of) strings."""

    def __init__(self, source: Source) -> None:
        """Read the footer.

        Raises:
            MissingExtraError: pyarrow is not installed.
            InputError: damaged, or without columns.
        """
        self._pa, parquet = import_arrow("reading parquet")
        self._source = source
        self.name, self.format, self.n_bytes = source.name, "parquet", source.size
        self._done = 0
        with self._reading():
            self._file = parquet.ParquetFile(source.path, buffer_size=_BUFFER)
            self._schema = self._file.schema_arrow
            meta = self._file.metadata
            self._row_groups = [meta.row_group(i) for i in range(meta.num_row_groups)]
        self.n_rows = int(meta.num_rows)
        self.layout = Layout(tuple(self._schema.names))
        if not self.columns:
            self.close()
            raise InputError(f"{self.name} has no columns.")
        self.text_candidates = tuple(f.name for f in self._schema if self._is_text(f.type))

    def _is_text(self, kind: ArrowType) -> bool:
        types = self._pa.types
        if types.is_dictionary(kind):
            kind = kind.value_type
        view = getattr(types, "is_string_view", lambda _: False)
        return bool(types.is_string(kind) or types.is_large_string(kind) or view(kind))

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (self._pa.ArrowException, OSError) as error:
            raise InputError(f"{self.name} is not a readable parquet file: {error}") from error

    @property
    def bytes_read(self) -> int:
        """The share of the rows that were read, in bytes."""
        return (self.n_bytes or 0) * self._done // max(1, self.n_rows or 0)

    def _chunks(self, rows: int, required: int | None) -> Iterator[Chunk]:
        size = sum(group.total_byte_size for group in self._row_groups)
        if size:
            rows = max(1, min(rows, CHUNK_SIZE * (self.n_rows or 0) // size))
        self._done = 0
        with self._reading():
            for batch in self._file.iter_batches(batch_size=rows):
                self._done += batch.num_rows
                yield ParquetChunk(batch.num_rows, {}, self.layout, batch)

    def arrow_schema(self) -> ArrowSchema:
        """Return the file's schema, metadata included; repeated names are numbered."""
        fields = [
            field.with_name(key) for field, key in zip(self._schema, self.layout.keys, strict=True)
        ]
        return self._pa.schema(fields, metadata=self._schema.metadata)

    def close(self) -> None:
        """Release the file."""
        if hasattr(self, "_file"):
            self._file.close()
        self._source.close()
