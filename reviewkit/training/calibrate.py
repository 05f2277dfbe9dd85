"""Stage 4: mix the two terms, a temperature per language, a threshold per label; all on dev."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewkit.results import COMPLAINT_TYPES
from reviewkit.training.corpus import Example
from reviewkit.training.network import SLICES
from reviewkit.training.prepare import targets

__all__ = [
    "HEADS",
    "calibrate",
    "mix_terms",
    "probabilities",
    "sentiment_offsets",
    "temperatures",
    "thresholds",
]

HEADS = {
    "sentiment": SLICES["sentiment"],
    "types": SLICES["types"],
    "severity": SLICES["severity"],
    "flags": slice(SLICES["abusive"].start, SLICES["suggestion"].stop),
}
_FEWEST = 80  # rows of a language that earn it a temperature of its own
_GRID = np.linspace(0.1, 0.8, 71)

Array = NDArray[np.float32]


def _loss(head: str, logits: Array, labels: Array, mask: Array) -> float:
    if head == "sentiment":
        known = mask[:, 0] > 0
        z = logits[known] - logits[known].max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return float(-(labels[known] * log_p).sum(axis=1).mean())
    cells = np.logaddexp(0, logits) - labels * logits
    return float((cells * mask).sum() / max(1.0, mask.sum()))


def _minimise(function: Callable[[NDArray[Any]], float], start: Sequence[float]) -> NDArray[Any]:
    from scipy.optimize import minimize

    found: NDArray[Any] = minimize(function, np.array(start), method="Nelder-Mead").x
    return found


def mix_terms(deep: Array, wide: Array, rows: Sequence[Example]) -> dict[str, tuple[float, float]]:
    """Return, for each head, the weights of the encoder's and of the n-grams' logits.

    They minimise the negative log likelihood of the dev rows; two numbers a head.
    """
    labels, mask = targets(rows)
    mixed = {}
    for head, part in HEADS.items():

        def loss(w: NDArray[Any], head: str = head, part: slice = part) -> float:
            a, b = np.exp(w[0]), max(0.0, w[1])
            return _loss(
                head, a * deep[:, part] + b * wide[:, part], labels[:, part], mask[:, part]
            )

        a, b = _minimise(loss, [0.0, 0.3])
        mixed[head] = (float(np.exp(a)), float(max(0.0, b)))
    return mixed


def sentiment_offsets(logits: Array, rows: Sequence[Example]) -> Array:
    """Return four numbers to add to the sentiment's logits, so that rare classes are not lost.

    They minimise the negative log likelihood of the dev rows, a class of share q weighing
    q ** -0.5: half-way between accuracy (q ** 0) and macro-averaged recall (q ** -1).
    """
    from scipy.optimize import minimize

    part = SLICES["sentiment"]
    labels, mask = targets(rows)
    known = mask[:, part.start] > 0
    truth, z = labels[known, part], logits[known, part]
    weight = truth.mean(axis=0).clip(1e-3) ** -0.5

    def loss(w: NDArray[Any]) -> float:
        moved = z * np.exp(w[0]) + np.append(w[1:], 0.0)
        moved = moved - moved.max(axis=1, keepdims=True)
        log_p = moved - np.log(np.exp(moved).sum(axis=1, keepdims=True))
        return float(-(truth * log_p * weight).sum(axis=1).mean() + 0.002 * np.square(w[1:]).sum())

    w = minimize(loss, np.zeros(4)).x
    offsets: Array = (np.append(w[1:], 0.0) / np.exp(w[0])).astype(np.float32)
    return offsets


def calibrate(
    logits: Array, rows: Sequence[Example]
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """Return temperatures and thresholds by language, `*` for all others.

    A language's own thresholds are drawn half-way to those of all rows: it has only 10 to 30
    positives of a type.
    """
    warm = temperatures(logits, rows)
    p = probabilities(logits, rows, warm)
    cuts = {"*": thresholds(p, rows)}
    for language in warm:
        if language != "*":
            chosen = [i for i, row in enumerate(rows) if row.language == language]
            own = thresholds(p[chosen], [rows[i] for i in chosen])
            cuts[language] = {n: round((own[n] + cuts["*"][n]) / 2, 3) for n in own}
    return warm, cuts


def temperatures(logits: Array, rows: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Return the divisors of the logits per language and head; `*` is for all others."""
    languages = np.array([row.language for row in rows])
    out = {"*": _temperatures_of(logits, rows)}
    for language in sorted(set(languages)):
        chosen = np.flatnonzero(languages == language)
        if len(chosen) >= _FEWEST:
            out[language] = _temperatures_of(logits[chosen], [rows[int(i)] for i in chosen])
    return out


def _temperatures_of(logits: Array, rows: Sequence[Example]) -> dict[str, float]:
    labels, mask = targets(rows)
    out = {}
    for head, part in HEADS.items():

        def loss(w: NDArray[Any], head: str = head, part: slice = part) -> float:
            scaled = logits[:, part] / np.exp(w[0])
            return _loss(head, scaled, labels[:, part], mask[:, part])

        out[head] = round(float(np.exp(_minimise(loss, [0.0])[0])), 4)
    return out


def _f1_curve(truth: NDArray[Any], p: NDArray[Any]) -> NDArray[Any]:
    given = p[None, :] >= _GRID[:, None]
    hits = (given & (truth > 0)).sum(axis=1)
    return 2 * hits / np.maximum(1, given.sum(axis=1) + (truth > 0).sum())


def _best(curve: NDArray[Any]) -> float:
    """Return the top of the smoothed curve, where one lucky row counts less."""
    kernel = np.ones(11) / 11
    smooth = np.convolve(np.pad(curve, 5, mode="edge"), kernel, mode="valid")
    return round(float(_GRID[int(smooth.argmax())]), 3)


def thresholds(probabilities: Array, rows: Sequence[Example]) -> dict[str, float]:
    """Return one threshold for each type, severity level and flag.

    Types and flags: the best F1, drawn half-way to the best threshold shared by all types. The
    levels of severity: the best quadratic weighted kappa, one level after the other.

    Args:
        probabilities: (rows, outputs), calibrated.
        rows: dev rows; rows without a label count for no output of its head.
    """
    labels, mask = targets(rows)
    cuts: dict[str, float] = {}
    part = SLICES["types"]
    known = mask[:, part.start] > 0
    curves = {
        name: _f1_curve(labels[known, part.start + i], probabilities[known, part.start + i])
        for i, name in enumerate(COMPLAINT_TYPES)
    }
    shared = _best(np.mean(list(curves.values()), axis=0))
    for name, curve in curves.items():
        cuts[name] = round((_best(curve) + shared) / 2, 3)
    for name in ("abusive", "resolved", "question", "suggestion"):
        column = SLICES[name].start
        known = mask[:, column] > 0
        cuts[name] = 0.5
        if (labels[known, column] > 0).sum() >= 10:
            cuts[name] = _best(_f1_curve(labels[known, column], probabilities[known, column]))
    cuts.update(_severity_cuts(labels, mask, probabilities))
    return cuts


def _severity_cuts(labels: Array, mask: Array, probabilities: Array) -> dict[str, float]:
    from sklearn.metrics import cohen_kappa_score

    part = SLICES["severity"]
    known = mask[:, part.start] > 0
    truth = labels[known, part].sum(axis=1)
    p = probabilities[known, part]
    cuts = [0.5, 0.5, 0.5]
    for _ in range(2):
        for level in range(3):
            curve = []
            for cut in _GRID:
                tried = [*cuts[:level], cut, *cuts[level + 1 :]]
                given = _levels(p, tried)
                curve.append(cohen_kappa_score(truth, given, weights="quadratic"))
            cuts[level] = _best(np.array(curve))
    return {f"severity_{level}": cut for level, cut in enumerate(cuts, start=1)}


def _levels(p: Array, cuts: Sequence[float]) -> NDArray[Any]:
    """Return the highest level whose probability reaches its threshold."""
    reached = (p >= np.array(cuts)) * np.array([1, 2, 3])
    levels: NDArray[Any] = reached.max(axis=1)
    return levels


def probabilities(
    logits: Array, rows: Sequence[Example], warm: dict[str, dict[str, float]]
) -> Array:
    """Return calibrated probabilities as `model.decode` gives them."""
    out = np.zeros_like(logits)
    for i, row in enumerate(rows):
        own = warm.get(row.language, warm["*"])
        for head, part in HEADS.items():
            z = logits[i, part] / own[head]
            if head == "sentiment":
                e = np.exp(z - z.max())
                out[i, part] = e / e.sum()
            else:
                out[i, part] = 1 / (1 + np.exp(-z))
    return out
