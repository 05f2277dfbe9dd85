from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewkit.model.inputs import BUCKETS, model_text, ngram_features


def ids(text: str) -> set[int]:
    found, weights = ngram_features([text])
    return set(found[0][weights[0] > 0].tolist())


@given(st.lists(st.text(max_size=80), max_size=6))
def test_features_are_unit_vectors_in_range(texts):
    found, weights = ngram_features(texts)
    assert found.shape == weights.shape
    assert ((found >= 0) & (found < BUCKETS)).all()
    lengths = np.square(weights).sum(axis=1)
    assert np.all(np.isclose(lengths, 1, atol=1e-4) | (lengths == 0))


@given(st.text(max_size=60), st.text(max_size=200))
def test_features_do_not_depend_on_the_batch(text, other):
    both, weights = ngram_features([text, other])
    assert set(both[0][weights[0] > 0].tolist()) == ids(text)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("MÂNCAREA a fost rece", "mancarea a fost rece!!!"),
        ("Ёлка пришла", "ЕЛКА, пришла"),
        ("Løp og kjøp", "lop og kjop"),
    ],
)
def test_ngrams_ignore_case_diacritics_and_punctuation(one, two):
    assert ids(one) == ids(two)


def test_ngrams_tell_texts_apart():
    assert ids("supa rece") != ids("supa calda")
    assert not ids("")


def test_model_does_not_see_capitals_or_exclamation_marks():
    assert model_text("FOARTE  PROST!!!") == "foarte prost!"
    assert model_text("Ce?!?") == model_text("ce?")
