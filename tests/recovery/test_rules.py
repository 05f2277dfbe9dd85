"""The rule files: nothing unreachable, and every break of the schema is named."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from reviewkit.errors import KnowledgeError
from reviewkit.knowledge import load_contradictions, load_strategies, load_taxonomy
from reviewkit.recovery import CHANNELS, FAULTS, Case, load_policy, plan_recovery, rules
from reviewkit.recovery.facts import read_facts
from reviewkit.recovery.rules import BITS, DECIDED, FIELDS, load_rules
from reviewkit.results import COMPLAINT_TYPES, CUES, KINDS, STATUSES, Analysis


@cache
def _sampled_facts() -> tuple[int, ...]:
    """Facts of random reviews and cases, decisions included; seeded."""
    draw = random.Random(7)
    maybe, found = (True, False, None), []
    policies = [load_policy(), replace(load_policy(), goodwill=True, statutory_rights=False)]
    for _ in range(12_000):
        analysis = Analysis(
            kind=draw.choice(KINDS[:2] if draw.random() < 0.8 else KINDS),
            status=draw.choice(STATUSES) if draw.random() < 0.1 else "ok",
            complaint_types=tuple(draw.sample(COMPLAINT_TYPES, draw.randint(0, 2))),
            severity=draw.randint(0, 3),
            abusive=draw.random() < 0.2,
            resolved=draw.random() < 0.2,
            cues=tuple(draw.sample([*CUES, "self_harm"], draw.choice([0, 0, 1]))),
        )
        case = Case(
            fault=draw.choice(FAULTS),
            channel=draw.choice(CHANNELS),
            material_effect=draw.choice(maybe),
            self_evident=draw.choice(maybe),
            fixable=draw.choice(maybe),
            claim_legitimate=draw.choice(maybe),
            request_refused=draw.random() < 0.2,
            repeat_customer=draw.random() < 0.3,
            unrepeatable_occasion=draw.random() < 0.3,
            previous_contacts=draw.randint(0, 4),
            failed_recoveries=draw.choice([0, 0, 0, 1]),
        )
        facts = read_facts(analysis, case, draw.choice(policies))
        for field in DECIDED:
            facts |= load_rules().decide(field, facts).bit
        found.append(facts)
    return tuple(found)


def test_every_row_is_used_by_some_plan() -> None:
    book = load_rules()
    steps = {id(row): row.step for group in book.groups for row in group}
    decisions = {id(row): (f, row.value, row.reason) for f in DECIDED for row in book.decisions[f]}
    for facts in _sampled_facts():
        for row in book.matching(facts):
            steps.pop(id(row), None)
        for field in DECIDED:
            decisions.pop(id(book.decide(field, facts)), None)
        if not steps and not decisions:
            break
    assert not steps, [(step.strategy, step.audience, step.instruction) for step in steps.values()]
    assert not decisions


def test_every_strategy_is_used_by_some_row() -> None:
    used = {row.step.strategy for group in load_rules().groups for row in group}
    assert used == set(load_strategies().strategies)


def test_internal_strategies_are_for_staff_only() -> None:
    strategies = load_strategies().strategies
    for group in load_rules().groups:
        for row in group:
            if strategies[row.step.strategy].internal:
                assert row.step.audience == "staff"


def test_contradictions_name_the_strategies_whose_rows_apply_them() -> None:
    acting: dict[str, set[str]] = {name: set() for name in load_contradictions()}
    for group in load_rules().groups:
        for row in group:
            for name in row.resolutions:
                acting[name].add(row.step.strategy)
    assert acting == {n: set(item.strategies) for n, item in load_contradictions().items()}


def test_the_lead_strategies_of_every_type_lead_some_plan() -> None:
    cases = [
        Case(
            fault=fault,
            self_evident=evident,
            material_effect=True,
            claim_legitimate=legitimate,
            request_refused=refused,
            channel=channel,
        )
        for fault in ("business", "none", "undetermined")
        for evident in (True, False)
        for legitimate in (True, None)
        for refused in (True, False)
        for channel in ("email", "public_review")
    ] + [Case(fault="business", material_effect=False)]
    for name, item in load_taxonomy().items():
        used = {
            step.strategy
            for case in cases
            for severity in (1, 2, 3)
            for step in plan_recovery(
                Analysis(kind="complaint", complaint_types=(name,), severity=severity), case
            ).steps
        }
        assert set(item.lead_strategies) <= used, name


def test_each_fact_has_its_own_bit() -> None:
    bits = [bit for values in BITS.values() for bit in values.values()]
    assert len(bits) == sum(len(values) for values in FIELDS.values())
    assert sum(bits) == 2 ** len(bits) - 1


GOOD: dict[str, Any] = {
    "strategy": "no_compensation",
    "audience": "staff",
    "when": {"breach": True, "fault": ["customer", "none"]},
    "instruction": "Offer nothing for {failure}.",
    "sources": ["no_compensation_when_not_at_fault"],
}


def test_a_good_row_compiles() -> None:
    row = rules._step(GOOD, "here")
    assert row.is_template
    facts = BITS["breach"]["true"] | BITS["fault"]["none"]
    assert row.condition.holds(facts)
    assert not row.condition.holds(BITS["breach"]["true"] | BITS["fault"]["business"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"strategy": "no_such"}, "strategy"),
        ({"audience": "manager"}, "audience"),
        ({"when": {"colour": "red"}}, "conditions"),
        ({"when": {"fault": "supplier"}}, "fault"),
        ({"unless": {"severity": 4}}, "severity"),
        ({"sources": []}, "sources"),
        ({"sources": ["thank_for_feedback"]}, "sources"),
        ({"sources": ["no_such"]}, "sources"),
        ({"resolutions": ["C17"]}, "resolutions"),
        ({"instruction": "Call {boss}."}, "placeholders"),
        ({"order": 3}, "keys"),
    ],
)
def test_a_broken_row_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(KnowledgeError, match=f"here.*{named}"):
        rules._step({**GOOD, **change}, "here")


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([], "last row"),
        ([{"value": "none", "when": {"breach": True}}], "last row"),
        ([{"value": "perhaps"}], "value"),
    ],
)
def test_a_decision_without_default_or_value_is_refused(
    rows: list[dict[str, Any]], named: str
) -> None:
    with pytest.raises(KnowledgeError, match=named):
        rules._decisions(rows, "apology", "decisions.toml")


def test_scattered_rows_of_one_strategy_are_refused() -> None:
    first = rules._step(GOOD, "here")
    other = rules._step({**GOOD, "audience": "customer"}, "here")
    with pytest.raises(KnowledgeError, match="stand together"):
        rules._grouped((first, other, first), "steps.toml")
