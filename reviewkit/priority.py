"""Which review first: points for severity, sentiment and cues, from `priority.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Priority", "priority"]

Priority = Callable[[int, str, Iterable[str], bool], int]


@cache
def _points() -> dict[str, Any]:
    text = resources.files("reviewkit").joinpath("priority.toml").read_text("utf-8")
    return tomllib.loads(text)


def priority(severity: int, sentiment: str, cues: Iterable[str], resolved: bool) -> int:
    """Return 0 to 100; 0 without a breach of expectation (severity 0).

    The points stand in `priority.toml`: severity, plus 5 for a negative review, plus each cue,
    times 0.3 where the matter is resolved.
    """
    if severity == 0:
        return 0
    points = _points()
    total = float(points["severity"][str(severity)] + points["sentiment"].get(sentiment, 0))
    total += sum(points["cues"].get(cue, 0) for cue in cues)
    if resolved:
        total *= points["resolved_factor"]
    return min(100, int(total + 0.5))
