"""What the bundle scores on dev, where its rows come from, and the model card that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewkit.model.bundle import Bundle
from reviewkit.model.classifier import BundleClassifier
from reviewkit.model.decode import Scores, labels
from reviewkit.results import COMPLAINT_TYPES
from reviewkit.training.calibrate import probabilities, temperatures, thresholds
from reviewkit.training.corpus import Example
from reviewkit.training.network import OUTPUTS

__all__ = [
    "bundle_logits",
    "cross_fitted_labels",
    "cross_fitted_scores",
    "score_labels",
    "sources",
    "write_card",
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


def cross_fitted_labels(
    logits: NDArray[np.float32], rows: Sequence[Example], folds: int = 5
) -> list[dict[str, Any]]:
    """Label dev so that no row is judged by a temperature or threshold that it helped to set."""
    given: list[dict[str, Any]] = [{} for _ in rows]
    fold = np.arange(len(rows)) % folds
    for k in range(folds):
        fit = [i for i in range(len(rows)) if fold[i] != k]
        fit_rows = [rows[i] for i in fit]
        warm = temperatures(logits[fit], fit_rows)
        cuts = thresholds(probabilities(logits[fit], fit_rows, warm), fit_rows)
        bundle = Bundle(Path(), "", "", OUTPUTS, warm, {"*": cuts}, 0, 0, {})
        held = [i for i in range(len(rows)) if fold[i] == k]
        p = probabilities(logits[held], [rows[i] for i in held], warm)
        for row, i in zip(p, held, strict=True):
            named = Scores(dict(zip(OUTPUTS, map(float, row), strict=True)), 0, 1, False)
            given[i] = labels(bundle, named, rows[i].language)
    return given


def cross_fitted_scores(
    logits: NDArray[np.float32], rows: Sequence[Example]
) -> dict[str, dict[str, Any]]:
    """Score the cross-fitted labels: language (and `all`) -> metrics."""
    given = cross_fitted_labels(logits, rows)
    scores = {"all": score_labels(rows, given)}
    for language in sorted({row.language for row in rows}):
        chosen = [i for i, row in enumerate(rows) if row.language == language]
        scores[language] = score_labels([rows[i] for i in chosen], [given[i] for i in chosen])
    return scores


def sources(data: Path, recipe: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what the weights were trained on, set by set, with licence."""
    import pandas as pd

    out = [
        {"name": "multilingual-e5-small (backbone)", "licence": "MIT"},
        {"name": "reviewkit reviews and clauses, ro ru no et en", "licence": "MIT (ours)"},
        {
            "name": "reviewkit labels on real reviews (hinnavaatlus, LaRoSeDa, Russian sets)",
            "licence": "labels ours; texts as their sets",
        },
    ]
    for name, options in recipe["public"].items():
        path = data / "labelled" / options["language"] / f"{name}.parquet"
        licences = pd.read_parquet(path, columns=["license"])["license"].unique()
        out.append({"name": name, "licence": "; ".join(sorted(map(str, licences)))})
    return out


def write_card(
    folder: Path,
    values: Mapping[str, Any],
    curve: Sequence[Mapping[str, Any]],
    mixed: Mapping[str, tuple[float, float]],
) -> None:
    """Write `card.md` from its template and the numbers of this run."""
    template = resources.files("reviewkit.training").joinpath("card.md").read_text("utf-8")
    head = (
        "n",
        "sentiment_macro_f1",
        "types_macro_f1",
        "types_micro_f1",
        "severity_qwk",
        "abusive_f1",
        "resolved_f1",
    )
    table = "\n".join(
        f"| {language} | " + " | ".join(_cell(row[name]) for name in head) + " |"
        for language, row in values["scores"]["dev"].items()
    )
    passes = "\n".join(
        f"| {line['after_pass']} | {line['sentiment']:.3f} | {line['types']:.3f} | "
        f"{line['severity_qwk']:.3f} |"
        for line in curve
    )
    listed = "\n".join(f"| {s['name']} | {s['licence']} |" for s in values["sources"])
    weights = ", ".join(f"{head} {a:.2f} / {b:.2f}" for head, (a, b) in mixed.items())
    text = (
        template.replace("{{scores}}", table)
        .replace("{{curve}}", passes)
        .replace("{{sources}}", listed)
        .replace("{{mixed}}", weights)
    )
    (folder / "card.md").write_text(text, encoding="utf-8")


def _cell(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
