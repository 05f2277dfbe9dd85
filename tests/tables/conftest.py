from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from reviewkit.tables import open_table, open_writer

Copy = Callable[..., Path]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Copy a table through the package, with constant added columns."""

    def run(
        source: str | Path,
        target: str = "out.csv",
        ours: Mapping[str, object] | None = None,
        *,
        rows: int = 2,
        types: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Path:
        ours = {} if ours is None else ours
        path = tmp_path / target
        with (
            open_table(source, **options) as table,
            open_writer(path, table, list(ours), added_types=types) as writer,
        ):
            for chunk in table.chunks(rows):
                writer.write(chunk, {name: [value] * chunk.n for name, value in ours.items()})
            assert writer.n_rows == table.n_rows
        return path

    return run


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write bytes, or text as UTF-8, to a file."""

    def run(content: bytes | str, name: str = "in.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return run


@pytest.fixture
def values() -> Callable[..., Sequence[object]]:
    """Return all values of one column of a file."""

    def run(source: Path, name: str, **options: Any) -> Sequence[object]:
        with open_table(source, **options) as table:
            return [value for chunk in table.chunks(2) for value in chunk.column(name)]

    return run
