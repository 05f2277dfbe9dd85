"""Rows to learn from: our reviews, annotated real ones, clauses and public sentiment sets."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reviewkit.errors import DataError
from reviewkit.results import COMPLAINT_TYPES, SENTIMENTS

__all__ = ["Example", "load_clauses", "load_public", "load_reviews", "text_digest", "titled"]

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


def load_reviews(
    data: Path, own: Path, languages: Iterable[str] = ("ro", "ru", "no", "et", "en")
) -> list[Example]:
    """Load our own reviews and the annotated real ones with all their labels, both splits.

    Args:
        data: the data folder (`authored/`, `annotated/`, `labelled/`).
        own: the project's own rows: `reviews_*.jsonl`, and `labels_*.jsonl`, which hold our labels
            of third-party texts by id; their texts are looked up in `data/labelled`.
        languages: which ones.
    """
    examples: list[Example] = []
    for folder in ("authored", "annotated"):
        _need(data / folder)
    for language in languages:
        for path, name in (
            (data / "authored" / f"{language}.jsonl", "authored"),
            (data / "authored" / f"{language}_b.jsonl", "authored"),
            (own / f"reviews_{language}.jsonl", "authored"),
            (data / "annotated" / f"{language}_real.jsonl", "annotated"),
            (data / "annotated" / f"{language}_real_b.jsonl", "annotated"),
        ):
            if path.exists():
                rows = _jsonl(path)
                examples.extend(_review(r, r["text"], f"{name}/{path.stem}") for r in rows)
        path = own / f"labels_{language}.jsonl"
        if path.exists():
            labels = list(_jsonl(path))
            texts = _texts(data / "labelled" / language, labels)
            examples.extend(
                _review(r, texts[r["id"]], f"annotated/{path.stem}")
                for r in labels
                if r["id"] in texts
            )
    return examples


def _review(row: Mapping[str, Any], text: str, source: str) -> Example:
    return Example(
        text=text,
        language=row["lang"],
        source=source,
        split=row["split"],
        sentiment=row["sentiment"],
        types=tuple(row["types"]),
        severity=row["severity"],
        abusive=row["abusive"],
        resolved=row["resolved"],
        weight=0.7 if row.get("confidence") == "low" else 1.0,
        id=row["id"],
    )


def text_digest(text: str) -> str:
    """Return what a stand-off label remembers of its text: 12 digits of the SHA-256 of its key."""
    return hashlib.sha256(key(text).encode()).hexdigest()[:12]


def _texts(folder: Path, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Look up the texts of stand-off labels; a text that has changed is an error."""
    import pandas as pd

    wanted: dict[str, dict[str, str]] = {}
    for label in rows:
        name, _, _ = label["id"].partition(":")
        wanted.setdefault(name, {})[label["id"]] = label["text_sha256"]
    found = {}
    for name, digests in wanted.items():
        path = folder / f"{name}.parquet"
        if not path.exists():
            continue  # a licence may keep a set away; its labels then train nothing
        frame = pd.read_parquet(path, columns=["id", "title", "text"])
        for row in list[Any](frame.itertuples()):
            full = row.id if str(row.id).startswith(f"{name}:") else f"{name}:{row.id}"
            if full in digests:
                text = titled(row.title, row.text)
                if text_digest(text) != digests[full]:
                    raise DataError(f"{path}: the text of {full} is not the one that was labelled.")
                found[full] = text
    return found


def titled(title: Any, text: str) -> str:
    """Return title and text as one review; a title that is missing is left out."""
    return f"{title}\n{text}" if isinstance(title, str) and title else text


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
                text = titled(row.title, row.text)
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
