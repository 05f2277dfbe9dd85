"""From logits to calibrated probabilities, and from those to labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewkit.model.bundle import Bundle
from reviewkit.results import COMPLAINT_TYPES, SENTIMENTS

__all__ = ["Scores", "decode", "labels", "merge_chunks"]

_SEVERITY = ("severity_1", "severity_2", "severity_3")


@dataclass(frozen=True, slots=True)
class Scores:
    """Calibrated probabilities of one text by output name, and how it was read."""

    probabilities: Mapping[str, float]
    n_tokens: int
    n_chunks: int
    truncated: bool


def _head(output: str) -> str:
    if output in SENTIMENTS:
        return "sentiment"
    if output in COMPLAINT_TYPES:
        return "types"
    return "severity" if output in _SEVERITY else "flags"


def decode(bundle: Bundle, logits: NDArray[np.float32], language: str) -> list[dict[str, float]]:
    """Divide the logits by the language's temperatures; softmax for sentiment, else sigmoid."""
    temperatures = bundle.temperatures.get(language, bundle.temperatures["*"])
    divisor = np.array([temperatures[_head(name)] for name in bundle.outputs], dtype=np.float64)
    scaled = logits.astype(np.float64) / divisor
    names = bundle.outputs
    sentiment = [names.index(name) for name in SENTIMENTS]
    probabilities = 1.0 / (1.0 + np.exp(-np.clip(scaled, -50, 50)))
    shifted = np.exp(scaled[:, sentiment] - scaled[:, sentiment].max(axis=1, keepdims=True))
    probabilities[:, sentiment] = shifted / shifted.sum(axis=1, keepdims=True)
    return [dict(zip(names, map(float, row), strict=True)) for row in probabilities]


def merge_chunks(chunks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Merge the chunks of one text so that a small breach in a long happy story is kept.

    Types, severity and flags take the highest chunk. For sentiment, n = the highest chance that a
    chunk blames, q = the highest that one praises; then mixed = n q, negative = n (1 - q),
    positive = (1 - n) q, neutral = the rest.
    """
    if len(chunks) == 1:
        return dict(chunks[0])
    merged = {name: max(chunk[name] for chunk in chunks) for name in chunks[0]}
    blame = max(chunk["negative"] + chunk["mixed"] for chunk in chunks)
    praise = max(chunk["positive"] + chunk["mixed"] for chunk in chunks)
    merged["negative"] = blame * (1 - praise)
    merged["mixed"] = blame * praise
    merged["positive"] = (1 - blame) * praise
    merged["neutral"] = (1 - blame) * (1 - praise)
    return merged


def labels(bundle: Bundle, scores: Scores, language: str) -> dict[str, Any]:
    """Apply the thresholds and the codebook's rules between the labels.

    A type is a breach, so it has severity 1 at least; a negative review without a cause has
    severity 1 (codebook, section 3) unless it is a bare insult; praise without a type has none.
    """
    p = scores.probabilities
    cut = bundle.thresholds.get(language, bundle.thresholds["*"])
    sentiment = max(SENTIMENTS, key=lambda name: p[name])
    types = tuple(name for name in COMPLAINT_TYPES if p[name] >= cut[name])
    severity = 0
    for level, name in enumerate(_SEVERITY, start=1):
        if p[name] >= cut[name]:
            severity = level
    abusive = p["abusive"] >= cut["abusive"]
    resolved = p["resolved"] >= cut["resolved"]
    if types or (sentiment == "negative" and not abusive):
        severity = max(severity, 1)
    elif sentiment == "positive":
        severity = 0
    breach = severity > 0
    return {
        "sentiment": sentiment,
        "complaint_types": types,
        "severity": severity,
        "abusive": abusive,
        "resolved": resolved and breach,
        "kind": _kind(sentiment, breach, p, cut),
    }


def _kind(sentiment: str, breach: bool, p: Mapping[str, float], cut: Mapping[str, float]) -> str:
    if breach:
        return "mixed" if sentiment in ("mixed", "positive") else "complaint"
    asks = [name for name in ("question", "suggestion") if p[name] >= cut[name]]
    if asks and sentiment != "positive":
        return max(asks, key=lambda name: p[name])
    if sentiment in ("positive", "mixed"):
        return "praise"
    return "other"
