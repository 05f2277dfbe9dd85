"""Words, n-grams and the script gate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.language.features import (
    CYRILLIC,
    FAR_SCRIPTS,
    GRAMS,
    LATIN,
    Words,
    clean,
    gate,
    hash_words,
    unique,
)


def spelled(words: Words) -> list[str]:
    spans = zip(words.starts.tolist(), words.lengths.tolist(), strict=True)
    return ["".join(map(chr, words.codes[start : start + n])) for start, n in spans]


def test_words_are_letters_of_the_main_script() -> None:
    scripts, found = gate(["It's 2 good!", "", "Купил iPhone", "日本語", "123"])
    names = [code for code, _ in FAR_SCRIPTS]
    assert scripts.tolist() == [LATIN, 0, CYRILLIC, names.index("zh") + CYRILLIC + 1, 0]
    assert spelled(found[LATIN]) == ["it", "s", "good"]
    assert found[LATIN].text.tolist() == [0, 0, 0]
    assert spelled(found[CYRILLIC]) == ["купил"]
    assert found[CYRILLIC].text.tolist() == [2]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a https://x.no/b c", "a   c"),
        ("www.x.no", " "),
        ("me@x.no or @me", "  or  "),
        ("<email> a <b", "  a <b"),
        ("ŞŢ", "șț"),
    ],
)
def test_clean(text: str, left: str) -> None:
    assert clean(text) == left


def test_long_texts_are_sampled_from_three_places() -> None:
    text = "a" * 10_000 + "b" * 10_000 + "c" * 10_000
    assert {letter: clean(text).count(letter) for letter in "abc"} == {
        "a": 4_000,
        "b": 1_000,
        "c": 1_000,
    }


def test_grams_of_a_word() -> None:
    found = hash_words(gate(["rece"])[1][LATIN], 18) > 0
    assert found.shape == (5, GRAMS)
    assert found.sum(axis=0).tolist() == [4, 5, 4, 3, 2, 1]  # letters, with marks, the word
    short = hash_words(gate(["la"])[1][LATIN], 18) > 0
    assert short.sum(axis=0).tolist() == [2, 3, 2, 1, 0, 0]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text("abcșя ", max_size=20), min_size=1, max_size=6))
def test_a_word_has_the_same_buckets_wherever_it_stands(texts: list[str]) -> None:
    for words in gate(texts)[1].values():
        hashes = hash_words(words, 12)
        assert len(hashes) == (words.lengths + 1).sum()
        assert hashes.max() < 1 << 12
        bags: dict[str, list[list[int]]] = {}
        spans = zip(words.starts.tolist(), words.lengths.tolist(), strict=True)
        for word, (start, length) in zip(spelled(words), spans, strict=True):
            mine = hashes[start - 1 : start + length].tolist()
            assert bags.setdefault(word, mine) == mine


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text("ab ", max_size=20), min_size=1, max_size=6))
def test_unique_words_rebuild_the_stream(texts: list[str]) -> None:
    for words in gate(texts)[1].values():
        different, which = unique(words)
        listed = spelled(different)
        assert len(set(listed)) == len(listed)
        assert [listed[i] for i in which.tolist()] == spelled(words)
        assert different.text.tolist() == list(range(len(listed)))


def test_buckets_are_spread() -> None:
    text = " ".join(a + b + c for a in "abcdefghij" for b in "klmnopqrst" for c in "uvwxyz")
    hashes = hash_words(gate([text])[1][LATIN], 18)
    assert [len(np.unique(column)) > 50 for column in hashes.T] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
