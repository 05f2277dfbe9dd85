"""What the network reads: the model's view of a text, and its hashed n-grams.

Capitals and exclamation marks never change a label (codebook, section 3), so the model does not
see them. The n-grams go one step further and ignore diacritics too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reviewkit.text import fold, normalise

__all__ = ["BUCKETS", "model_text", "ngram_features"]

BUCKETS = 1 << 17  # rows of the n-gram table
MAX_LETTERS = 4000  # the n-grams of a longer text are those of its first letters
_CHAR_ORDERS = (2, 3, 4, 5)
_MARKS = re.compile(r"([!?])[!?]+")
_NON_WORD = re.compile(r"[^\w]+")

# Polynomial hashes modulo 2**64 of the prefixes; any substring's hash is a difference of two.
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_INVERSE = np.uint64(pow(int(_BASE), -1, 1 << 64))


def model_text(text: str) -> str:
    """Normalise, lower-case and cut runs of exclamation and question marks to the first."""
    return _MARKS.sub(r"\1", normalise(text).lower())


def _powers(base: np.uint64, n: int) -> NDArray[np.uint64]:
    out = np.full(n, base, dtype=np.uint64)
    out[0] = 1
    return np.multiply.accumulate(out)


def _buckets(hashes: NDArray[np.uint64], salt: int) -> NDArray[np.int32]:
    mixed = (hashes + np.uint64(salt)) * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _BASE
    return (mixed >> np.uint64(47)).astype(np.int32)  # the top 17 bits: 0 .. BUCKETS - 1


def _ids(text: str) -> NDArray[np.int32]:
    words = _NON_WORD.sub(" ", fold(text[:MAX_LETTERS])).strip()
    codes = np.frombuffer(f" {words} ".encode("utf-32-le", "replace"), dtype=np.uint32)
    n = len(codes)
    if n < 3:
        return np.zeros(0, dtype=np.int32)
    prefix = np.zeros(n + 1, dtype=np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * _powers(_BASE, n), out=prefix[1:])
    down = _powers(_INVERSE, n)
    found = [
        _buckets((prefix[k:] - prefix[:-k]) * down[: n + 1 - k], k) for k in _CHAR_ORDERS if n >= k
    ]
    blanks = np.flatnonzero(codes == 32)
    for length, salt in ((1, 101), (2, 102)):
        start, end = blanks[:-length] + 1, blanks[length:]
        if len(start):
            found.append(_buckets((prefix[end] - prefix[start]) * down[start], salt))
    return np.unique(np.concatenate(found))


def ngram_features(texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Hash the characters 2-5 and words 1-2 of each text into `BUCKETS` rows.

    Returns:
        ids: (batch, widest) bucket numbers, 0 where padded.
        weights: (batch, widest) 1 / sqrt(number of distinct n-grams), 0 where padded, so that
            each row has length 1 whatever the text's length.
    """
    rows = [_ids(text) for text in texts]
    widest = max(1, max((len(row) for row in rows), default=1))
    ids = np.zeros((len(rows), widest), dtype=np.int32)
    weights = np.zeros((len(rows), widest), dtype=np.float32)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        weights[i, : len(row)] = 1.0 / np.sqrt(max(1, len(row)))
    return ids, weights
