"""From an analysed review and its case to one recovery plan.

`plan_recovery` is pure, total and deterministic. What it decides stands in the data files
(`decisions.toml`, `steps.toml`); this module only puts facts, rules and amounts together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from reviewkit.knowledge import load_taxonomy
from reviewkit.recovery.case import Case
from reviewkit.recovery.facts import read_facts
from reviewkit.recovery.money import (
    NO_AMOUNTS,
    Amounts,
    approval,
    goodwill_amounts,
    rung_amounts,
)
from reviewkit.recovery.policy import Policy, load_policy
from reviewkit.recovery.rules import DECIDED, FIELDS, Decision, StepRow, load_rules
from reviewkit.results import (
    Analysis,
    Compensation,
    Deadlines,
    Escalation,
    RecoveryPlan,
    Step,
)

__all__ = ["plan_recovery"]

_NO_CASE = Case()


@dataclass(frozen=True, slots=True)
class _Outline:
    """What the facts alone decide; the same for every case with the same facts."""

    decisions: dict[str, Decision]
    rows: tuple[StepRow, ...]
    resolutions: tuple[str, ...]


def plan_recovery(
    analysis: Analysis, case: Case | None = None, *, policy: Policy | None = None
) -> RecoveryPlan:
    """Return the recovery plan for one review: exactly one for every input.

    Args:
        analysis: what the review says; absent labels take the neutral default (`read_facts`).
        case: what only the business knows; None is a case of which nothing is known.
        policy: the business's limits; None is the shipped default.

    Raises:
        OptionError: the analysis has a label that does not exist.
    """
    case = case or _NO_CASE
    policy = policy or load_policy()
    outline = _outline(read_facts(analysis, case, policy))
    chosen = outline.decisions
    rung, goodwill = chosen["rung"], chosen["goodwill"]
    gesture = goodwill.value == "true"
    amounts = rung_amounts(rung.value, case, policy)
    if gesture:
        amounts = goodwill_amounts(case, policy)
    deadlines = policy.deadlines[FIELDS["deadline"].index(chosen["deadline"].value)]
    escalate = chosen["escalate"]
    values = _values(analysis, case, amounts, deadlines, escalate.reason)
    values["approval"] = approval(amounts, case, policy)
    return RecoveryPlan(
        apology=chosen["apology"].value,
        compensation=Compensation(
            rung=rung.value,
            goodwill=gesture,
            floor=amounts.floor,
            ceiling=amounts.ceiling,
            currency=amounts.currency,
            reason=f"{rung.reason} {goodwill.reason}" if gesture else rung.reason,
        ),
        escalate=None
        if escalate.value == "none"
        else Escalation(to="human", when=escalate.value, reason=escalate.reason),
        deadlines=deadlines,
        steps=tuple(
            _filled(row.step, values) if row.is_template else row.step for row in outline.rows
        ),
        resolutions=outline.resolutions,
    )


@lru_cache(maxsize=4096)
def _outline(facts: int) -> _Outline:
    rules = load_rules()
    decisions: dict[str, Decision] = {}
    for field in DECIDED:
        decisions[field] = rules.decide(field, facts)
        facts |= decisions[field].bit
    rows = rules.matching(facts)
    applied = {name for decision in decisions.values() for name in decision.resolutions}
    applied.update(name for row in rows for name in row.resolutions)
    return _Outline(decisions, rows, tuple(sorted(applied, key=lambda name: int(name[1:]))))


def _filled(step: Step, values: dict[str, str]) -> Step:
    return Step(
        step.strategy,
        step.stage,
        step.audience,
        step.instruction.format_map(values),
        step.avoid,
        step.sources,
        step.dimension,
        step.justice,
    )


def _values(
    analysis: Analysis, case: Case, amounts: Amounts, deadlines: Deadlines, reason: str
) -> dict[str, str]:
    """Return the values of the placeholders of an instruction."""
    return {
        "failure": _failure(tuple(dict.fromkeys(analysis.complaint_types))),
        "customer": case.customer_name or "the customer",
        "introduction": f" as {case.agent_name}" if case.agent_name else "",
        "owner": case.agent_name or "one named person",
        "order": f" (order {case.order_id})" if case.order_id else "",
        "amount": "" if amounts is NO_AMOUNTS else str(amounts),
        "acknowledge": _hours(deadlines.acknowledge_hours),
        "answer": _hours(deadlines.answer_hours),
        "escalation": reason,
    }


@lru_cache(maxsize=1024)
def _failure(types: tuple[str, ...]) -> str:
    if not types:
        return "the failure as the customer describes it"
    names = [load_taxonomy()[name].names["en"] for name in types]
    return f"the failure ({'; '.join(name[0].lower() + name[1:] for name in names)})"


def _hours(number: int) -> str:
    return "1 hour" if number == 1 else f"{number} hours"
