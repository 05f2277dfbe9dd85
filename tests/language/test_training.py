"""Training texts, the fit and the calibration, on a toy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from reviewkit.errors import DataError
from reviewkit.language.builtin import SCRIPTS, load_tables
from reviewkit.language.features import LATIN, gate
from reviewkit.training import language as training
from reviewkit.training.language_texts import (
    Corpus,
    Sampler,
    load_corpora,
    settings,
    without_diacritics,
)


def corpus(*words: str) -> Corpus:
    made = Corpus([list(words), [words[0]]])
    made.add_list(words, [1.0] * len(words))
    return made


def sampler(seed: int = 0) -> Sampler:
    corpora = {"ro": corpus("mâncare", "rece", "și"), "da": corpus("maden", "kold", "og")}
    return Sampler(corpora, [1.0, 1.0], [], seed)


def test_settings_are_consistent() -> None:
    options = settings()
    assert set(options["labels"]) == set(options["bits"]) == set(SCRIPTS)
    for source in ("wordfreq", "simplemma"):
        for script, languages in options[source].items():
            assert set(languages) <= set(options["labels"][script])
    alphabet = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
    for table in options["transliterations"]:
        assert set(table) == alphabet
        assert all(letter.isascii() for letter in table.values())
    assert not set(options["variety_words"]["nb"]) & set(options["variety_words"]["nn"])
    assert all(set(source) == {"name", "where", "licence"} for source in options["sources"])


def test_draws_are_repeatable_and_labelled() -> None:
    texts, columns = sampler().draw(200)
    again, same = sampler().draw(200)
    assert texts == again
    assert columns.tolist() == same.tolist()
    assert set(columns.tolist()) == {0, 1}


def test_without_diacritics_keeps_the_short_i() -> None:
    assert without_diacritics("și țară blåbærsyltetøy й ё") == "si tara blabaersyltetoy й е"


def test_a_toy_is_learnt_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(training, "_TEXTS", 600)
    table = training.train_table(sampler(), ["ro", "da"], LATIN, 10, rounds=2, seed=0)
    assert table.weights.dtype == np.int8
    words = gate(["mâncare rece", "maden kold"])[1][LATIN]
    assert table.probabilities(table.sums(words)).argmax(axis=1).tolist() == [0, 1]
    training.write({"latin": table, "cyrillic": table}, tmp_path, [])
    loaded = load_tables(tmp_path)["latin"]
    assert loaded.labels == ("ro", "da")
    assert np.array_equal(loaded.weights, table.weights)
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8"))["format"] == 1


def test_missing_data_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data"):
        load_corpora(tmp_path, settings())
    with pytest.raises(DataError, match="--data"):
        training.calibrate({}, tmp_path)
