"""The records of the knowledge files: frozen dataclasses of plain values.

The field names are the keys of the JSON rows; the loader reads the types from the annotations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewkit.results import Source

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
]

STAGES: tuple[str, ...] = (
    "listen",
    "thank",
    "empathise",
    "apologise",
    "assess",
    "resolve",
    "compensate",
    "follow_up",
    "prevent",
    "close",
    "staff_culture",
    "measure",
)
"""Order of the steps of a plan: hear, empathise, apologise, resolve, follow up."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim piece of one line of a document; `line` counts from 1."""

    file: str
    line: int
    quote: str

    @property
    def source(self) -> Source:
        """The passage as a plan cites it."""
        return Source(self.file, self.quote)


@dataclass(frozen=True, slots=True)
class ComplaintType:
    """One of the 14 complaint types.

    Attributes:
        names: display name per language (`en ro ru nb et`).
        severity_prior: severity 1 to 3 where the text states no consequence; `severity_note`
            says when another level holds.
        lead_strategies: canonical strategy ids that usually lead the recovery.
        passages: where the documents describe such a failure; may be empty.
    """

    id: str
    names: Mapping[str, str]
    definition: str
    include: str
    exclude: str
    literature: str
    severity_prior: int
    severity_note: str
    lead_strategies: tuple[str, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One instruction of one document: the evidence behind a strategy."""

    id: str
    file: str
    line: int
    quote: str
    paraphrase: str
    condition: str
    stage: str
    directive: str
    dimension: str
    justice: str
    note: str

    @property
    def source(self) -> Source:
        """The instruction as a plan cites it."""
        return Source(self.file, self.quote)


@dataclass(frozen=True, slots=True)
class Strategy:
    """A canonical strategy; `dimension` after Davidow 2003, `justice` after Smith et al. 1999."""

    id: str
    what: str
    stage: str
    dimension: str
    justice: str
    when: str
    internal: bool
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strategies:
    """The 34 strategies and their 190 evidence items, both by id."""

    strategies: Mapping[str, Strategy]
    evidence: Mapping[str, Evidence]


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the Romanian ladder; `material_effect` None where it does not decide."""

    id: str
    order: int
    severity: int
    material_effect: bool | None
    failure: str
    remedy: str
    anchor: str
    strategy: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class LadderRule:
    """A rule around the ladder, with the published evidence for or against it."""

    id: str
    text: str
    evidence: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs in ascending order, and the rules around them by id."""

    rungs: tuple[Rung, ...]
    rules: Mapping[str, LadderRule]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sides of the documents that disagree, and how a plan resolves it.

    Attributes:
        side_a, side_b: the passages of each side.
        resolution: the reasoning; `rule` is what a plan does; `strategies` where it acts.
        evidence: published findings; numbers in brackets are keys of the references in
            `numbers.json`.
    """

    id: str
    question: str
    side_a: tuple[Passage, ...]
    side_b: tuple[Passage, ...]
    resolution: str
    rule: str
    evidence: str
    strategies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the documents; show the quote alone only where `bare_use_allowed`."""

    claim: str
    file: str
    line: int
    quote: str
    status: str
    bare_use_allowed: bool
    note: str
