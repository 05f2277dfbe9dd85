"""`reviewkit plan`: recovery plans for JSON lines, a line in, a line out, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reviewkit.errors import InputError, ReviewkitError
from reviewkit.recovery import Case, Policy, load_policy, plan_recovery
from reviewkit.results import Analysis
from reviewkit.tables import open_lines, open_output

if TYPE_CHECKING:
    from reviewkit.analyzer import ReviewAnalyzer

__all__ = ["plan_file", "plan_line"]

_AHEAD = 256  # lines that are analysed together


def plan_file(
    source: str, target: str, *, policy: str | None = None, model: str = "default"
) -> int:
    """Write one line `{"id", "plan"}` for each line of the input.

    A line that cannot be planned gets `"plan": null` and an `"error"` that says why; nothing is
    dropped and the order is kept.

    Args:
        source: jsonl, `-` for standard input.
        target: jsonl, `-` for standard output; it appears only when it is complete.
        policy: a TOML file; None is the shipped default.
        model: for lines with a `text`; loaded only if there is one.

    Returns:
        The number of lines without a plan.

    Raises:
        InputError: the source cannot be read, the target not be written, the policy is not valid.
    """
    limits = load_policy(policy) if policy else load_policy()
    analyzer: ReviewAnalyzer | None = None
    failed = 0
    with open_lines(source) as lines, open_output(target) as out:
        for batch in _batched(lines):
            read = [_read(line) for line in batch]
            texts = {i: row["text"] for i, row in enumerate(read) if "text" in row}
            if texts:
                if analyzer is None:
                    from reviewkit.analyzer import ReviewAnalyzer

                    analyzer = ReviewAnalyzer(model)
                for i, result in zip(texts, analyzer.analyze(texts.values()), strict=True):
                    read[i]["analysis"] = result
            for row in read:
                answer = plan_line(row, limits)
                failed += "error" in answer
                out.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    return failed


def plan_line(row: Mapping[str, Any], policy: Policy | None = None) -> dict[str, Any]:
    """Return `{"id", "plan"}`, or `{"id", "plan": None, "error"}`, for one parsed line."""
    answer: dict[str, Any] = {"id": row.get("id"), "plan": None}
    try:
        if "error" in row:
            raise InputError(row["error"])
        analysis = row["analysis"]
        if not isinstance(analysis, Analysis):
            analysis = _analysis(analysis)
        case = Case.from_dict(row.get("case") or {})
        answer["plan"] = plan_recovery(analysis, case, policy=policy).to_dict()
    except ReviewkitError as error:
        answer["error"] = str(error)
    return answer


def _analysis(data: Any) -> Analysis:
    if not isinstance(data, Mapping):
        raise InputError(f"analysis has to be an object, not {data!r:.60}.")
    try:
        return Analysis.from_dict(data)
    except (TypeError, ValueError) as error:
        raise InputError(f"analysis is not what Analysis.to_dict() gives: {error}") from error


def _read(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return {"error": f"the line is not JSON: {error}"}
    if not isinstance(row, dict):
        return {"error": f"the line is not a JSON object but {type(row).__name__}."}
    kept = {name: row[name] for name in ("id", "analysis", "case") if name in row}
    if kept.get("analysis") is None:
        kept.pop("analysis", None)
        if isinstance(row.get("text"), str):
            kept["text"] = row["text"]
        else:
            kept["error"] = 'the line has neither "text" (a string) nor "analysis" (an object).'
    return kept


def _batched(lines: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for line in lines:
        if line.strip():
            batch.append(line)
        if len(batch) == _AHEAD:
            yield batch
            batch = []
    if batch:
        yield batch
