"""Rows to learn from: our reviews, annotated real ones, clauses and public sentiment sets."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reviewkit.errors import DataError
from reviewkit.results import COMPLAINT_TYPES, SENTIMENTS

__all__ = ["Example", "load_clauses", "load_public", "load_reviews"]

# What a single clause says on its own: (sentiment, resolved, abusive, question, suggestion).
# None is not known from the clause alone and trains nothing.
_CLAUSES: Mapping[str, dict[str, Any]] = {
    "praise": {"sentiment": "positive"},
    "neutral": {"sentiment": "neutral"},
    "question": {"sentiment": "neutral", "question": True},
    "suggestion": {"sentiment": "neutral", "suggestion": True},
    "hard_negative": {"sentiment": None},
    "resolved": {"sentiment": None, "resolved": True, "severity": None},
    "abusive": {"sentiment": "negative", "abusive": True},
    "unspecified": {"sentiment": "negative"},
    "churn": {"sentiment": "negative"},
}


@dataclass(frozen=True, slots=True)
class Example:
    """One row; a label that is None trains no head.

    Attributes:
        weight: how far the row's labels are trusted, 0 to 1.
        source: the file or data set it comes from.
    """

    text: str
    language: str
    source: str
    split: str = "train"
    sentiment: str | None = None
    types: tuple[str, ...] | None = None
    severity: int | None = None
    abusive: bool | None = None
    resolved: bool | None = None
    question: bool | None = None
    suggestion: bool | None = None
    weight: float = 1.0
    id: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


def _jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _need(path: Path) -> Path:
    if not path.exists():
        raise DataError(f"{path} does not exist. Pass the data folder with --data.")
    return path


def load_reviews(data: Path, languages: Iterable[str] = ("ro", "ru", "no", "et")) -> list[Example]:
    """Load our own and the annotated real reviews with all their labels, both splits."""
    examples = []
    for folder, patterns in (("authored", ("", "_b")), ("annotated", ("_real", "_real_b"))):
        for language in languages:
            for pattern in patterns:
                path = _need(data / folder) / f"{language}{pattern}.jsonl"
                if not path.exists():
                    continue
                for row in _jsonl(path):
                    examples.append(
                        Example(
                            text=row["text"],
                            language=language,
                            source=f"{folder}/{path.stem}",
                            split=row["split"],
                            sentiment=row["sentiment"],
                            types=tuple(row["types"]),
                            severity=row["severity"],
                            abusive=row["abusive"],
                            resolved=row["resolved"],
                            weight=0.7 if row.get("confidence") == "low" else 1.0,
                            id=row["id"],
                        )
                    )
    return examples


def load_clauses(*folders: Path) -> list[Example]:
    """Load the clause banks `clauses_*.jsonl`; `extra["label"]` keeps a clause's role."""
    examples = []
    for folder in folders:
        for path in sorted(_need(folder).glob("clauses_*.jsonl")):
            for row in _jsonl(path):
                label = row["label"]
                is_type = label in COMPLAINT_TYPES
                known: dict[str, Any] = {
                    "sentiment": "negative",
                    "severity": row["severity"],
                    "abusive": False,
                    "resolved": False if is_type else None,
                    "question": False,
                    "suggestion": False,
                    **({} if is_type else _CLAUSES[label]),
                }
                examples.append(
                    Example(
                        text=row["text"],
                        language=row["lang"],
                        source=f"clauses/{path.stem}",
                        split=row["split"],
                        types=(label,) if is_type else (),
                        id=row["id"],
                        extra={
                            "label": label,
                            "domain": row["domain"],
                            "variety": row.get("variety", ""),
                        },
                        **known,
                    )
                )
    return examples


def load_public(
    data: Path, sets: Mapping[str, Mapping[str, Any]], exclude: set[str], seed: int
) -> list[Example]:
    """Load the public sentiment sets of the recipe, train splits only.

    Args:
        data: the data folder.
        sets: set name -> `{"language", "rows", "weight", "splits"?}`; at most `rows` rows per
            label are kept, so that the classes are even.
        exclude: normalised texts that must not be trained on (dev and test rows elsewhere).
        seed: of the sampling.
    """
    import pandas as pd

    rng = random.Random(seed)
    examples = []
    for name, options in sets.items():
        path = _need(data / "labelled" / options["language"] / f"{name}.parquet")
        frame = pd.read_parquet(path)
        allowed = options.get("splits")
        if allowed:
            frame = frame[frame["split"].isin(allowed)]
        frame = frame[frame["label"].isin(SENTIMENTS)]
        for label, group in frame.groupby("label"):
            rows: list[Any] = list(group.itertuples())
            rng.shuffle(rows)
            kept = 0
            for row in rows:
                title = row.title if isinstance(row.title, str) else ""
                text = f"{title}\n{row.text}" if title else row.text
                if kept == options["rows"]:
                    break
                if key(text) in exclude or key(row.text) in exclude:
                    continue
                kept += 1
                examples.append(
                    Example(
                        text=text,
                        language=options["language"],
                        source=f"public/{name}",
                        sentiment=str(label),
                        weight=options["weight"],
                        id=str(row.id),
                    )
                )
    return examples


def key(text: str) -> str:
    """Return the letters and digits of a text, for finding the same row in two sets."""
    return "".join(c for c in text.lower() if c.isalnum())[:200]
