"""The built-in detector: a linear model over hashed n-grams of words, in one int8 table a script.

Scores are sums of integers, so an answer does not depend on the texts beside it, on the order of
the summation or on the machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from reviewkit.errors import BundleError
from reviewkit.language.features import (
    CYRILLIC,
    FAR_SCRIPTS,
    GRAMS,
    LATIN,
    Int,
    Words,
    gate,
    hash_words,
    unique,
)
from reviewkit.results import LanguageGuess

__all__ = ["BuiltinDetector", "Table", "category"]

SCRIPTS: Final = {"latin": LATIN, "cyrillic": CYRILLIC}
_BATCH: Final = 2_048
_SUPPORTED: Final = {"ro": "ro", "ru": "ru", "nb": "no", "nn": "no", "et": "et", "en": "en"}
_UNDECIDED: Final = LanguageGuess("und", 0.0)


def category(label: str) -> str:
    """Return the language that a label of the table counts for: `ro ru no et en other`."""
    return _SUPPORTED.get(label, "other")


class Sums(NamedTuple):
    """Evidence for each label in some texts.

    Attributes:
        text: index of each text.
        scores: sums of the weights, shape (texts, labels).
        letters: letters judged in each text.
    """

    text: Int
    scores: Int
    letters: Int


@dataclass(frozen=True)
class Table:
    """The weights of one script.

    Attributes:
        labels: ISO 639-1 codes, and `other`, one a column.
        weights: int8, shape (2 ** bits, labels); row 0 is for no n-gram and holds zeros.
        scale: one step of a weight in units of log-odds.
        bias: log prior of each label, shape (labels,).
        temperature: a, b of the divisor of the log-odds `a * n ** b`, n the number of letters.
    """

    labels: tuple[str, ...]
    weights: npt.NDArray[np.int8]
    scale: float
    bias: npt.NDArray[np.float64]
    temperature: tuple[float, float]

    def sums(self, words: Words) -> Sums:
        """Return the sum of the weights of each text that has words."""
        first = np.concatenate(([0], (words.text[1:] != words.text[:-1]).nonzero()[0] + 1))
        letters = np.add.reduceat(words.lengths, first)
        if len(first) == 1:
            return Sums(words.text[first], self._total(words, first), letters)
        different, which = unique(words)  # most words of a batch occur more than once
        per_word = self._total(different, different.starts - 1)[which]
        return Sums(words.text[first], np.add.reduceat(per_word, first, axis=0), letters)

    def _total(self, words: Words, rows: Int) -> Int:
        bits = self.weights.shape[0].bit_length() - 1
        found = self.weights.take(hash_words(words, bits).ravel(), axis=0)
        return np.add.reduceat(found, rows * GRAMS, axis=0, dtype=np.int64)

    def probabilities(self, sums: Sums) -> npt.NDArray[np.float64]:
        """Return the probability of each label in each text, shape (texts, labels)."""
        a, b = self.temperature
        divisor = a * sums.letters.astype(np.float64) ** b
        logits = (sums.scores * self.scale + self.bias) / divisor[:, None]
        odds: npt.NDArray[np.float64] = np.exp(logits - logits.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        return odds


class BuiltinDetector:
    """`ro ru no(nb/nn) et en`, `other` with its best guess, `und` where there is no letter.

    Args:
        folder: holds `manifest.json` and the tables; default the shipped `models/language`.

    Raises:
        BundleError: a file is missing, damaged or does not fit the manifest.
    """

    name = "builtin"

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            from reviewkit.model.locate import models_dir

            folder = models_dir() / "language"
        self._tables = {SCRIPTS[name]: table for name, table in load_tables(folder).items()}

    def detect(self, texts: Sequence[str]) -> list[LanguageGuess]:
        """Judge each text on its own; never raises on a string, thread-safe."""
        guesses: list[LanguageGuess] = []
        for start in range(0, len(texts), _BATCH):
            guesses += self._detect(texts[start : start + _BATCH])
        return guesses

    def _detect(self, texts: Sequence[str]) -> list[LanguageGuess]:
        scripts, found = gate(texts)
        guesses = [_UNDECIDED] * len(texts)
        for script, words in found.items():
            table = self._tables[script]
            sums = table.sums(words)
            rows = table.probabilities(sums).tolist()
            for i, row in zip(sums.text.tolist(), rows, strict=True):
                guesses[i] = _decide(table.labels, row)
        for i in np.flatnonzero(scripts > CYRILLIC).tolist():
            code = FAR_SCRIPTS[int(scripts[i]) - CYRILLIC - 1][0]
            guesses[i] = LanguageGuess("other", 1.0, None, code)
        return guesses


def _decide(labels: Sequence[str], row: Sequence[float]) -> LanguageGuess:
    mass: dict[str, float] = {}
    best: dict[str, tuple[float, str]] = {}
    for label, p in zip(labels, row, strict=True):
        language = _SUPPORTED.get(label, "other")
        mass[language] = mass.get(language, 0.0) + p
        if language not in best or p > best[language][0]:
            best[language] = (p, label)
    language = max(mass, key=mass.__getitem__)
    guess = best[language][1]
    confidence = round(min(mass[language], 1.0), 4)
    if language == "no":
        return LanguageGuess("no", confidence, guess, "no")
    return LanguageGuess(language, confidence, None, guess)


def load_tables(folder: Path) -> dict[str, Table]:
    """Read the tables of a folder, checksums verified.

    Raises:
        BundleError: a file is missing, damaged or does not fit the manifest.
    """
    path = folder / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
        tables = {
            name: Table(
                labels=tuple(entry["labels"]),
                weights=_weights(folder / entry["file"], entry),
                scale=float(entry["scale"]),
                bias=np.array(entry["bias"], np.float64),
                temperature=(float(entry["temperature"][0]), float(entry["temperature"][1])),
            )
            for name, entry in manifest["tables"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(
            f"The language model in {folder} cannot be read "
            f"({type(error).__name__}: {error}). Install the package again."
        ) from error
    if set(tables) != set(SCRIPTS):
        raise BundleError(f"{path}: tables must be {sorted(SCRIPTS)}, not {sorted(tables)}.")
    return tables


def _weights(path: Path, entry: dict[str, Any]) -> npt.NDArray[np.int8]:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise BundleError(f"{path} is damaged: its checksum is not the manifest's.")
    return np.frombuffer(content, np.int8).reshape(2 ** int(entry["bits"]), len(entry["labels"]))
