"""What the four documents ask for, case by case: failures, branches, order, contradictions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from reviewkit.knowledge import load_contradictions, load_taxonomy
from reviewkit.recovery import Case, load_policy, plan_recovery
from reviewkit.results import Analysis, RecoveryPlan

RO, RU, NB, ET = (
    "000_a80c70a100fae97f.txt",
    "001_276e64ace2994a43.txt",
    "002_1e83dea2960d0844.txt",
    "003_dbb327c287e8ef72.txt",
)


class Failure(NamedTuple):
    """A failure that a document tells of, and the remedy that it gives or implies."""

    name: str
    types: tuple[str, ...]
    severity: int
    case: dict[str, Any]
    rung: str
    has: str
    lacks: str = ""
    when: str | None = None
    flags: dict[str, Any] = {}  # noqa: RUF012 - never changed


OURS: dict[str, Any] = {"fault": "business"}
NOT_OURS = "no_compensation withhold_responsibility_apology empathy_without_admission"
OWN = "responsibility_apology"
SERVICE = "complaint_handling"

FAILURES = [
    Failure(
        "filling mixed up, cake still great",
        ("order_accuracy",),
        1,
        {**OURS, "material_effect": True},
        "token",
        f"{OWN} token_compensation",
    ),
    Failure(
        "inscription missing",
        ("order_accuracy",),
        1,
        {**OURS, "material_effect": False},
        "apology_only",
        f"{OWN} apology_only",
        "token_compensation partial_refund",
    ),
    Failure(
        "wrong colour for the theme",
        ("order_accuracy",),
        2,
        {**OURS, "fixable": False},
        "partial_refund",
        f"{OWN} partial_refund",
        "correction_or_replacement",
    ),
    Failure(
        "cake collapsed, wedding without a cake",
        ("product_quality",),
        3,
        {**OURS, "fixable": False, "unrepeatable_occasion": True},
        "full_refund_plus",
        f"{OWN} full_refund_plus",
        "correction_or_replacement",
    ),
    Failure(
        "upset about the ribbon",
        ("order_accuracy",),
        1,
        {"fault": "none"},
        "none",
        f"{NOT_OURS} state_preventive_action",
        OWN,
    ),
    Failure(
        "complaint about something unrelated",
        (),
        1,
        {"fault": "third_party"},
        "none",
        f"{NOT_OURS} explain_not_excuse",
        OWN,
    ),
    Failure(
        "insulting customer",
        (),
        0,
        {},
        "none",
        "boundary_and_close",
        "",
        None,
        {"kind": "other", "abusive": True},
    ),
    Failure(
        "circular talk, already solved",
        (),
        1,
        {"already_resolved": True},
        "none",
        "close_without_relitigating closed_loop_follow_up",
        "investigate_fault",
    ),
    Failure(
        "customer brushed off",
        ("staff_conduct",),
        1,
        OURS,
        "apology_only",
        f"{OWN} empathy_without_admission staff_enablement",
    ),
    Failure(
        "staff on the phone",
        ("staff_conduct", "slow_unavailable"),
        1,
        OURS,
        "apology_only",
        f"{OWN} service_culture accessible_service",
    ),
    Failure(
        "shuffled between employees",
        (SERVICE,),
        2,
        OURS,
        "partial_refund",
        "single_point_of_ownership staff_enablement",
    ),
    Failure(
        "told no",
        ("policy_terms",),
        1,
        {"request_refused": True},
        "none",
        "next_best_alternative explain_not_excuse",
        OWN,
    ),
    Failure(
        "reduced staff and services",
        ("slow_unavailable",),
        1,
        OURS,
        "apology_only",
        f"{OWN} accessible_service",
    ),
    Failure("disappointing experience", ("staff_conduct",), 1, OURS, "apology_only", OWN),
    Failure(
        "promise sold, not delivered",
        ("misleading_information",),
        2,
        OURS,
        "partial_refund",
        f"{OWN} root_cause_prevention state_preventive_action",
    ),
    Failure(
        "adjustment denied, dented shelves",
        ("product_quality", "misleading_information", "refund_warranty"),
        2,
        {**OURS, "claim_legitimate": True},
        "partial_refund",
        "honour_legitimate_claims",
        "",
        "queue",
    ),
    Failure(
        "no service after 4 p.m.",
        ("slow_unavailable",),
        1,
        OURS,
        "apology_only",
        "accessible_service",
    ),
    Failure(
        "in-your-face service",
        ("staff_conduct",),
        1,
        OURS,
        "apology_only",
        "service_culture staff_enablement",
    ),
    Failure(
        "legitimate claim denied",
        ("refund_warranty",),
        2,
        {"claim_legitimate": True},
        "none",
        "honour_legitimate_claims",
        OWN,
        "queue",
    ),
    Failure("rotten fish", ("product_quality",), 2, {}, "none", "investigate_fault", OWN, "queue"),
    Failure(
        "rotten fish with illness",
        ("product_quality", "safety_security"),
        3,
        {},
        "none",
        "investigate_fault single_point_of_ownership",
        OWN,
        "at_once",
    ),
    Failure(
        "staff told not to think",
        (SERVICE, "staff_conduct"),
        2,
        OURS,
        "partial_refund",
        "single_point_of_ownership staff_enablement",
    ),
    Failure(
        "slow-paying customer",
        ("billing_payment",),
        1,
        {"fault": "customer"},
        "none",
        f"{NOT_OURS} root_cause_prevention",
        OWN,
    ),
    Failure(
        "payment terms not disclosed",
        ("billing_payment",),
        1,
        OURS,
        "apology_only",
        f"{OWN} root_cause_prevention",
    ),
    Failure(
        "hopeless service, customers flee",
        (SERVICE,),
        2,
        OURS,
        "partial_refund",
        f"{OWN} single_point_of_ownership",
        "",
        None,
        {"cues": ("churn_intent",)},
    ),
    Failure(
        "left alone after the purchase",
        (SERVICE,),
        1,
        OURS,
        "apology_only",
        "closed_loop_follow_up",
    ),
    Failure(
        "price seen as the firm's profit",
        ("price_value",),
        1,
        {"fault": "none"},
        "none",
        f"{NOT_OURS} explain_not_excuse",
        OWN,
    ),
    Failure(
        "symptoms masked",
        (),
        1,
        OURS,
        "apology_only",
        "root_cause_prevention",
        "",
        None,
        {"cues": ("recurrence",)},
    ),
    Failure(
        "nobody listens or cares",
        (SERVICE,),
        2,
        OURS,
        "partial_refund",
        "active_listening empathy_without_admission",
    ),
    Failure(
        "defensive staff",
        ("staff_conduct",),
        1,
        OURS,
        "apology_only",
        "avoid_rote_or_excusing_apology staff_enablement",
    ),
    Failure(
        "rote apology", (SERVICE,), 2, OURS, "partial_refund", "avoid_rote_or_excusing_apology"
    ),
    Failure(
        "mistaken customer", ("order_accuracy",), 1, {"fault": "customer"}, "none", NOT_OURS, OWN
    ),
    Failure(
        "request that cannot be met",
        ("policy_terms",),
        1,
        {"fault": "none", "request_refused": True},
        "none",
        "next_best_alternative explain_not_excuse",
        OWN,
    ),
    Failure(
        "unwanted ham",
        ("order_accuracy",),
        1,
        {
            **OURS,
            "self_evident": True,
            "fixable": True,
            "material_effect": True,
            "channel": "face_to_face",
        },
        "token",
        f"proactive_acknowledgement correction_or_replacement {OWN} token_compensation"
        " closed_loop_follow_up",
        "investigate_fault explain_not_excuse",
    ),
    Failure(
        "small failure grown elsewhere",
        (SERVICE,),
        2,
        OURS,
        "partial_refund",
        "staff_enablement root_cause_prevention",
    ),
    Failure("expectations not met", (), 1, {}, "none", "investigate_fault", OWN),
]


def _plan(
    kind: str = "complaint",
    severity: int = 1,
    **values: Any,
) -> RecoveryPlan:
    labels = {k: values.pop(k) for k in ("abusive", "resolved", "cues") if k in values}
    types = values.pop("types", ())
    analysis = Analysis(kind=kind, severity=severity, complaint_types=types, **labels)
    return plan_recovery(analysis, Case(**values))


def _used(plan: RecoveryPlan) -> set[str]:
    return {step.strategy for step in plan.steps}


def _files(plan: RecoveryPlan) -> set[str]:
    return {source.file for step in plan.steps for source in step.sources}


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.name)
def test_every_failure_gets_the_remedy_of_its_document(failure: Failure) -> None:
    labels = {"kind": "complaint", **failure.flags}
    analysis = Analysis(complaint_types=failure.types, severity=failure.severity, **labels)
    plan = plan_recovery(analysis, Case(**failure.case))
    assert plan.compensation.rung == failure.rung
    assert set(failure.has.split()) <= _used(plan)
    assert not set(failure.lacks.split()) & _used(plan)
    assert (plan.escalate.when if plan.escalate else None) == failure.when


def test_every_passage_of_the_taxonomy_has_its_failure_here() -> None:
    used = {name for failure in FAILURES for name in failure.types}
    # these types have no failure of their own in the documents (taxonomy, section 2)
    unsupported = {"delivery_packaging", "digital_technical", "facility_environment"}
    assert used == set(load_taxonomy()) - unsupported


def test_romanian_justified_branch_cites_the_romanian_ladder() -> None:
    for severity, effect in ((1, True), (2, None), (3, None)):
        plan = _plan(severity=severity, fault="business", material_effect=effect)
        step = next(s for s in plan.steps if s.stage == "compensate" and s.audience == "customer")
        assert step.sources[0].file == RO
        assert "compensation_ceiling" in _used(plan)


def test_romanian_unjustified_branch_is_short_thankful_and_without_money() -> None:
    plan = _plan(fault="customer")
    explain = next(s for s in plan.steps if s.strategy == "explain_not_excuse")
    assert "three or four sentences" in explain.instruction
    assert {"acknowledge_and_thank", "state_preventive_action"} <= _used(plan)
    assert not {"responsibility_apology", "token_compensation"} & _used(plan)


def test_norwegian_order_hear_empathise_apologise_resolve_follow_up() -> None:
    plan = _plan(severity=2, fault="business", channel="phone")
    order = [step.strategy for step in plan.steps]
    wanted = [
        "active_listening",
        "empathy_without_admission",
        "responsibility_apology",
        "co_created_solution",
        "partial_refund",
        "closed_loop_follow_up",
    ]
    assert [name for name in order if name in wanted] == wanted
    assert NB in _files(plan)


def test_norwegian_listening_fits_the_channel() -> None:
    def said(channel: str) -> str:
        plan = _plan(fault="business", channel=channel)
        return next(s for s in plan.steps if s.strategy == "active_listening").instruction

    assert "eye contact" in said("face_to_face")
    assert "repeat in your own words" in said("phone")
    assert "Restate" in said("email")


def test_russian_choices_limits_recognition_and_budget() -> None:
    plan = _plan(
        severity=2,
        fault="business",
        channel="email",
        repeat_customer=True,
        request_refused=True,
    )
    quotes = " ".join(source.quote for step in plan.steps for source in step.sources)
    for piece in (
        "Предложите выбор меж несколькими вариациями.",
        "Втяните клиента в определение решения.",
        "Ясно объясните любые ограничения, которые есть.",
        "в порядке, чтоб огласить",
        "Установите контролируемый бюджет",
        "Приветствуйте повторных клиентов по имени",
        "состоит в том, чтоб спросить их.",
    ):
        assert piece in quotes
    assert RU in _files(plan)


def test_estonian_recovery_is_immediate_excuse_free_and_followed_up() -> None:
    plan = _plan(
        fault="business",
        channel="face_to_face",
        self_evident=True,
        fixable=True,
        material_effect=True,
        types=("order_accuracy",),
    )
    assert plan.steps[1].strategy == "proactive_acknowledgement"
    assert "explain_not_excuse" not in _used(plan)
    extra = next(s for s in plan.steps if s.strategy == "token_compensation")
    assert "small extra" in extra.instruction
    assert ET in {source.file for source in extra.sources}
    follow_up = next(s for s in plan.steps if s.strategy == "closed_loop_follow_up")
    assert "manager" in follow_up.instruction


@pytest.mark.parametrize(
    ("contradiction", "values"),
    [
        ("C1", {"fault": "customer"}),
        ("C2", {"fault": "customer"}),
        ("C3", {"fault": "none", "severity": 2}),
        ("C4", {"fault": "business", "material_effect": True}),
        ("C5", {"fault": "business", "severity": 3}),
        ("C6", {"fault": "business"}),
        ("C7", {}),
        ("C8", {"abusive": True}),
        ("C9", {"fault": "none"}),
        ("C10", {}),
        ("C11", {}),
        ("C12", {"resolved": True}),
        ("C13", {"fault": "business", "channel": "chat"}),
        ("C14", {"fault": "business", "material_effect": False}),
        ("C15", {"fault": "business", "severity": 2}),
        ("C16", {"kind": "praise", "severity": 0}),
    ],
)
def test_the_resolution_of_a_contradiction_is_cited(
    contradiction: str, values: dict[str, Any]
) -> None:
    assert contradiction in load_contradictions()
    assert contradiction in _plan(**values).resolutions


@pytest.mark.parametrize("kind", ["praise", "question", "suggestion", "other"])
def test_nothing_to_regret(kind: str) -> None:
    plan = _plan(kind=kind, severity=0, fault="business")
    assert plan.apology == "none"
    assert plan.compensation.rung == "none"
    assert plan.escalate is None
    assert "empathy_without_admission" not in _used(plan)
    assert all(name != "C1" for name in plan.resolutions)


def test_a_failed_recovery_lifts_reopens_and_is_apologised_for() -> None:
    plan = _plan(fault="business", failed_recoveries=1, already_resolved=True, resolved=True)
    assert plan.compensation.rung == "partial_refund"
    assert "close_without_relitigating" not in _used(plan)
    apology = next(s for s in plan.steps if s.strategy == "responsibility_apology")
    assert "recovery that did not work" in apology.instruction


def test_unknown_effect_makes_staff_ask() -> None:
    plan = _plan(fault="business")
    assert plan.compensation.rung == "apology_only"
    ask = next(s for s in plan.steps if s.strategy == "apology_only")
    assert ask.audience == "staff"
    assert "ask whether" in ask.instruction


def test_a_statutory_claim_is_honoured_without_an_apology_for_fault() -> None:
    plan = _plan(types=("refund_warranty",), fault="third_party", claim_legitimate=True)
    assert "honour_legitimate_claims" in _used(plan)
    assert plan.apology == "empathy_only"
    assert plan.compensation.rung == "none"


def test_abuse_adds_a_boundary_and_takes_nothing_away() -> None:
    calm, rude = (_plan(severity=2, fault="business", abusive=flag) for flag in (False, True))
    assert (calm.apology, calm.compensation) == (rude.apology, rude.compensation)
    assert {"boundary_and_close", "owner_self_care"} <= _used(rude) - _used(calm)
    assert {"active_listening", "partial_refund"} <= _used(rude)
    assert rude.escalate is not None
    assert rude.escalate.when == "queue"


def test_goodwill_only_by_policy_and_never_for_abuse() -> None:
    policy = replace(load_policy(), goodwill=True)
    analysis = Analysis(kind="complaint", severity=1)
    case = Case(fault="customer", order_value=100, currency="EUR", channel="email")
    plan = plan_recovery(analysis, case, policy=policy)
    assert plan.compensation.goodwill
    assert plan.compensation.ceiling == 5
    assert {"no_compensation", "co_created_solution"} <= _used(plan)
    assert not plan_recovery(analysis, case).compensation.goodwill
    rude = replace(analysis, abusive=True)
    assert not plan_recovery(rude, case, policy=policy).compensation.goodwill


def test_no_open_question_in_public() -> None:
    plan = _plan(severity=2, fault="business", fixable=True, channel="public_review")
    assert "co_created_solution" not in _used(plan)
    correction = next(s for s in plan.steps if s.strategy == "correction_or_replacement")
    assert "choice between two" in correction.instruction
    assert any("open question" in item for item in correction.avoid)
