"""Reading jsonl: one JSON object a line, whose text is kept byte for byte."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reviewkit.errors import InputError
from reviewkit.tables._arrow import ArrowArray, ArrowSchema, import_arrow, string_array
from reviewkit.tables._base import CHUNK_SIZE, Chunk, Layout, Table, output_names
from reviewkit.tables._dialect import QUOTED_EMPTY
from reviewkit.tables._encoding import read_lines, text_encoding
from reviewkit.tables._source import Source
from reviewkit.tables._values import json_text

__all__ = ["JsonlChunk", "JsonlTable"]

REST = "_raw"
_WHITE = " \t\r\n"
_GAP = re.compile(r"[ \t\r\n]*")
_EXACT = 2**53  # larger integers lose digits beside floats
_SAMPLE_LINES = 20
_DIGITS = 4000  # Python refuses to make integers of more than 4,300 digits


class _Object(dict[str, object]):
    """A JSON object that remembers if a key stood in it twice; the last value counts."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.repeated = len(self) != len(pairs)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _DIGITS else float(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_Object, parse_int=_integer)


def parse_line(line: str) -> _Object | str:
    """Return the object on a line, or why there is none."""
    try:
        value = _DECODER.decode(line)
    except json.JSONDecodeError as error:
        return f"broken JSON: {error.msg} at character {error.pos + 1}"
    except RecursionError:
        return "broken JSON: nested too deeply"
    if isinstance(value, _Object):
        return value
    names = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return f"not a JSON object but {names.get(type(value), 'a number')}"


def _members(text: str) -> dict[str, tuple[object, str]]:
    """Return key -> (value, text of the value) of a valid object; the last of a key counts."""
    found: dict[str, tuple[object, str]] = {}

    def skip(position: int) -> int:
        match = _GAP.match(text, position)
        return match.end() if match else position

    position = skip(1)
    while text[position] != "}":
        key, position = _DECODER.raw_decode(text, position)
        start = skip(skip(position) + 1)
        value, position = _DECODER.raw_decode(text, start)
        found[key] = (value, text[start:position])
        position = skip(position)
        if text[position] == ",":
            position = skip(position + 1)
    return found


@dataclass(frozen=True, slots=True)
class JsonlChunk(Chunk):
    """Lines and the objects on them; None where the line is broken.

    Attributes:
        schema_types: arrow type names of the columns, as `JsonlTable` found them.
    """

    lines: list[str]
    values: list[_Object | None]
    schema_types: tuple[str, ...]

    def column(self, name: str) -> list[object]:
        """Return the values of one key."""
        self.layout.position(name)
        return [None if value is None else value.get(name) for value in self.values]

    def cells(self) -> Iterable[Sequence[str | None]]:
        """Return strings as they are and everything else as the text that the line has."""
        for i, line in enumerate(self.lines):
            row: list[str | None] = [None] * len(self.layout.columns)
            if self.values[i] is not None:
                for key, (value, text) in _members(line).items():
                    if isinstance(value, str):
                        text = value or QUOTED_EMPTY
                    row[self.layout.position(key)] = None if value is None else text
            if self.layout.rest is not None:
                row.append(line if self._kept(i) else None)
            yield row

    def objects(self) -> Iterable[str]:
        """Return the lines; a broken one as the text under `_raw`."""
        rest = self.layout.rest or REST
        return [
            json_text({rest: line}) if value is None else line
            for line, value in zip(self.lines, self.values, strict=True)
        ]

    def arrays(self) -> list[ArrowArray]:
        """Return typed columns where the whole file agrees on the type, else strings."""
        pa, _ = import_arrow("writing parquet")
        texts: list[list[str | None]] = [list(column) for column in zip(*self.cells(), strict=True)]
        kinds = (*self.schema_types, *("string" for _ in self.layout.extra))
        return [
            string_array(pa, texts[i])
            if kind == "string"
            else pa.array(self.column(self.layout.columns[i]), kind)
            for i, kind in enumerate(kinds)
        ]

    def _kept(self, i: int) -> bool:
        value = self.values[i]
        return value is None or value.repeated


class JsonlTable(Table):
    """A jsonl file. Blank lines are no rows; broken lines are rows with an error.

    `columns` are the keys of all objects in order of first appearance. In parquet a column is
    bool, int64 or double where all its values are, else strings: numbers that would lose
    digits and nested values as the text that the line has.
    """

    def __init__(self, source: Source, *, encoding: str | None) -> None:
        """Read the file once: encoding, keys, types, row count.

        Raises:
            OptionError: unknown encoding.
            InputError: empty, not decodable, one JSON list, or without any object.
        """
        self._source = source
        self.name, self.format, self.n_bytes = source.name, "jsonl", source.size
        self._requested = encoding is not None
        self.encoding = text_encoding(source, encoding)
        # A carriage return inside a line is white space to JSON, so it ends lines only where
        # no line feed does.
        self._newline = ""
        with contextlib.closing(self._lines()) as lines:
            ends = {line[-1:] for line in itertools.islice(lines, _SAMPLE_LINES)}
        self._newline = "\r" if "\r" in ends and "\n" not in ends else "\n"
        self._survey()

    def _survey(self) -> None:
        types: dict[str, _Kinds] = {}
        rows, kept, first = 0, False, ""
        for _, line in self._rows():
            value = parse_line(line)
            if not rows:
                self._refuse_list(line, value)
            rows += 1
            if isinstance(value, str):
                first = first or value
                kept = True
                continue
            kept = kept or value.repeated
            for key, item in value.items():
                types.setdefault(key, _Kinds()).add(item)
        if not rows:
            raise InputError(f"{self.name} is empty. One JSON object a line is needed.")
        if not types and first:
            raise InputError(f"no line of {self.name} is a JSON object with keys: {first}")
        self.n_rows = rows
        columns = tuple(types)
        self.layout = Layout(columns, output_names(columns, (REST,))[REST] if kept else None)
        self._types = tuple(kinds.arrow() for kinds in types.values())
        self.text_candidates = tuple(n for n, kinds in types.items() if kinds.seen == {"str"})

    def _refuse_list(self, line: str, value: _Object | str) -> None:
        if line.startswith("["):
            try:
                content = json.loads(line)
            except (ValueError, RecursionError):
                content = [{}]  # a list over several lines
            if content and all(isinstance(item, dict) for item in content):
                raise InputError(
                    f"{self.name} is one JSON list, not one object a line. Fix: "
                    "jq -c '.[]' FILE.json > FILE.jsonl"
                )
        elif line == "{" and isinstance(value, str):
            raise InputError(
                f"{self.name} has its objects spread over several lines. Fix: "
                "jq -c . FILE.json > FILE.jsonl"
            )

    def _lines(self) -> Generator[str, None, None]:
        encoding = self.encoding or "utf-8"
        return read_lines(self._source, encoding, newline=self._newline, requested=self._requested)

    def _rows(self) -> Iterator[tuple[int, str]]:
        self.blank_lines = 0
        for number, line in enumerate(self._lines(), 1):
            text = line.strip(_WHITE)
            if text:
                yield number, text
            else:
                self.blank_lines += 1

    @property
    def bytes_read(self) -> int:
        """Bytes read by the newest pass."""
        return self._source.bytes_read

    def _chunks(self, rows: int, required: int | None) -> Iterator[Chunk]:
        found = self._rows()
        while batch := self._batch(found, rows):
            errors: dict[int, str] = {}
            values: list[_Object | None] = []
            for i, (number, line) in enumerate(batch):
                value = parse_line(line)
                if isinstance(value, str):
                    errors[i] = f"line {number}: {value}"
                    values.append(None)
                else:
                    values.append(value)
            lines = [line for _, line in batch]
            yield JsonlChunk(len(batch), errors, self.layout, lines, values, self._types)

    @staticmethod
    def _batch(found: Iterator[tuple[int, str]], rows: int) -> list[tuple[int, str]]:
        batch: list[tuple[int, str]] = []
        size = 0
        for number, line in itertools.islice(found, rows):
            batch.append((number, line))
            size += len(line)
            if size > CHUNK_SIZE:
                break
        return batch

    def arrow_schema(self) -> ArrowSchema:
        """Return the types that the whole file agrees on."""
        pa, _ = import_arrow("writing parquet")
        kinds = (*self._types, *("string" for _ in self.layout.extra))
        names = (*self.layout.columns, *self.layout.extra)
        return pa.schema([(n, pa.type_for_alias(k)) for n, k in zip(names, kinds, strict=True)])

    def close(self) -> None:
        """Release the file."""
        self._source.close()


class _Kinds:
    """Which kinds of values a key has had."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._wide = False

    def add(self, value: object) -> None:
        if value is None:
            return
        kind = type(value).__name__
        if isinstance(value, int) and abs(value) > _EXACT:
            self._wide = True
            kind = kind if -(2**63) <= value < 2**63 else "huge"
        elif isinstance(value, float) and math.isinf(value):
            kind = "huge"  # 1e400, or an integer with too many digits
        self.seen.add(kind)

    def arrow(self) -> str:
        """Return the arrow type that holds every value unchanged."""
        if self.seen == {"bool"}:
            return "bool"
        if self.seen == {"int"}:
            return "int64"
        if self.seen == {"float"} or (self.seen == {"int", "float"} and not self._wide):
            return "double"
        return "string"
