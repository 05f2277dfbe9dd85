"""Small changes that must not change a label: missing diacritics, typos, no punctuation."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping

__all__ = ["augment", "strip_diacritics"]

_STROKES = str.maketrans({"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae"})


def strip_diacritics(text: str) -> str:
    """`mâncarea` -> `mancarea`; the Cyrillic `й` stays."""
    text = text.replace("й", "\ue000").replace("Й", "\ue001")
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("\ue000", "й").replace("\ue001", "Й").translate(_STROKES)


def _typo(text: str, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(max(1, len(letters) // 60)):
        i = rng.randrange(len(letters))
        if not letters[i].isalpha():
            continue
        change = rng.randrange(3)
        if change == 0:
            letters[i] = ""
        elif change == 1:
            letters[i] *= 2
        elif i + 1 < len(letters) and letters[i + 1].isalpha():
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
    return "".join(letters)


def augment(text: str, rng: random.Random, chances: Mapping[str, float]) -> str:
    """Return the text with each change applied by its own chance."""
    if text and rng.random() < chances["typos"]:
        text = _typo(text, rng)
    if rng.random() < chances["no_diacritics"]:
        text = strip_diacritics(text)
    if rng.random() < chances["no_punctuation"]:
        text = "".join(" " if c in ".,;:!?" else c for c in text)
    return text
