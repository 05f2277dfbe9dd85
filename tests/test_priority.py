from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewkit.priority import priority
from reviewkit.results import CUES, SENTIMENTS

cues = st.lists(st.sampled_from(CUES), unique=True)


@given(st.integers(0, 3), st.sampled_from(SENTIMENTS), cues, st.booleans())
def test_range_and_no_breach(severity, sentiment, found, resolved):
    points = priority(severity, sentiment, found, resolved)
    assert 0 <= points <= 100
    assert (points == 0) == (severity == 0)


@given(st.integers(0, 2), st.sampled_from(SENTIMENTS), cues)
def test_worse_comes_first(severity, sentiment, found):
    assert priority(severity, sentiment, found, False) <= priority(
        severity + 1, sentiment, found, False
    )
    assert priority(severity, sentiment, found, True) <= priority(severity, sentiment, found, False)


def test_formula():
    assert priority(2, "negative", ["legal_or_regulator"], False) == 60
    assert priority(3, "negative", ["legal_or_regulator", "ongoing_harm"], False) == 100
