from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewkit.model.bundle import Bundle
from reviewkit.model.decode import Scores, decode, labels, merge_chunks
from reviewkit.results import COMPLAINT_TYPES, SENTIMENTS

OUTPUTS = (*SENTIMENTS, *COMPLAINT_TYPES, "severity_1", "severity_2", "severity_3", "abusive",
           "resolved", "question", "suggestion")  # fmt: skip
WARM = {"sentiment": 1.0, "types": 1.0, "severity": 1.0, "flags": 1.0}
BUNDLE = Bundle(
    Path(), "test", "1", OUTPUTS, {"*": WARM}, {"*": dict.fromkeys(OUTPUTS, 0.5)}, 256, 32, {}
)
logits = st.lists(st.floats(-20, 20), min_size=len(OUTPUTS), max_size=len(OUTPUTS))


def given_labels(**p: float) -> dict:
    base = dict.fromkeys(OUTPUTS, 0.01) | {"neutral": 0.4} | p
    return labels(BUNDLE, Scores(base, 3, 1, False), "ro")


@given(logits)
def test_probabilities_are_probabilities(row):
    p = decode(BUNDLE, np.array([row], dtype=np.float32), "ro")[0]
    assert all(0 <= value <= 1 for value in p.values())
    assert sum(p[name] for name in SENTIMENTS) == pytest.approx(1)


@given(st.lists(logits, min_size=1, max_size=4))
def test_merged_chunks_are_probabilities_and_keep_the_worst(rows):
    chunks = decode(BUNDLE, np.array(rows, dtype=np.float32), "ro")
    merged = merge_chunks(chunks)
    assert sum(merged[name] for name in SENTIMENTS) == pytest.approx(1)
    for name in COMPLAINT_TYPES:
        assert merged[name] == max(chunk[name] for chunk in chunks)


@given(logits)
def test_labels_agree_with_each_other(row):
    p = decode(BUNDLE, np.array([row], dtype=np.float32), "ro")[0]
    found = labels(BUNDLE, Scores(p, 3, 1, False), "ro")
    breach = found["severity"] > 0
    assert breach or not found["complaint_types"]
    assert (found["kind"] in ("complaint", "mixed")) == breach
    assert breach or not found["resolved"]


def test_a_type_is_a_breach():
    found = given_labels(positive=0.9, price_value=0.8)
    assert (found["severity"], found["kind"]) == (1, "mixed")


def test_negative_without_a_cause_is_unspecified():
    found = given_labels(negative=0.9)
    assert (found["severity"], found["kind"], found["complaint_types"]) == (1, "complaint", ())


def test_a_bare_insult_is_no_breach():
    found = given_labels(negative=0.9, abusive=0.9)
    assert (found["severity"], found["abusive"]) == (0, True)


def test_questions_and_suggestions():
    assert given_labels(question=0.9)["kind"] == "question"
    assert given_labels(suggestion=0.9)["kind"] == "suggestion"
    assert given_labels(positive=0.9, suggestion=0.4)["kind"] == "praise"
    assert given_labels()["kind"] == "other"


def test_a_small_breach_in_a_long_happy_story_is_kept():
    happy = dict.fromkeys(OUTPUTS, 0.01) | {"positive": 0.95, "negative": 0.01, "mixed": 0.02}
    breach = happy | {"positive": 0.05, "negative": 0.9, "safety_security": 0.9, "severity_3": 0.8}
    merged = merge_chunks([happy, happy, breach, happy])
    found = labels(BUNDLE, Scores(merged, 900, 4, False), "ro")
    assert found["sentiment"] == "mixed"
    assert found["complaint_types"] == ("safety_security",)
    assert found["severity"] == 3
