"""The rules of a plan: rows of `decisions.toml` and `steps.toml`, compiled to bit masks.

A fact is a field with a value ("fault" is "business"); each has its bit, and what is known of a
review and its case is one integer. A row holds if it shares a bit with every mask of its `when`
and none with its `unless`, so that a whole plan is a few dozen `&` operations.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby
from types import MappingProxyType
from typing import Any

from reviewkit.errors import KnowledgeError
from reviewkit.knowledge import STAGES, load_contradictions, load_ladder, load_strategies
from reviewkit.recovery.case import CHANNELS, FAULTS
from reviewkit.results import COMPLAINT_TYPES, CUES, KINDS, STATUSES, Step

__all__ = [
    "BITS",
    "DECIDED",
    "FIELDS",
    "PLACEHOLDERS",
    "Decision",
    "Rules",
    "StepRow",
    "load_rules",
]

_FLAG = ("true", "false")
_TRI_STATE = ("true", "false", "unknown")

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # of the review; `breach` is kind complaint or mixed, `severity` after a failed recovery
        "status": STATUSES,
        "kind": KINDS,
        "breach": _FLAG,
        "types": COMPLAINT_TYPES,
        "severity": ("0", "1", "2", "3"),
        "abusive": _FLAG,
        "resolved": _FLAG,
        "reopened": _FLAG,
        # self_harm and threat are read by no shipped cue list; a service may add them itself
        "cues": (*CUES, "self_harm", "threat"),
        # of the case
        "fault": FAULTS,
        "channel": CHANNELS,
        "public": _FLAG,
        "dialogue": _FLAG,
        "material_effect": _TRI_STATE,
        "self_evident": _TRI_STATE,
        "fixable": _TRI_STATE,
        "claim_legitimate": _TRI_STATE,
        "request_refused": _FLAG,
        "repeat_customer": _FLAG,
        "unrepeatable_occasion": _FLAG,
        "contacted_before": _FLAG,
        "circular": _FLAG,
        # of the policy
        "goodwill_allowed": _FLAG,
        "statutory_rights": _FLAG,
        # decided before the steps, in this order
        "apology": ("responsibility", "empathy_only", "none"),
        "rung": ("none", "apology_only", "token", "partial_refund", "full_refund_plus"),
        "goodwill": _FLAG,
        "escalate": ("none", "queue", "at_once"),
        "deadline": ("severity_0", "severity_1", "severity_2", "severity_3", "at_once"),
    }
)
DECIDED: tuple[str, ...] = ("apology", "rung", "goodwill", "escalate", "deadline")
PLACEHOLDERS = frozenset(
    [
        "failure",
        "customer",
        "introduction",
        "owner",
        "order",
        "amount",
        "approval",
        "acknowledge",
        "answer",
        "escalation",
    ]
)
_STEP_KEYS = (
    "strategy",
    "audience",
    "when",
    "unless",
    "instruction",
    "avoid",
    "sources",
    "resolutions",
)


def _number_facts() -> Mapping[str, Mapping[str, int]]:
    facts = [(field, value) for field, values in FIELDS.items() for value in values]
    bits: dict[str, dict[str, int]] = {field: {} for field in FIELDS}
    for position, (field, value) in enumerate(facts):
        bits[field][value] = 1 << position
    return MappingProxyType(bits)


BITS: Mapping[str, Mapping[str, int]] = _number_facts()


@dataclass(frozen=True, slots=True)
class Condition:
    """Masks of one row: a bit of each in `when`, no bit of `unless`."""

    when: tuple[int, ...]
    unless: int

    def holds(self, facts: int) -> bool:
        """Tell whether the row applies to the facts."""
        if facts & self.unless:
            return False
        for mask in self.when:  # noqa: SIM110 - twice as fast as all() with a generator
            if not facts & mask:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of `decisions.toml`; `bit` is the fact that it adds."""

    condition: Condition
    value: str
    reason: str
    resolutions: tuple[str, ...]
    bit: int


@dataclass(frozen=True, slots=True)
class StepRow:
    """A row of `steps.toml`; `step` is complete but for placeholders where `is_template`."""

    condition: Condition
    step: Step
    is_template: bool
    resolutions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """All rows: a list for each decided field, and a group for each strategy and audience."""

    decisions: Mapping[str, tuple[Decision, ...]]
    groups: tuple[tuple[StepRow, ...], ...]

    def decide(self, field: str, facts: int) -> Decision:
        """Return the first row of a decision that holds; the last row always does."""
        rows = self.decisions[field]
        return next((row for row in rows if row.condition.holds(facts)), rows[-1])

    def matching(self, facts: int) -> tuple[StepRow, ...]:
        """Return the steps that hold: of each group the first, in file order."""
        found: list[StepRow] = []
        for group in self.groups:
            for row in group:
                if row.condition.holds(facts):
                    found.append(row)
                    break
        return tuple(found)


@cache
def load_rules() -> Rules:
    """Read, check and compile both files.

    Raises:
        KnowledgeError: a row names an unknown field, value, strategy, passage, contradiction or
            placeholder, the last row of a decision has conditions, or a stage goes back.
    """
    file = "decisions.toml"
    tables = _read(file)
    _known(tables, DECIDED, file, "tables")
    decisions = {field: _decisions(tables.get(field, []), field, file) for field in DECIDED}
    rungs = [rung.id for rung in load_ladder().rungs]
    if ["none", *rungs] != list(FIELDS["rung"]):
        raise KnowledgeError(f"ladder.json: the rungs {rungs} are not those of rules.FIELDS.")
    file = "steps.toml"
    tables = _read(file)
    _known(tables, ["step"], file, "tables")
    steps = tuple(_step(row, f"{file}: step {n}") for n, row in enumerate(tables["step"], 1))
    stages = [STAGES.index(row.step.stage) for row in steps]
    if stages != sorted(stages):
        raise KnowledgeError(f"{file}: the stages have to follow the order {', '.join(STAGES)}.")
    return Rules(MappingProxyType(decisions), _grouped(steps, file))


def _grouped(steps: tuple[StepRow, ...], file: str) -> tuple[tuple[StepRow, ...], ...]:
    groups: dict[tuple[str, str], tuple[StepRow, ...]] = {}
    for key, rows in groupby(steps, lambda row: (row.step.strategy, row.step.audience)):
        if key in groups:
            raise KnowledgeError(
                f"{file}: the rows of {key[0]} for {key[1]} have to stand together."
            )
        groups[key] = tuple(rows)
    return tuple(groups.values())


def _decisions(rows: list[dict[str, Any]], field: str, file: str) -> tuple[Decision, ...]:
    compiled: list[Decision] = []
    for number, row in enumerate(rows, 1):
        where = f"{file}: {field} {number}"
        _known(row, ["when", "unless", "value", "reason", "resolutions"], where, "keys")
        value = str(row.get("value"))
        _known([value], FIELDS[field], where, "value")
        _known(row.get("resolutions", ()), load_contradictions(), where, "resolutions")
        compiled.append(
            Decision(
                _condition(row, where),
                value,
                str(row.get("reason", "")),
                tuple(row.get("resolutions", ())),
                BITS[field][value],
            )
        )
    if not compiled or compiled[-1].condition != Condition((), 0):
        raise KnowledgeError(f"{file}: {field}: the last row has to be without conditions.")
    return tuple(compiled)


def _step(row: Mapping[str, Any], where: str) -> StepRow:
    keys = [
        "strategy",
        "audience",
        "when",
        "unless",
        "instruction",
        "avoid",
        "sources",
        "resolutions",
    ]
    _known(row, keys, where, "keys")
    book = load_strategies()
    _known([row.get("strategy", "")], book.strategies, where, "strategy")
    _known([row.get("audience", "")], ["customer", "staff"], where, "audience")
    _known(row.get("sources", ()), book.evidence, where, "sources")
    _known(row.get("resolutions", ()), load_contradictions(), where, "resolutions")
    strategy, names = book.strategies[row["strategy"]], row.get("sources", ())
    if not 1 <= len(names) <= 3 or names[0] not in strategy.evidence:
        raise KnowledgeError(f"{where}: 1 to 3 sources, the first an item of {strategy.id!r}.")
    instruction = str(row.get("instruction", ""))
    used = {name for _, name, _, _ in string.Formatter().parse(instruction) if name is not None}
    _known(used, PLACEHOLDERS, where, "placeholders")
    step = Step(
        strategy=strategy.id,
        stage=strategy.stage,
        audience=row["audience"],
        instruction=instruction,
        avoid=tuple(row.get("avoid", ())),
        sources=tuple(book.evidence[name].source for name in names),
        dimension=strategy.dimension,
        justice=strategy.justice,
    )
    return StepRow(_condition(row, where), step, bool(used), tuple(row.get("resolutions", ())))


def _condition(row: Mapping[str, Any], where: str) -> Condition:
    when = [_mask(field, value, where) for field, value in row.get("when", {}).items()]
    unless = 0
    for field, value in row.get("unless", {}).items():
        unless |= _mask(field, value, where)
    return Condition(tuple(when), unless)


def _mask(field: str, value: object, where: str) -> int:
    _known([field], FIELDS, where, "conditions")
    values = [_text(item) for item in (value if isinstance(value, list) else [value])]
    _known(values, FIELDS[field], where, field)
    mask = 0
    for item in values:
        mask |= BITS[field][item]
    return mask


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(names: Iterable[str], valid: Iterable[str], where: str, what: str) -> None:
    unknown = sorted(set(names) - set(valid))
    if unknown:
        raise KnowledgeError(
            f"{where}: unknown {what}: {', '.join(unknown)}. Valid: {', '.join(valid)}."
        )


def _read(file: str) -> dict[str, list[dict[str, Any]]]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{file}: cannot be read ({error}).") from error
