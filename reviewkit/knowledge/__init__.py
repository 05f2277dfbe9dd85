"""What the four documents say, as data: taxonomy, strategies, ladder, contradictions, numbers."""

from __future__ import annotations

from reviewkit.knowledge.loader import (
    load_contradictions,
    load_ladder,
    load_numbers,
    load_strategies,
    load_taxonomy,
)
from reviewkit.knowledge.records import (
    STAGES,
    ComplaintType,
    Contradiction,
    Evidence,
    Figure,
    Ladder,
    LadderRule,
    Passage,
    Rung,
    Strategies,
    Strategy,
)

__all__ = [
    "STAGES",
    "ComplaintType",
    "Contradiction",
    "Evidence",
    "Figure",
    "Ladder",
    "LadderRule",
    "Passage",
    "Rung",
    "Strategies",
    "Strategy",
    "load_contradictions",
    "load_ladder",
    "load_numbers",
    "load_strategies",
    "load_taxonomy",
]
