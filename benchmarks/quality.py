"""The shipped model beside an n-gram baseline trained on the same rows: `quality.py [--data DIR]`.

Tables (choose with `--tables`):
  dev           our dev reviews by language, and the real and the written ones apart
  public        official test splits of public sentiment sets
  invariance    the same dev text without diacritics, in capitals, with a doubled exclamation mark
  quantisation  int8 as shipped against float32 (needs build/model/float.onnx of `make model`)
  evidence      whether the sentence named is the one that a composed review took its type from

Baseline: tf-idf of words 1-2 and characters 2-5 (case and diacritics folded), logistic regression,
one model for all languages, as in ../shared/data/README.md. Both sides get temperatures and
thresholds in five folds over dev, so that no row is judged by a threshold that it helped to set.
On a public set both sides get a logistic regression from their four sentiment logits to the set's
own labels, fitted on rows of its train (or dev) split; never on test.
Intervals: 95 % bootstrap over rows; differences are resampled in pairs.
"""

from __future__ import annotations

import argparse
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reviewkit.model.evidence import find_evidence
from reviewkit.text import fold
from reviewkit.training.augment import strip_diacritics
from reviewkit.training.compose import Composer
from reviewkit.training.corpus import key, titled
from reviewkit.training.network import OUTPUTS
from reviewkit.training.prepare import Corpus, collect, targets
from reviewkit.training.scores import (
    bundle_logits,
    calibration_error,
    cross_fit,
    score_labels,
    scores_by_language,
)

TABLES = ("dev", "public", "invariance", "quantisation", "evidence")
METRICS = ("sentiment_macro_f1", "types_macro_f1", "types_micro_f1", "severity_qwk")
PUBLIC = {  # name -> language, where the decision is fitted, what is tested, metric
    "norec_sentence": ("no", "train", "test", "macro_f1"),
    "laroseda": ("ro", "train", "test", "accuracy"),
    "red_v2_dev_test": ("ro", "dev", "test", "macro_f1"),
    "rusentiment_vk": ("ru", "train_random", "test", "macro_f1"),
    "rusentitweet": ("ru", "train", "test", "macro_f1"),
    "sentirueval2015_reviews": ("ru", "train", "test", "macro_f1"),
}


class Baseline:
    """The n-gram baseline; `logits` come in the model's order of outputs."""

    def __init__(self, corpus: Corpus) -> None:
        """Fit on the model's own training rows: reviews and clauses, sentiment also on public."""
        from scipy.sparse import hstack
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        rows = [*corpus.train, *corpus.clauses, *corpus.public]
        texts = [fold(row.text) for row in rows]
        counting = {"sublinear_tf": True, "min_df": 2}
        self.parts = (
            TfidfVectorizer(analyzer="word", ngram_range=(1, 2), **counting),
            TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 5), max_features=300_000, **counting
            ),
        )
        x = hstack([part.fit_transform(texts) for part in self.parts]).tocsr()
        labels, mask = targets(rows)
        weight = np.array([row.weight for row in rows])
        self.models: dict[int, Any] = {}
        options = {"C": 10, "max_iter": 200, "class_weight": "balanced"}
        known = mask[:, 0] > 0
        known &= np.array([not row.source.startswith("clauses") for row in rows])
        self.sentiment = LogisticRegression(**options).fit(
            x[known], labels[known, :4].argmax(1), sample_weight=weight[known]
        )
        for column in range(4, len(OUTPUTS)):
            known = mask[:, column] > 0
            if labels[known, column].sum() >= 5:
                self.models[column] = LogisticRegression(**options).fit(
                    x[known], labels[known, column]
                )

    def logits(self, texts: list[str]) -> np.ndarray:
        """Return logits (texts, outputs)."""
        from scipy.sparse import hstack

        seen = [fold(text) for text in texts]
        z = hstack([part.transform(seen) for part in self.parts]).tocsr()
        out = np.full((len(texts), len(OUTPUTS)), -9.0, dtype=np.float32)
        out[:, :4] = self.sentiment.decision_function(z)
        for column, model in self.models.items():
            out[:, column] = model.decision_function(z)
        return out


def interval(count: int, metric: Any, resamples: int) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of `metric(positions)`."""
    rng = np.random.default_rng(0)
    values = [metric(rng.integers(0, count, count)) for _ in range(resamples)]
    low, high = np.quantile([v for v in values if v is not None], [0.025, 0.975])
    return float(low), float(high)


def dev_table(corpus: Corpus, model: Path, base: Baseline, resamples: int) -> None:
    """Print the scores on dev: n-grams, model, interval of the model."""
    dev = corpus.dev
    texts = [row.text for row in dev]
    ours, theirs = cross_fit(bundle_logits(model, texts), dev), cross_fit(base.logits(texts), dev)
    print("\n## dev: n-grams -> model [95 %]")
    print(f"{'rows':14} {'n':>5}  " + "  ".join(f"{m:>31}" for m in METRICS))
    groups = {
        "all": [i for i, r in enumerate(dev) if r.language != "en"],
        **{k: [i for i, r in enumerate(dev) if r.language == k] for k in ("ro", "ru", "no", "et")},
        "en": [i for i, r in enumerate(dev) if r.language == "en"],
    }
    for kind in ("annotated", "authored"):
        for language in ("ro", "ru", "no", "et"):
            groups[f"{kind[:9]} {language}"] = [
                i for i, r in enumerate(dev) if r.source.startswith(kind) and r.language == language
            ]
    for name, chosen in groups.items():
        if not chosen:
            continue
        rows = [dev[i] for i in chosen]
        given = ours.take(chosen).labels
        a, b = score_labels(rows, theirs.take(chosen).labels), score_labels(rows, given)
        cells = []
        for metric in METRICS:

            def resampled(
                at: np.ndarray, metric: str = metric, rows: Any = rows, given: Any = given
            ) -> Any:
                return score_labels([rows[i] for i in at], [given[i] for i in at])[metric]

            low, high = interval(len(rows), resampled, resamples)
            cells.append(f"{a[metric]:.3f} -> {b[metric]:.3f} [{low:.3f}, {high:.3f}]")
        print(f"{name:14} {len(rows):>5}  " + "  ".join(f"{c:>31}" for c in cells))
    print("\n## dev: flags and calibration, n-grams -> model")
    columns = ("abusive_f1", "resolved_f1", "sentiment_ece", "types_ece")
    print(f"{'rows':6} " + " ".join(f"{c:>16}" for c in columns))
    a_all, b_all = scores_by_language(dev, theirs), scores_by_language(dev, ours)
    for name in b_all:
        cells = [f"{_cell(a_all[name][c])} -> {_cell(b_all[name][c])}" for c in columns]
        print(f"{name:6} " + " ".join(f"{c:>16}" for c in cells))


def _cell(value: float | None) -> str:
    return "    -" if value is None else f"{value:.3f}"


def public_rows(data: Path, name: str, language: str, split: str) -> tuple[list[str], np.ndarray]:
    """Return texts and labels of one split; NoReC's three-class rows only, as NorBench has them."""
    frame = pd.read_parquet(data / "labelled" / language / f"{name}.parquet")
    frame = frame[(frame["split"] == split) & frame["label"].notna()]
    if name == "norec_sentence":
        frame = frame[frame["aspects"].str.contains('"in_3class": true')]
    if name != "sentirueval2015_reviews":
        frame = frame[frame["label"] != "mixed"]
    texts = [titled(t, x) for t, x in zip(frame["title"], frame["text"], strict=True)]
    return texts, frame["label"].to_numpy(dtype=object)


def public_table(data: Path, corpus: Corpus, model: Path, base: Baseline, resamples: int) -> None:
    """Print sentiment on official test splits, both sides with a decision fitted elsewhere."""
    print("\n## public test splits: n-grams -> model; difference [95 %]")
    for name, (language, fit, test, metric) in PUBLIC.items():
        x, y = public_rows(data, name, language, fit)
        chosen = np.random.default_rng(0).permutation(len(x))[:1500]
        x, y = [x[i] for i in chosen], y[chosen]
        seen, truth = public_rows(data, name, language, test)
        _public_line(name, (x, y), (seen, truth), metric, model, base, resamples)
    # hinnavaatlus has no split: its dev rows are those that were annotated as dev
    frame = pd.read_parquet(data / "labelled" / "et" / "hinnavaatlus.parquet")
    frame = frame[frame["label"].isin(["positive", "negative"])]
    held = {key(row.text) for row in corpus.dev}
    is_dev = np.array([key(text) in held for text in frame["text"]])
    texts, labels = frame["text"].to_numpy(dtype=object), frame["label"].to_numpy(dtype=object)
    _public_line(
        "hinnavaatlus pos/neg",
        (list(texts[~is_dev]), labels[~is_dev]),
        (list(texts[is_dev]), labels[is_dev]),
        "macro_f1",
        model,
        base,
        resamples,
    )


def _public_line(
    name: str,
    fit: tuple[list[str], np.ndarray],
    test: tuple[list[str], np.ndarray],
    metric: str,
    model: Path,
    base: Baseline,
    resamples: int,
) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import accuracy_score, f1_score

    def score(truth: np.ndarray, given: np.ndarray) -> float:
        if metric == "accuracy":
            return float(accuracy_score(truth, given))
        return float(f1_score(truth, given, average="macro"))

    given = {}
    for side, logits in (("base", base.logits), ("ours", lambda t: bundle_logits(model, t))):
        decide = LogisticRegression(class_weight="balanced" if metric == "macro_f1" else None)
        decide.fit(logits(fit[0])[:, :4], fit[1])
        given[side] = decide.predict(logits(test[0])[:, :4])
    truth = test[1]
    a, b = score(truth, given["base"]), score(truth, given["ours"])
    low, high = interval(
        len(truth),
        lambda at: score(truth[at], given["ours"][at]) - score(truth[at], given["base"][at]),
        resamples,
    )
    print(
        f"{name:26} n {len(truth):>5}  {metric:9} {a:.3f} -> {b:.3f}; {b - a:+.3f} "
        f"[{low:+.3f}, {high:+.3f}]"
    )


def invariance_table(corpus: Corpus, model: Path) -> None:
    """Print the share of dev rows that keep their labels under changes that must not matter."""
    from reviewkit import ReviewAnalyzer

    changes = {
        "no diacritics": strip_diacritics,
        "capitals": str.upper,
        "doubled !": lambda text: text.replace("!", "!!") if "!" in text else f"{text}!!",
    }
    print("\n## invariance: share of dev rows with the same sentiment, the same types")
    for language in ("ro", "ru", "no", "et", "en"):
        texts = [row.text for row in corpus.dev if row.language == language]
        if not texts:
            continue
        analyzer = ReviewAnalyzer(model, language=language)
        plain = analyzer.analyze(texts)
        cells = []
        for name, change in changes.items():
            moved = analyzer.analyze([change(text) for text in texts])
            pairs = list(zip(plain, moved, strict=True))
            same = np.mean([a.sentiment == b.sentiment for a, b in pairs])
            types = np.mean([a.complaint_types == b.complaint_types for a, b in pairs])
            cells.append(f"{name} {same:.1%} {types:.1%}")
        print(f"{language}  n {len(texts):>4}  " + "   ".join(cells))


def quantisation_table(corpus: Corpus, model: Path, exact: Path) -> None:
    """Print dev scores of the int8 graph and of the float32 graph that it was made from."""
    import shutil
    import tempfile

    print("\n## int8 as shipped against float32, dev")
    if not exact.exists():
        print(f"{exact} is missing: run `make model`")
        return
    from reviewkit.training.bundle import write_manifest

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        shutil.copyfile(exact, target / "model.onnx")
        shutil.copyfile(model / "tokenizer.json", target / "tokenizer.json")
        write_manifest(
            target, {"temperatures": {}, "thresholds": {}, "name": "float", "version": "0"}
        )
        dev = [row for row in corpus.dev if row.language != "en"]
        texts = [row.text for row in dev]
        for name, at in (("int8", model), ("float32", target)):
            fitted = cross_fit(bundle_logits(at, texts), dev)
            row = score_labels(dev, fitted.labels) | calibration_error(fitted.probabilities, dev)
            print(f"{name:8} " + "  ".join(f"{k} {_cell(v)}" for k, v in row.items() if k != "n"))


def evidence_table(corpus: Corpus, model: Path) -> None:
    """Print how often the sentence named holds the clause, on composed dev clauses."""
    from reviewkit.model.classifier import BundleClassifier

    classifier = BundleClassifier(model)
    rows = [row for row in Composer(corpus.dev_clauses, 1).compose(1500) if row.types]
    print("\n## evidence: the sentence named holds the composed clause (types given)")
    for language in ("ro", "ru", "no", "et", "en"):
        right = total = sentences = 0
        for row in (r for r in rows if r.language == language):
            found = find_evidence(classifier, row.text, language, row.types or ())
            for name, span in found.items():
                middle = len(row.extra[name]) // 2
                at = row.text.lower().find(row.extra[name][1:-1].lower())
                right += span.start <= at - 1 + middle < span.end
                total += 1
                sentences += row.text.count(". ") + 1
        if total:
            print(f"{language}  {right / total:.3f} of {total} (by chance {total / sentences:.2f})")


def main() -> None:
    """Print the chosen tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, default=Path("models/default"))
    parser.add_argument("--float", type=Path, default=Path("build/model/float.onnx"))
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--tables", default=",".join(TABLES), help="some of: " + ", ".join(TABLES))
    args = parser.parse_args()
    chosen = args.tables.split(",")
    if unknown := set(chosen) - set(TABLES):
        parser.error(f"unknown tables {sorted(unknown)}; choose from {', '.join(TABLES)}")
    text = resources.files("reviewkit.training").joinpath("recipe.toml").read_text("utf-8")
    corpus = collect(args.data, Path("models/data"), tomllib.loads(text))
    if {"dev", "public"} & set(chosen):
        base = Baseline(corpus)
    if "dev" in chosen:
        dev_table(corpus, args.model, base, args.resamples)
    if "public" in chosen:
        public_table(args.data, corpus, args.model, base, args.resamples)
    if "invariance" in chosen:
        invariance_table(corpus, args.model)
    if "quantisation" in chosen:
        quantisation_table(corpus, args.model, args.float)
    if "evidence" in chosen:
        evidence_table(corpus, args.model)


if __name__ == "__main__":
    main()
