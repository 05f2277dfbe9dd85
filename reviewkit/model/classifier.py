"""The inference loop: duplicates once, length-sorted batches of like size, long texts in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewkit.model.bundle import Bundle, load_bundle
from reviewkit.model.chunks import chunk_text
from reviewkit.model.decode import Scores, decode, labels, merge_chunks
from reviewkit.model.engine import OnnxEngine
from reviewkit.model.inputs import model_text, ngram_features

__all__ = ["BundleClassifier"]

_PAD = 1
_BATCH_TOKENS = 1024  # padded tokens of a batch: bounds memory, and larger ones miss the cache
_SPARE = 8  # a chunk is cut from sentences tokenised alone, which may give a few tokens more


@dataclass(frozen=True, slots=True)
class _Piece:
    owner: int
    text: str
    ids: list[int]


class BundleClassifier:
    """Scores texts with a reviewkit bundle; immutable and safe to share between threads."""

    def __init__(self, model: str | Path = "default", *, threads: int | None = None) -> None:
        """Load and verify the bundle, open the engine.

        Raises:
            OptionError: no bundle of this name.
            BundleError: the bundle is incomplete or damaged.
        """
        from tokenizers import Tokenizer

        self.bundle: Bundle = load_bundle(model)
        self._tokenizer: Any = Tokenizer.from_file(str(self.bundle.folder / "tokenizer.json"))
        self._lock = Lock()  # a tokenizer must not be entered twice
        self._engine = OnnxEngine(self.bundle.folder / "model.onnx", threads=threads)

    @property
    def name(self) -> str:
        """Identity of the weights, as written into results."""
        return self.bundle.id

    def score(self, texts: Sequence[str], languages: Sequence[str]) -> list[Scores]:
        """Score normalised texts; the language chooses temperatures and thresholds."""
        unique: dict[tuple[str, str], int] = {}
        place = [
            unique.setdefault((text, language), len(unique))
            for text, language in zip(texts, languages, strict=True)
        ]
        keys = list(unique)
        pieces: list[_Piece] = []
        counts: list[tuple[int, bool]] = []
        for owner, (text, _) in enumerate(keys):
            parts, n_tokens, truncated = self._pieces(owner, text)
            pieces.extend(parts)
            counts.append((n_tokens, truncated))
        logits = self._run(pieces)
        scores = []
        at = 0
        for owner, (_, language) in enumerate(keys):
            end = at
            while end < len(pieces) and pieces[end].owner == owner:
                end += 1
            probabilities = decode(self.bundle, logits[at:end], language)
            n_tokens, truncated = counts[owner]
            merged = merge_chunks(probabilities)
            scores.append(Scores(merged, n_tokens, end - at, truncated))
            at = end
        return [scores[i] for i in place]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return raw logits (texts, outputs); of a long text those of its first chunk."""
        firsts = [self._pieces(i, text)[0][:1] for i, text in enumerate(texts)]
        return self._run([piece for first in firsts for piece in first])

    def labels(self, scores: Scores, language: str) -> dict[str, Any]:
        """Return sentiment, complaint_types, severity, abusive, resolved and kind."""
        return labels(self.bundle, scores, language)

    def _pieces(self, owner: int, text: str) -> tuple[list[_Piece], int, bool]:
        seen = model_text(text)
        ids = self._encode([seen])[0]
        limit = self.bundle.chunk_tokens
        if len(ids) <= limit:
            return [_Piece(owner, seen, ids)], len(ids), False
        with self._lock:
            chunks = chunk_text(seen, self._tokenizer, limit - _SPARE)
        truncated = len(chunks) > self.bundle.max_chunks
        chunks = chunks[: self.bundle.max_chunks]
        return (
            [_Piece(owner, c, i) for c, i in zip(chunks, self._encode(chunks), strict=True)],
            len(ids),
            truncated,
        )

    def _encode(self, texts: list[str]) -> list[list[int]]:
        with self._lock:
            return [e.ids for e in self._tokenizer.encode_batch_fast(texts)]

    def _run(self, pieces: Sequence[_Piece]) -> NDArray[np.float32]:
        logits = np.zeros((len(pieces), len(self.bundle.outputs)), dtype=np.float32)
        for batch in _batches(pieces):
            width = max(len(pieces[i].ids) for i in batch)
            ids = np.full((len(batch), width), _PAD, dtype=np.int64)
            mask = np.zeros((len(batch), width), dtype=np.int64)
            for row, i in enumerate(batch):
                ids[row, : len(pieces[i].ids)] = pieces[i].ids
                mask[row, : len(pieces[i].ids)] = 1
            ngrams, weights = ngram_features([pieces[i].text for i in batch])
            logits[batch] = self._engine.run(ids, mask, ngrams, weights)
        return logits


def _batches(pieces: Sequence[_Piece]) -> Iterator[list[int]]:
    """Yield positions, shortest texts first, at most `_BATCH_TOKENS` padded tokens each."""
    order = sorted(range(len(pieces)), key=lambda i: len(pieces[i].ids))
    batch: list[int] = []
    for i in order:
        if batch and len(pieces[i].ids) * (len(batch) + 1) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
