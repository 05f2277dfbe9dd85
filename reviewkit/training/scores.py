"""What a bundle scores on labelled rows: metrics of the contract, cross-fitted on dev."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewkit.model.bundle import Bundle
from reviewkit.model.classifier import BundleClassifier
from reviewkit.model.decode import Scores, labels
from reviewkit.results import COMPLAINT_TYPES
from reviewkit.training.calibrate import calibrate, probabilities
from reviewkit.training.corpus import Example
from reviewkit.training.network import OUTPUTS, SLICES
from reviewkit.training.prepare import targets

__all__ = [
    "Fitted",
    "bundle_logits",
    "calibration_error",
    "cross_fit",
    "score_labels",
    "scores_by_language",
]

_FEWEST = 5  # positives that a type needs to count in a macro average


def bundle_logits(folder: Path, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the logits of the exported bundle itself, first chunk of each text."""
    return BundleClassifier(folder).logits(texts)


def score_labels(rows: Sequence[Example], given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the contract's metrics for labels as `decode.labels` gives them."""
    from sklearn.metrics import cohen_kappa_score, f1_score

    def types(sets: Sequence[Sequence[str]]) -> NDArray[Any]:
        return np.array([[name in found for name in COMPLAINT_TYPES] for found in sets])

    truth = types([row.types or () for row in rows])
    found = types([label["complaint_types"] for label in given])
    enough = truth.sum(axis=0) >= _FEWEST
    per_type = f1_score(truth, found, average=None, zero_division=0)
    return {
        "n": len(rows),
        "sentiment_accuracy": _round(
            np.mean([r.sentiment == g["sentiment"] for r, g in zip(rows, given, strict=True)])
        ),
        "sentiment_macro_f1": _round(
            f1_score([r.sentiment for r in rows], [g["sentiment"] for g in given], average="macro")
        ),
        "types_macro_f1": _round(per_type[enough].mean()) if enough.any() else None,
        "types_micro_f1": _round(f1_score(truth, found, average="micro", zero_division=0)),
        "severity_qwk": _round(
            cohen_kappa_score(
                [r.severity for r in rows], [g["severity"] for g in given], weights="quadratic"
            )
        ),
        "abusive_f1": _flag(rows, given, "abusive"),
        "resolved_f1": _flag(rows, given, "resolved"),
    }


def _flag(rows: Sequence[Example], given: Sequence[Mapping[str, Any]], name: str) -> float | None:
    from sklearn.metrics import f1_score

    truth = [bool(getattr(row, name)) for row in rows]
    if sum(truth) < _FEWEST:
        return None
    return _round(f1_score(truth, [bool(g[name]) for g in given], zero_division=0))


def _round(value: Any) -> float:
    return round(float(value), 4)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Labels and calibrated probabilities (rows, outputs) of the same rows."""

    labels: list[dict[str, Any]]
    probabilities: NDArray[np.float32]

    def take(self, chosen: Sequence[int]) -> Fitted:
        """Return the chosen rows."""
        return Fitted([self.labels[i] for i in chosen], self.probabilities[list(chosen)])


def cross_fit(logits: NDArray[np.float32], rows: Sequence[Example], folds: int = 5) -> Fitted:
    """Label dev so that no row is judged by a temperature or threshold that it helped to set."""
    given: list[dict[str, Any]] = [{} for _ in rows]
    p = np.zeros_like(logits)
    fold = np.arange(len(rows)) % folds
    for k in range(folds):
        fit = [i for i in range(len(rows)) if fold[i] != k]
        held = [i for i in range(len(rows)) if fold[i] == k]
        fit_rows, held_rows = [rows[i] for i in fit], [rows[i] for i in held]
        warm, cuts = calibrate(logits[fit], fit_rows)
        bundle = Bundle(Path(), "", "", OUTPUTS, warm, cuts, 0, 0, {})
        p[held] = probabilities(logits[held], held_rows, warm)
        for i, row in zip(held, held_rows, strict=True):
            named = Scores(dict(zip(OUTPUTS, map(float, p[i]), strict=True)), 0, 1, False)
            given[i] = labels(bundle, named, row.language)
    return Fitted(given, p)


def calibration_error(
    p: NDArray[np.float32], rows: Sequence[Example], bins: int = 10
) -> dict[str, float]:
    """Return the expected calibration error (Guo et al. 2017, arXiv 1706.04599).

    `sentiment_ece`: confidence of the top class against its accuracy. `types_ece`: probability
    against frequency over all rows and types. Bins of equal width.
    """
    truth, _ = targets(rows)
    part = SLICES["sentiment"]
    top = p[:, part].argmax(axis=1)
    right = truth[:, part].argmax(axis=1) == top
    part_types = SLICES["types"]
    return {
        "sentiment_ece": _ece(p[:, part].max(axis=1), right, bins),
        "types_ece": _ece(p[:, part_types].ravel(), truth[:, part_types].ravel() > 0, bins),
    }


def _ece(p: NDArray[Any], right: NDArray[Any], bins: int) -> float:
    place = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [
        abs(p[place == k].mean() - right[place == k].mean()) * (place == k).mean()
        for k in np.unique(place)
    ]
    return _round(sum(gaps))


def scores_by_language(rows: Sequence[Example], fitted: Fitted) -> dict[str, dict[str, Any]]:
    """Score each language, and `all`: the four languages that have reviews by several writers.

    English stays out of `all`: its few dev reviews are ours alone, by one writer.
    """
    languages = sorted({row.language for row in rows})
    groups = {"all": [i for i, row in enumerate(rows) if row.language != "en"]} | {
        name: [i for i, row in enumerate(rows) if row.language == name] for name in languages
    }
    out = {}
    for name, chosen in groups.items():
        part, some = fitted.take(chosen), [rows[i] for i in chosen]
        out[name] = score_labels(some, part.labels) | calibration_error(part.probabilities, some)
    return out
