"""The plan's promises, over the whole input space."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.errors import OptionError
from reviewkit.knowledge import STAGES, load_contradictions, load_strategies
from reviewkit.recovery import CHANNELS, FAULTS, Case, Policy, load_policy, plan_recovery
from reviewkit.recovery.rules import FIELDS
from reviewkit.results import (
    COMPLAINT_TYPES,
    CUES,
    KINDS,
    LANGUAGES,
    SENTIMENTS,
    STATUSES,
    Analysis,
    RecoveryPlan,
)

RUNGS = FIELDS["rung"]
NOT_OURS = ("customer", "third_party", "none")
DIALOGUE = ("email", "chat", "phone", "face_to_face")
REMEDIES = {
    "correction_or_replacement",
    "co_created_solution",
    "next_best_alternative",
    "honour_legitimate_claims",
    "token_compensation",
    "partial_refund",
    "full_refund_plus",
}
QUOTES = {(e.file, e.quote) for e in load_strategies().evidence.values()}

flags = st.booleans()
maybe = st.sampled_from([True, False, None])
amounts = st.one_of(st.none(), st.floats(min_value=0, max_value=1e9))
names = st.one_of(st.none(), st.sampled_from(["Ana", "{order}", "Ole {0}"]))
analyses = st.builds(
    Analysis,
    language=st.sampled_from([*LANGUAGES, "other", "und"]),
    status=st.sampled_from(STATUSES),
    kind=st.sampled_from([*KINDS, None]),
    sentiment=st.sampled_from([*SENTIMENTS, None]),
    complaint_types=st.lists(st.sampled_from(COMPLAINT_TYPES), unique=True, max_size=4).map(tuple),
    severity=st.sampled_from([0, 1, 2, 3, None]),
    abusive=maybe,
    resolved=maybe,
    cues=st.lists(st.sampled_from([*CUES, "threat", "not_a_cue"]), unique=True).map(tuple),
)
cases = st.builds(
    Case,
    fault=st.sampled_from(FAULTS),
    channel=st.sampled_from(CHANNELS),
    order_value=amounts,
    currency=st.sampled_from([None, "EUR"]),
    loss=amounts,
    material_effect=maybe,
    self_evident=maybe,
    fixable=maybe,
    claim_legitimate=maybe,
    request_refused=flags,
    already_resolved=flags,
    repeat_customer=flags,
    unrepeatable_occasion=flags,
    previous_contacts=st.integers(0, 5),
    failed_recoveries=st.integers(0, 2),
    customer_name=names,
    agent_name=names,
    order_id=names,
)
generous = replace(load_policy(), goodwill=True, currency="EUR", agent_budget=50.0)
policies = st.sampled_from([load_policy(), generous])
inputs = {"analysis": analyses, "case": cases, "policy": policies}
breaches = st.sampled_from(["complaint", "mixed"])


def _used(plan: RecoveryPlan) -> set[str]:
    return {step.strategy for step in plan.steps}


def _level(plan: RecoveryPlan) -> int:
    return 0 if plan.escalate is None else 1 + (plan.escalate.when == "at_once")


@settings(max_examples=400, deadline=None)
@given(**inputs)
def test_exactly_one_well_formed_plan(analysis: Analysis, case: Case, policy: Policy) -> None:
    plan = plan_recovery(analysis, case, policy=policy)
    assert plan == plan_recovery(analysis, case, policy=policy)
    assert RecoveryPlan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan
    assert "acknowledge_and_thank" in _used(plan)
    stages = [STAGES.index(step.stage) for step in plan.steps]
    assert stages == sorted(stages)
    keys = [(step.strategy, step.audience) for step in plan.steps]
    assert len(set(keys)) == len(keys)
    assert set(plan.resolutions) <= set(load_contradictions())
    assert 1 <= plan.deadlines.acknowledge_hours <= plan.deadlines.answer_hours
    for step in plan.steps:
        assert step.instruction
        assert step.audience in ("customer", "staff")
        assert 1 <= len(step.sources) <= 3
        assert all((source.file, source.quote) in QUOTES for source in step.sources)


@settings(max_examples=400, deadline=None)
@given(**inputs)
def test_apology_and_money_follow_fault(analysis: Analysis, case: Case, policy: Policy) -> None:
    plan = plan_recovery(analysis, case, policy=policy)
    kind = analysis.kind
    if kind is not None:
        breach = kind in ("complaint", "mixed")
        expected = "none" if not breach else "empathy_only"
        assert plan.apology == (
            "responsibility" if breach and case.fault == "business" else expected
        )
    assert (plan.apology == "responsibility") == ("responsibility_apology" in _used(plan))
    money = plan.compensation
    if money.rung != "none":
        assert case.fault == "business"
        assert analysis.severity != 0
        assert plan.apology == "responsibility"
    if money.goodwill:
        assert policy.goodwill
        assert money.rung == "none"
        assert case.fault in NOT_OURS
        assert not analysis.abusive
    if money.ceiling is None:
        assert (money.floor, money.currency) == (None, None)
    else:
        assert money.floor is not None
        assert money.rung in RUNGS[2:] or money.goodwill
        damage = max(case.order_value or 0, case.loss or 0)
        assert 0 <= money.floor <= money.ceiling <= damage * policy.ceiling_factor + 0.01
    if case.order_value is None and case.loss is None:
        assert money.floor is None


@settings(max_examples=300, deadline=None)
@given(**inputs)
def test_rows_of_the_design_hold(analysis: Analysis, case: Case, policy: Policy) -> None:
    plan = plan_recovery(analysis, case, policy=policy)
    used = _used(plan)
    resolved = (analysis.resolved or case.already_resolved) and case.failed_recoveries == 0
    assert bool(analysis.abusive) == ("boundary_and_close" in used)
    if "investigate_fault" in used:
        assert case.fault == "undetermined"
        assert not case.self_evident
    if "co_created_solution" in used:
        assert case.channel in DIALOGUE
        assert case.fault == "business" or plan.compensation.goodwill
    if case.request_refused and not resolved:
        assert "next_best_alternative" in used
    if "next_best_alternative" in used and not case.request_refused:
        assert case.fault in NOT_OURS
    if resolved:
        assert not used & REMEDIES
        assert plan.compensation.rung == "none"
        closing = [s for s in plan.steps if s.strategy == "closed_loop_follow_up"]
        assert [step.audience for step in closing] == ["customer"]
        order = [step.strategy for step in plan.steps]
        assert order.index("closed_loop_follow_up") < order.index("close_without_relitigating")
    at_once = (
        "safety_security" in analysis.complaint_types
        or {"legal_or_regulator", "threat"} & set(analysis.cues)
        or (analysis.severity == 3 and case.fault != "business")
    )
    if at_once:
        assert _level(plan) == 2
    elif (
        (case.fault == "undetermined" and analysis.severity == 2)
        or "refund_warranty" in analysis.complaint_types
        or (analysis.abusive and analysis.kind in ("complaint", "mixed"))
    ):
        assert _level(plan) >= 1


@settings(max_examples=200, deadline=None)
@given(kind=breaches, **inputs)
def test_more_severe_is_never_less(
    kind: str, analysis: Analysis, case: Case, policy: Policy
) -> None:
    plans = [
        plan_recovery(replace(analysis, kind=kind, severity=level), case, policy=policy)
        for level in range(4)
    ]
    for milder, graver in pairwise(plans):
        less, more = milder.compensation, graver.compensation
        assert RUNGS.index(less.rung) <= RUNGS.index(more.rung)
        assert (less.floor or 0) <= (more.floor or 0)
        assert (less.ceiling or 0) <= (more.ceiling or 0) + 1e-9
        assert _level(milder) <= _level(graver)
        assert milder.deadlines.acknowledge_hours >= graver.deadlines.acknowledge_hours
        assert milder.deadlines.answer_hours >= graver.deadlines.answer_hours


@settings(max_examples=200, deadline=None)
@given(
    channel=st.sampled_from(CHANNELS),
    language=st.sampled_from(LANGUAGES),
    sentiment=st.sampled_from(SENTIMENTS),
    abusive=flags,
    kind=st.sampled_from(KINDS),
    **inputs,
)
def test_channel_language_and_tone_change_neither_apology_nor_money(
    channel: str,
    language: str,
    sentiment: str,
    abusive: bool,
    kind: str,
    analysis: Analysis,
    case: Case,
    policy: Policy,
) -> None:
    analysis = replace(analysis, kind=kind)
    here = plan_recovery(analysis, case, policy=load_policy())
    other = replace(analysis, language=language, sentiment=sentiment, cues=(), abusive=abusive)
    there = plan_recovery(other, replace(case, channel=channel), policy=load_policy())
    assert (here.apology, here.compensation) == (there.apology, there.compensation)
    moved = plan_recovery(analysis, replace(case, channel=channel), policy=policy)
    stayed = plan_recovery(analysis, case, policy=policy)
    assert (moved.apology, moved.compensation) == (stayed.apology, stayed.compensation)


def test_facts_in_names_are_never_read_as_placeholders() -> None:
    case = Case(customer_name="{order}", repeat_customer=True, channel="email")
    plan = plan_recovery(Analysis(kind="complaint"), case)
    assert any("{order}" in step.instruction for step in plan.steps)


@pytest.mark.parametrize(
    ("analysis", "apology", "rung"),
    [
        ({}, "none", "none"),
        ({"sentiment": "positive"}, "none", "none"),
        ({"sentiment": "negative"}, "responsibility", "apology_only"),
        ({"sentiment": "mixed"}, "responsibility", "apology_only"),
        ({"complaint_types": ("order_accuracy",)}, "responsibility", "apology_only"),
        (
            {"kind": "complaint", "complaint_types": ("billing_payment",)},
            "responsibility",
            "partial_refund",
        ),
        ({"kind": "complaint", "severity": 0}, "responsibility", "none"),
    ],
)
def test_absent_labels_take_the_neutral_default(
    analysis: dict[str, Any], apology: str, rung: str
) -> None:
    plan = plan_recovery(Analysis(**analysis), Case(fault="business"))
    assert (plan.apology, plan.compensation.rung) == (apology, rung)


@pytest.mark.parametrize(
    ("status", "level"),
    [("empty", 0), ("ok", 0), ("unsupported_language", 1), ("abstained", 1), ("error", 1)],
)
def test_an_unread_review_goes_to_a_person(status: str, level: int) -> None:
    plan = plan_recovery(Analysis(status=status))
    assert _level(plan) == level
    assert "acknowledge_and_thank" in _used(plan)


def test_without_a_case_nothing_is_known() -> None:
    analysis = Analysis(kind="complaint", severity=1)
    assert plan_recovery(analysis) == plan_recovery(analysis, Case())
    assert "investigate_fault" in _used(plan_recovery(analysis))


@pytest.mark.parametrize(
    "labels",
    [
        {"kind": "rant"},
        {"complaint_types": ("taste",)},
        {"severity": 4},
        {"severity": True},
        {"sentiment": "bad"},
        {"status": "fine"},
    ],
)
def test_a_label_that_does_not_exist_is_refused(labels: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        plan_recovery(Analysis(**labels))


def test_statutory_rights_may_be_left_to_the_business() -> None:
    analysis = Analysis(kind="complaint", complaint_types=("refund_warranty",), severity=1)
    policy = replace(load_policy(), statutory_rights=False)
    case = Case(fault="none")
    assert _level(plan_recovery(analysis, case)) == 1
    assert _level(plan_recovery(analysis, case, policy=policy)) == 0


def test_names_and_numbers_of_the_case_reach_the_instructions() -> None:
    case = Case(
        fault="business",
        channel="email",
        order_value=200,
        currency="NOK",
        order_id="A-17",
        agent_name="Kari",
        customer_name="Ola",
        repeat_customer=True,
    )
    analysis = Analysis(kind="complaint", complaint_types=("order_accuracy",), severity=2)
    text = " ".join(step.instruction for step in plan_recovery(analysis, case).steps)
    for piece in ("Kari", "Ola", "A-17", "100.00 to 150.00 NOK", "wrong, missing", "4 hours"):
        assert piece in text
