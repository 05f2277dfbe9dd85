"""The shipped model beside an n-gram baseline trained on the same rows: `quality.py [--data DIR]`.

Baseline: tf-idf of words 1-2 and characters 2-5 (case and diacritics folded), logistic regression,
one model for all languages, as in ../shared/data/README.md. Both sides get temperatures and
thresholds in five folds over dev, so that no row is judged by a threshold that it helped to set.
Intervals: 95 % bootstrap over rows, 1,000 resamples.
"""

from __future__ import annotations

import argparse
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from reviewkit.text import fold
from reviewkit.training.card import bundle_logits, cross_fitted_labels, score_labels
from reviewkit.training.network import OUTPUTS
from reviewkit.training.prepare import collect, targets

METRICS = ("sentiment_macro_f1", "types_macro_f1", "types_micro_f1", "severity_qwk")


def baseline_logits(train: list[Any], dev: list[Any]) -> np.ndarray:
    """Fit the n-gram baseline and return its logits on dev, in the model's order of outputs."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    texts, seen = [fold(r.text) for r in train], [fold(r.text) for r in dev]
    counting = {"sublinear_tf": True, "min_df": 2}
    parts = (
        TfidfVectorizer(analyzer="word", ngram_range=(1, 2), **counting),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), max_features=300_000, **counting),
    )
    x = hstack([part.fit_transform(texts) for part in parts]).tocsr()
    z = hstack([part.transform(seen) for part in parts]).tocsr()
    labels, mask = targets(train)
    logits = np.full((len(dev), len(OUTPUTS)), -9.0, dtype=np.float32)
    reviews = np.array([not r.source.startswith("clauses") for r in train])
    known = (mask[:, 0] > 0) & reviews
    options = {"C": 10, "max_iter": 200, "class_weight": "balanced"}
    model = LogisticRegression(**options).fit(x[known], labels[known, :4].argmax(1))
    logits[:, :4] = model.decision_function(z)
    for column in range(4, len(OUTPUTS)):
        known = mask[:, column] > 0
        if labels[known, column].sum() < 5:
            continue
        model = LogisticRegression(**options)
        logits[:, column] = model.fit(x[known], labels[known, column]).decision_function(z)
    return logits


def interval(rows: list[Any], given: list[Any], metric: str, resamples: int) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of one metric."""
    rng = np.random.default_rng(0)
    values = []
    for _ in range(resamples):
        i = rng.integers(0, len(rows), len(rows))
        value = score_labels([rows[k] for k in i], [given[k] for k in i])[metric]
        if value is not None:
            values.append(value)
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Train the baseline, run the shipped model, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, default=Path("models/default"))
    parser.add_argument("--resamples", type=int, default=1000)
    args = parser.parse_args()
    text = resources.files("reviewkit.training").joinpath("recipe.toml").read_text("utf-8")
    corpus = collect(args.data, Path("models/data"), tomllib.loads(text))
    dev = corpus.dev
    ours = cross_fitted_labels(bundle_logits(args.model, [r.text for r in dev]), dev)
    base = cross_fitted_labels(baseline_logits([*corpus.train, *corpus.clauses], dev), dev)
    print(f"{'dev rows':9} {'n':>5}  " + "  ".join(f"{m:>34}" for m in METRICS))
    print(
        f"{'':9} {'':>5}  "
        + "  ".join(f"{'n-grams':>9} {'model':>6} {'95 %':>17}" for _ in METRICS)
    )
    for language in ("all", "ro", "ru", "no", "et"):
        chosen = [i for i, r in enumerate(dev) if language in ("all", r.language)]
        rows = [dev[i] for i in chosen]
        a = score_labels(rows, [base[i] for i in chosen])
        given = [ours[i] for i in chosen]
        b = score_labels(rows, given)
        cells = []
        for metric in METRICS:
            low, high = interval(rows, given, metric, args.resamples)
            cells.append(f"{a[metric]:>9.3f} {b[metric]:>6.3f}  [{low:>6.3f}, {high:>6.3f}]")
        print(f"{language:9} {len(rows):>5}  " + "  ".join(cells))


if __name__ == "__main__":
    main()
