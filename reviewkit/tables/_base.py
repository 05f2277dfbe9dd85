"""What a table and a chunk of its rows are, and how clashing names are resolved."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reviewkit.errors import InputError, OptionError

if TYPE_CHECKING:
    from reviewkit.tables._arrow import ArrowArray, ArrowSchema

__all__ = ["CHUNK_SIZE", "Chunk", "Layout", "Table", "output_names", "unique_names"]

# A chunk ends early when its rows hold this many characters, so that a thousand huge reviews
# do not fill the memory.
CHUNK_SIZE = 16 * 2**20


def output_names(columns: Iterable[str], added: Iterable[str]) -> dict[str, str]:
    """Return the name under which each added column is written.

    A name that an input column bears becomes `rk_NAME`; if that is taken too, `rk_2_NAME`,
    `rk_3_NAME` and so on. No two columns of ours get the same name.

    Args:
        columns: names of the input's columns.
        added: our names, in the order in which they are written.
    """
    ours = list(dict.fromkeys(added))
    taken = set(columns)
    free = {name for name in ours if name not in taken}
    names: dict[str, str] = {}
    for name in ours:
        candidate, number = name, 1
        while candidate in taken or (candidate in free and candidate != name):
            candidate = f"rk_{name}" if number == 1 else f"rk_{number}_{name}"
            number += 1
        taken.add(candidate)
        names[name] = candidate
    return names


def unique_names(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the names with repeats numbered as pandas does: `a, a` becomes `a, a.1`."""
    columns = tuple(columns)
    taken, seen = set(columns), set[str]()
    result = []
    for name in columns:
        candidate, number = name, 0
        while candidate in seen or (number and candidate in taken):
            number += 1
            candidate = f"{name}.{number}"
        seen.add(candidate)
        result.append(candidate)
    return tuple(result)


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of a table's columns.

    Attributes:
        columns: the input's names, in order; a csv header may repeat one.
        rest: name of the column for what fits into no cell (`_extra`, `_raw`), or None where
            no row needs it.
        keys: `columns` with repeats numbered, for formats that allow a name once.
        index: position of the first column of each name.
    """

    columns: tuple[str, ...]
    rest: str | None = None
    keys: tuple[str, ...] = field(init=False)
    index: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Derive `keys` and `index`."""
        object.__setattr__(self, "keys", unique_names(self.columns))
        index = {name: i for i, name in reversed(list(enumerate(self.columns)))}
        object.__setattr__(self, "index", index)

    @property
    def extra(self) -> tuple[str, ...]:
        """`rest` as a tuple of one name or none."""
        return () if self.rest is None else (self.rest,)

    def position(self, name: str) -> int:
        """Return where the first column called `name` stands.

        Raises:
            InputError: there is none.
        """
        try:
            return self.index[name]
        except KeyError:
            listed = ", ".join(map(repr, self.columns))
            raise InputError(f"there is no column {name!r}; the columns are {listed}.") from None


@dataclass(frozen=True, slots=True)
class Chunk(ABC):
    """Some consecutive rows, as one of the readers holds them.

    Attributes:
        n: number of rows.
        errors: row in the chunk -> why this row could not be read as it should.
        layout: the names of the columns.
    """

    n: int
    errors: dict[int, str]
    layout: Layout

    @abstractmethod
    def column(self, name: str) -> list[object]:
        """Return the `n` raw values of a column, None where null or absent.

        csv gives strings, jsonl and parquet give plain Python values. Of csv columns that
        bear the same name, the first is returned.

        Raises:
            InputError: there is no such column.
        """

    @abstractmethod
    def cells(self) -> Iterable[Sequence[str | None]]:
        """Return the rows as csv cells: the input's columns, then the rest if there is one."""

    @abstractmethod
    def objects(self) -> Iterable[str]:
        """Return the rows as texts of JSON objects, on one line each."""

    @abstractmethod
    def arrays(self) -> list[ArrowArray]:
        """Return the columns, and the rest if there is one, as pyarrow arrays of `n` values."""


class Table(ABC):
    """An open table: what is known about it, and its rows in chunks. A context manager.

    Attributes:
        name: the file, for messages.
        format: `csv`, `tsv`, `jsonl` or `parquet`.
        columns: names in file order; a csv header may repeat one.
        n_rows: number of rows.
        n_bytes: size of the file, compressed if it is.
        blank_lines: lines of nothing but white space, which are no rows.
        encoding: Python's name of the text encoding; None for parquet.
        text_candidates: the columns that hold strings: in parquet by type, in jsonl where
            every value is a string, in csv where some cell of the first thousand rows has two
            words in a row (or where there is only one column).
        layout: the names again, with the column for what fits into no cell.
    """

    name: str
    format: str
    layout: Layout
    text_candidates: tuple[str, ...]
    n_rows: int | None
    n_bytes: int | None
    blank_lines: int = 0
    encoding: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names in file order."""
        return self.layout.columns

    @property
    @abstractmethod
    def bytes_read(self) -> int:
        """Bytes of `n_bytes` that the newest pass has read so far, for a progress bar."""

    def chunks(self, rows: int = 1024, *, text: str | None = None) -> Iterator[Chunk]:
        """Read the table from its start in chunks of at most `rows` rows, in order.

        A chunk may be shorter, where rows are large. Each call is a pass of its own.

        Args:
            rows: most rows of a chunk.
            text: a column that every row must reach: a csv row that ends before it is listed
                in `Chunk.errors`. Other missing cells are None and no error.

        Raises:
            OptionError: `rows` is less than 1.
            InputError: there is no column `text`, or the file is damaged or has changed.
        """
        if rows < 1:
            raise OptionError("rows", rows, ["a whole number from 1"])
        required = None if text is None else self.layout.position(text)
        return self._chunks(rows, required)

    @abstractmethod
    def _chunks(self, rows: int, required: int | None) -> Iterator[Chunk]: ...

    @abstractmethod
    def arrow_schema(self) -> ArrowSchema:
        """Return the pyarrow schema of `Chunk.arrays`.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the file; a second call does nothing."""

    def __enter__(self) -> Self:
        """Return the table itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the table."""
        self.close()
