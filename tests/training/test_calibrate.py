from __future__ import annotations

import numpy as np
import pytest

from reviewkit.results import COMPLAINT_TYPES, SENTIMENTS
from reviewkit.training.calibrate import (
    calibrate,
    mix_terms,
    probabilities,
    sentiment_offsets,
    temperatures,
)
from reviewkit.training.corpus import Example
from reviewkit.training.network import OUTPUTS, SLICES
from reviewkit.training.prepare import targets
from reviewkit.training.scores import calibration_error, cross_fit, score_labels

RNG = np.random.default_rng(0)


def example(i: int) -> Example:
    types = tuple(name for name in COMPLAINT_TYPES if RNG.random() < 0.15)
    severity = int(RNG.integers(1, 4)) if types else 0
    sentiment = "negative" if types else ["positive", "positive", "neutral"][i % 3]
    return Example(
        text="x",
        language=("ro", "no")[i % 2],
        source="test",
        sentiment=sentiment,
        types=types,
        severity=severity,
        abusive=i % 11 == 0,
        resolved=bool(types) and i % 5 == 0,
    )


ROWS = [example(i) for i in range(400)]
LABELS, _ = targets(ROWS)
# Evidence x = +-1 + N(0, 1) has the posterior log-odds 2 x + prior, so these are calibrated.
TRUE = (2 * (2 * LABELS - 1 + RNG.normal(0, 1.0, LABELS.shape)) - 1.7).astype(np.float32)


def test_overconfident_logits_get_a_temperature_above_one():
    calm, loud = temperatures(TRUE, ROWS)["*"], temperatures(5 * TRUE, ROWS)["*"]
    for head in calm:
        assert loud[head] == pytest.approx(5 * calm[head], rel=0.05)
    p = probabilities(5 * TRUE, ROWS, temperatures(5 * TRUE, ROWS))
    assert calibration_error(p, ROWS)["types_ece"] < 0.05
    assert (
        calibration_error(p, ROWS)["types_ece"]
        < calibration_error(probabilities(5 * TRUE, ROWS, {"*": dict.fromkeys(calm, 1.0)}), ROWS)[
            "types_ece"
        ]
    )


def test_mixing_ignores_a_term_of_noise():
    noise = RNG.normal(0, 1, TRUE.shape).astype(np.float32)
    mixed = mix_terms(TRUE, noise, ROWS)
    for deep, wide in mixed.values():
        assert deep > 5 * wide


def test_offsets_lift_a_class_that_the_logits_forget():
    part = SLICES["sentiment"]
    blind = TRUE[:, part].copy()
    blind[:, SENTIMENTS.index("neutral")] -= 3
    full = np.zeros_like(TRUE)
    full[:, part] = blind
    offsets = sentiment_offsets(full[:, part], ROWS)
    neutral = SENTIMENTS.index("neutral")
    before = (blind.argmax(axis=1) == neutral).sum()
    after = ((blind + offsets).argmax(axis=1) == neutral).sum()
    assert after > 2 * before


def test_every_language_gets_thresholds_and_labels_that_beat_chance():
    warm, cuts = calibrate(TRUE, ROWS)
    assert set(warm) == set(cuts) == {"*", "ro", "no"}
    assert set(COMPLAINT_TYPES) <= set(cuts["ro"])
    assert all(0 < cut < 1 for own in cuts.values() for cut in own.values())
    fitted = cross_fit(TRUE, ROWS)
    assert fitted.probabilities.shape == (len(ROWS), len(OUTPUTS))
    assert score_labels(ROWS, fitted.labels)["types_micro_f1"] > 0.6
