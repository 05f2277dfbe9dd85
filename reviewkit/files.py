"""Files in, files out: the tables of `tables/` through an analyzer or a detector."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reviewkit.results import ANALYSIS_COLUMNS, Analysis
from reviewkit.tables import Table, open_table, open_writer, text_column

if TYPE_CHECKING:
    from reviewkit.analyzer import ReviewAnalyzer
    from reviewkit.language import LanguageDetector

__all__ = ["PLAN_COLUMNS", "FileSummary", "analyze_file", "detect_file"]

PLAN_COLUMNS = ("recovery_steps", "compensation", "reply_draft")
DETECT_COLUMNS = ("language", "language_confidence", "variety", "language_guess")
_PLAN_TYPES = {"recovery_steps": "text", "compensation": "text", "reply_draft": "text"}

Path = str | os.PathLike[str]
_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What a run over a file did.

    Attributes:
        rows: rows read, which are the rows written.
        statuses: status -> number of rows.
        text_column: where the reviews were read.
        errors: the first few rows with status `error`: 1-based row and reason.
    """

    rows: int
    statuses: Mapping[str, int]
    text_column: str
    errors: tuple[tuple[int, str], ...] = field(default=())


def analyze_file(
    source: Path,
    target: Path,
    *,
    text: str | None = None,
    analyzer: ReviewAnalyzer | None = None,
    plan: bool = False,
    format: str | None = None,
    input_format: str | None = None,
    encoding: str | None = None,
    progress: bool | None = None,
) -> FileSummary:
    """Analyse a table into a table; every input row and column is kept, in order.

    The target appears only when it is complete, and may be the source itself.

    Args:
        source: csv, tsv, jsonl or parquet, `.gz` allowed; `-` is standard input (jsonl).
        target: likewise; `-` is standard output.
        text: the column of the reviews; default: the one named like text, else the only one.
        analyzer: None is the default one.
        plan: add `recovery_steps`, `compensation` and `reply_draft` (the last is empty until
            replies can be drafted).
        format: of the target; default by suffix.
        input_format: of the source; default by suffix.
        encoding: of a text file; default by byte order mark, else UTF-8.
        progress: show a bar on standard error; default: if it is a terminal.

    Raises:
        InputError: the source cannot be read or the target not be written.
        OptionError: an unknown format, encoding or suffix.
        MissingExtraError: parquet without pyarrow.
    """
    columns = ANALYSIS_COLUMNS + (PLAN_COLUMNS if plan else ())

    def rows(cells: Sequence[Any], broken: Mapping[int, str]) -> Iterator[tuple[_Row, Analysis]]:
        from reviewkit.analyzer import default_analyzer

        reader = analyzer or default_analyzer()
        for i, result in enumerate(reader.analyze(cells)):
            if i in broken:
                result = Analysis(status="error", error=broken[i])
            row = result.to_row()
            if plan:
                row.update(_plan_row(result))
            yield row, result

    return _run(
        source, target, text, columns, rows, format, input_format, encoding, progress, _PLAN_TYPES
    )


def detect_file(
    source: Path,
    target: Path,
    *,
    text: str | None = None,
    detector: LanguageDetector | None = None,
    format: str | None = None,
    input_format: str | None = None,
    encoding: str | None = None,
    progress: bool | None = None,
) -> FileSummary:
    """Detect the language of each row; adds the columns of `DETECT_COLUMNS`.

    Arguments and errors as for `analyze_file`.
    """
    from reviewkit.language import get_detector
    from reviewkit.text import normalise

    judge = detector or get_detector()

    def rows(cells: Sequence[Any], broken: Mapping[int, str]) -> Iterator[tuple[_Row, Analysis]]:
        texts = [normalise(cell) if isinstance(cell, str) else "" for cell in cells]
        for i, guess in enumerate(judge.detect(texts)):
            row = {
                "language": guess.language,
                "language_confidence": round(guess.confidence, 4),
                "variety": guess.variety,
                "language_guess": guess.guess,
            }
            status = "empty" if guess.language == "und" else "ok"
            if i in broken:
                status = "error"
            yield row, Analysis(status=status, error=broken.get(i))

    return _run(
        source, target, text, DETECT_COLUMNS, rows, format, input_format, encoding, progress
    )


def _plan_row(result: Analysis) -> dict[str, Any]:
    from reviewkit.recovery import plan_recovery

    plan = plan_recovery(result).to_dict()
    kept = ("strategy", "stage", "audience", "instruction")
    steps = [{name: step[name] for name in kept} for step in plan["steps"]]
    return {
        "recovery_steps": steps,
        "compensation": plan["compensation"],
        "reply_draft": None,
    }


def _run(
    source: Path,
    target: Path,
    text: str | None,
    columns: Sequence[str],
    rows: Callable[[Sequence[Any], Mapping[int, str]], Iterator[tuple[_Row, Analysis]]],
    format: str | None,
    input_format: str | None,
    encoding: str | None,
    progress: bool | None,
    types: Mapping[str, str] | None = None,
) -> FileSummary:
    statuses: Counter[str] = Counter()
    errors: list[tuple[int, str]] = []
    n = 0
    with open_table(source, format=input_format, encoding=encoding) as table:
        column = text_column(table, text)
        named = {name: kind for name, kind in (types or {}).items() if name in columns}
        with (
            open_writer(target, table, columns, format=format, added_types=named) as out,
            _bar(table, progress) as bar,
        ):
            for chunk in table.chunks(text=column):
                values: dict[str, list[Any]] = {name: [] for name in columns}
                for row, result in rows(chunk.column(column), chunk.errors):
                    n += 1
                    statuses[result.status] += 1
                    if result.status == "error" and len(errors) < 5:
                        errors.append((n, result.error or "unknown"))
                    for name in columns:
                        values[name].append(row[name])
                out.write(chunk, values)
                bar.update(chunk.n)
    return FileSummary(n, dict(statuses), column, tuple(errors))


def _bar(table: Table, progress: bool | None) -> Any:
    from tqdm import tqdm

    hidden = None if progress is None else not progress  # None: only on a terminal
    return tqdm(total=table.n_rows, unit=" reviews", disable=hidden, leave=False)
