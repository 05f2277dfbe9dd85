"""Text to hashed character n-grams, a whole batch at once.

A text becomes lower-case words of letters of its main script (the script gate); a word becomes the
hashes of its 1- to 5-grams, where a boundary mark counts as a character, and of itself. No feature
crosses a word, so the score of a text is the sum over its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["FAR_SCRIPTS", "GRAMS", "Int", "Words", "clean", "gate", "hash_words", "unique"]

Int = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]

MAX_N: Final = 5
GRAMS: Final = MAX_N + 1  # and the word itself
# Long texts are judged by their beginning, middle and end: more letters do not change the answer.
_HEAD, _PART = 4_000, 1_000
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|(?<!\w)@\w+|<[a-z]{2,9}>", re.IGNORECASE)
_MAY_BE_ADDRESS = re.compile(r"@|://|www\.|<", re.IGNORECASE)

SEPARATOR, DROPPED, LATIN, CYRILLIC = 0, 1, 2, 3
# Scripts that no supported language is written in: the language that the script suggests.
FAR_SCRIPTS: Final[tuple[tuple[str, tuple[tuple[int, int], ...]], ...]] = (
    ("el", ((0x370, 0x3FF), (0x1F00, 0x1FFF))),
    ("hy", ((0x530, 0x58F),)),
    ("he", ((0x590, 0x5FF), (0xFB1D, 0xFB4F))),
    ("ar", ((0x600, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))),
    ("hi", ((0x900, 0x97F),)),
    ("bn", ((0x980, 0x9FF),)),
    ("ta", ((0xB80, 0xBFF),)),
    ("th", ((0xE00, 0xE7F),)),
    ("ka", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF))),
    ("am", ((0x1200, 0x139F),)),
    ("ko", ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))),
    ("ja", ((0x3040, 0x30FF), (0x31F0, 0x31FF))),
    ("zh", ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))),
    ("other", ()),
)
_LATIN_RANGES = ((0x41, 0x24F), (0x250, 0x2AF), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F))
_CYRILLIC_RANGES = ((0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F))
_KANA, _HAN = (4 + [code for code, _ in FAR_SCRIPTS].index(code) for code in ("ja", "zh"))
_OTHER = 4 + len(FAR_SCRIPTS) - 1
_LIMIT = 0x10000
# A brand name in a Cyrillic review is Latin; the reverse is rare.
_CYRILLIC_WEIGHT = 2

_MULTIPLIER = np.uint32(0x01000193)
_LONGEST = 64


class Words(NamedTuple):
    """The words of the texts of one script, in order.

    Attributes:
        codes: code points of the letters, with 0 before, between and after the words.
        starts: position of the first letter of each word, ascending.
        lengths: letters in each word.
        text: index of the text that each word stands in, ascending.
    """

    codes: Codes
    starts: Int
    lengths: Int
    text: Int


def _kinds() -> npt.NDArray[np.uint8]:
    kinds = np.zeros(_LIMIT, np.uint8)
    letters = np.frombuffer(bytes(map(str.isalpha, map(chr, range(_LIMIT)))), np.uint8).astype(bool)
    kinds[letters] = _OTHER
    for number, (_, ranges) in enumerate(FAR_SCRIPTS, 4):
        for first, last in ranges:
            kinds[first : last + 1][letters[first : last + 1]] = number
    for number, ranges in ((LATIN, _LATIN_RANGES), (CYRILLIC, _CYRILLIC_RANGES)):
        for first, last in ranges:
            kinds[first : last + 1][letters[first : last + 1]] = number
    kinds[0x300:0x370] = DROPPED  # stress marks, accents that did not compose
    kinds[[0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF]] = DROPPED
    return kinds


_KINDS: Final = _kinds()
_POWERS: Final = np.cumprod(np.full(_LONGEST, 0x9E3779B97F4A7C15, np.uint64))
_FINISH: Final = np.array(
    [[0x9E3779B1], [0x85EBCA77], [0xC2B2AE3D], [0x27D4EB2F], [0x165667B1], [0xD3A2646D]], np.uint32
)


def clean(text: str) -> str:
    """Return the part of the text that is judged: addresses and mentions out, lower case, NFKC.

    Of a text longer than 6,000 characters the first 4,000 and 1,000 each from the middle and the
    end are judged.
    """
    if len(text) > _HEAD + 2 * _PART:
        middle = len(text) // 2
        text = " ".join((text[:_HEAD], text[middle : middle + _PART], text[-_PART:]))
    if _MAY_BE_ADDRESS.search(text):
        text = _ADDRESS.sub(" ", text)
    return unicodedata.normalize("NFKC", text.lower()).replace("ş", "ș").replace("ţ", "ț")


def gate(texts: Sequence[str]) -> tuple[Int, dict[int, Words]]:
    """Return the main script of each text, and the words of the Latin and the Cyrillic texts.

    The script is 0 (no letters), `LATIN`, `CYRILLIC` or 4 + the index in `FAR_SCRIPTS`. Words of
    another script than the main one of their text are left out.
    """
    joined = [clean(text) for text in texts]
    sizes = np.fromiter(map(len, joined), np.int64, len(joined)) + 1
    joined.append("")
    codes = np.frombuffer("\n".join(joined).encode("utf-32-le", "surrogatepass"), "<u4")
    kinds = _KINDS[np.minimum(codes, _LIMIT - 1)]
    owner = np.repeat(np.arange(len(texts)), sizes)
    if (kinds == DROPPED).any():
        kept = kinds != DROPPED
        codes, kinds, owner = codes[kept], kinds[kept], owner[kept]
    scripts = _main_scripts(kinds, owner, len(texts))
    found = {}
    for script in (LATIN, CYRILLIC):
        mine = scripts == script
        if mine.any():
            letter = kinds == script
            found[script] = _words(codes, letter if mine.all() else letter & mine[owner], owner)
    return scripts, found


def _main_scripts(kinds: npt.NDArray[np.uint8], owner: Int, n: int) -> Int:
    width = _OTHER + 1
    counts = np.bincount(owner * width + kinds, minlength=n * width).reshape(n, width)
    counts[:, : DROPPED + 1] = 0
    counts[:, CYRILLIC] *= _CYRILLIC_WEIGHT
    counts[:, _KANA] += counts[:, _HAN] * (counts[:, _KANA] > 0)  # Japanese mixes both
    main: Int = counts.argmax(axis=1)
    return main


def _words(codes: Codes, letter: npt.NDArray[np.bool_], owner: Int) -> Words:
    kept = letter.copy()
    kept[1:] |= letter[:-1]
    at = kept.nonzero()[0]
    stream = np.zeros(len(at) + 1, np.uint32)
    stream[1:] = codes[at] * letter[at]
    edges = (stream == 0).nonzero()[0]
    starts = edges[:-1] + 1
    return Words(stream, starts, edges[1:] - starts, owner[at[starts - 1]])


def unique(words: Words) -> tuple[Words, Int]:
    """Return each different word once, and for each word which one it is.

    `text` of the result counts the different words. Two words are the same where 64 bits of a
    polynomial hash agree.
    """
    _, first, inverse = np.unique(_keys(words), return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    kept = np.zeros(len(words.starts), bool)
    kept[first] = True
    codes = np.concatenate((words.codes[:1], words.codes[1:][np.repeat(kept, words.lengths + 1)]))
    edges = np.flatnonzero(codes == 0)
    starts = edges[:-1] + 1
    return Words(codes, starts, edges[1:] - starts, np.arange(len(first))), rank[inverse]


def _keys(words: Words) -> npt.NDArray[np.uint64]:
    place = np.arange(1, len(words.codes)) - np.repeat(words.starts, words.lengths + 1)
    terms = words.codes[1:] * _POWERS.take(place, mode="clip")
    return np.add.reduceat(terms, words.starts - 1)


def hash_words(words: Words, bits: int) -> Codes:
    """Return the buckets of the n-grams, shape (positions, 6); 0 stands for none.

    The rows of a word begin at `starts - 1` and are one more than its letters: its mark in front
    and its letters. A row has the n-grams that begin there, the letter after it as 1-gram, and in
    the first row the word itself, if it has at least 4 letters: shorter ones are n-grams.
    Buckets are below `2**bits`.
    """
    n = len(words.codes) - 1
    codes = np.zeros(n + MAX_N, np.uint32)
    codes[: n + 1] = words.codes
    hashes = np.zeros((GRAMS, n), np.uint32)
    valid = np.ones((GRAMS, n), bool)
    hashes[0] = codes[1 : n + 1]
    inside = valid[0]
    np.not_equal(hashes[0], 0, out=inside)
    rolling = codes[:n]
    for size in range(2, MAX_N + 1):
        rolling = rolling * _MULTIPLIER + codes[size - 1 : size - 1 + n]
        hashes[size - 1] = rolling
        if size > 2:
            inside = inside & (codes[size - 2 : size - 2 + n] != 0)
            valid[size - 1] = inside
    long = (words.lengths > MAX_N - 2).nonzero()[0]
    if len(long):
        hashes[MAX_N, words.starts[long] - 1] = _keys(words)[long] >> np.uint64(32)
    hashes ^= hashes >> np.uint32(15)
    hashes *= _FINISH
    hashes ^= hashes >> np.uint32(13)
    hashes >>= np.uint32(32 - bits)
    hashes *= valid
    return hashes.T
