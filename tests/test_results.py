from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewkit.results import (
    ANALYSIS_COLUMNS,
    COMPLAINT_TYPES,
    CUES,
    KINDS,
    SENTIMENTS,
    STATUSES,
    Analysis,
    Compensation,
    Deadlines,
    Escalation,
    RecoveryPlan,
    Source,
    Step,
)

probability = st.floats(0, 1)
analyses = st.builds(
    Analysis,
    language=st.sampled_from(["ro", "ru", "no", "et", "en", "other", "und"]),
    language_confidence=probability,
    variety=st.sampled_from([None, "nb", "nn"]),
    status=st.sampled_from(STATUSES),
    kind=st.sampled_from([None, *KINDS]),
    sentiment=st.sampled_from([None, *SENTIMENTS]),
    sentiment_probabilities=st.fixed_dictionaries({name: probability for name in SENTIMENTS}),
    complaint_types=st.lists(st.sampled_from(COMPLAINT_TYPES), unique=True).map(tuple),
    complaint_probabilities=st.dictionaries(st.sampled_from(COMPLAINT_TYPES), probability),
    severity=st.sampled_from([None, 0, 1, 2, 3]),
    cues=st.lists(st.sampled_from(CUES), unique=True).map(tuple),
)


@given(analyses)
def test_analysis_survives_json(analysis):
    assert Analysis.from_dict(json.loads(json.dumps(analysis.to_dict()))) == analysis


@given(analyses)
def test_row_has_the_contract_columns_in_order(analysis):
    assert tuple(analysis.to_row()) == ANALYSIS_COLUMNS


def test_plan_survives_json():
    plan = RecoveryPlan(
        apology="responsibility",
        compensation=Compensation("token", floor=1.0, ceiling=2.5, currency="RON", reason="r"),
        escalate=Escalation("human", "queue", "why"),
        deadlines=Deadlines(24, 72),
        steps=(Step("a", "thank", "customer", "Do.", ("not",), (Source("f", "q"),), "x", "y"),),
        resolutions=("C1",),
    )
    assert RecoveryPlan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_unknown_keys_are_ignored_and_absent_ones_default():
    assert Analysis.from_dict({"language": "ro", "later": 1}) == Analysis(language="ro")


def test_results_are_frozen():
    with pytest.raises(AttributeError):
        Analysis().language = "ro"
