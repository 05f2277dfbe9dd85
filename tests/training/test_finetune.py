from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from reviewkit.model.locate import models_dir
from reviewkit.training.corpus import load_clauses
from reviewkit.training.finetune import finetune, mask_pieces, predict, rate_at
from reviewkit.training.network import Network
from reviewkit.training.prepare import Corpus

RECIPE = {
    "seed": 1,
    "encoder": {
        "frozen_layers": 1,
        "max_tokens": 32,
        "batch_tokens": 400,
        "cycles": [[1, 1.0], [1, 1.0]],
        "learning_rate": 1e-3,
        "head_learning_rate": 1e-2,
        "warm_up": 0.1,
        "weight_decay": 0.01,
        "masked_pieces": 0.05,
        "composed_per_pass": 60,
        "clauses_per_pass": 1.0,
        "public_per_pass": 0,
    },
    "loss": {"sentiment": 1.0, "types": 0.5, "severity": 0.5, "flags": 0.5},
    "augment": {"no_diacritics": 0.2, "typos": 0.1, "no_punctuation": 0.1},
}


@given(st.floats(0, 12, exclude_max=True))
def test_the_rate_stays_between_a_floor_and_its_peak(passed):
    assert 0.02 <= rate_at(passed, [[4, 1.0], [8, 1.0]], 0.08) <= 1


def test_each_cycle_rises_to_the_peak_and_falls():
    assert rate_at(0.32, [[4, 1.0], [8, 1.0]], 0.08) == pytest.approx(1)
    assert rate_at(3.99, [[4, 1.0], [8, 1.0]], 0.08) < 0.03
    assert rate_at(4.64, [[4, 1.0], [8, 1.0]], 0.08) == pytest.approx(1)
    assert rate_at(11.9, [[4, 1.0], [8, 1.0]], 0.08) < 0.03
    assert rate_at(13, [[4, 1.0], [8, 1.0]], 0.08) == 0.02
    assert rate_at(12.24, [[4, 1.0], [8, 1.0], [3, 0.5]], 0.08) == pytest.approx(0.5)


def test_masking_spares_the_ends():
    masked = mask_pieces([[0, 10, 11, 12, 2]] * 500, random.Random(0), 0.5)
    assert {row[0] for row in masked} == {0}
    assert {row[-1] for row in masked} == {2}
    hidden = sum(row[1:-1].count(3) for row in masked) / 1500
    assert hidden == pytest.approx(0.5, abs=0.06)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    clauses = load_clauses(Path("models/data"))
    few = [row for row in clauses if row.split == "train"][::6]
    return Corpus([], [*few, *[row for row in clauses if row.split == "dev"][::20]], [])


def tiny() -> tuple[Network, Tokenizer]:
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    tokenizer = Tokenizer.from_file(str(models_dir() / "default" / "tokenizer.json"))
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return Network(BertModel(config, add_pooling_layer=False)), tokenizer


def run(corpus: Corpus, folder: Path, cycles: list[list[float]]) -> list[dict]:
    recipe = {**RECIPE, "encoder": {**RECIPE["encoder"], "cycles": cycles}}
    network, tokenizer = tiny()
    corpus.dev = corpus.dev or corpus.dev_clauses
    folder.mkdir(exist_ok=True)
    finetune(network, tokenizer, corpus, recipe, folder)
    assert predict(network, tokenizer, ["Broken on day one."]).shape == (1, 25)
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_run_that_stopped_goes_on_where_it_was(corpus, tmp_path):
    whole = run(corpus, tmp_path / "whole", [[1, 1.0], [1, 0.5]])
    run(corpus, tmp_path / "parts", [[1, 1.0]])
    parts = run(corpus, tmp_path / "parts", [[1, 1.0], [1, 0.5]])
    for a, b in zip(whole, parts, strict=True):
        a.pop("time"), b.pop("time")
        assert a == b
    one, two = (
        torch.load(tmp_path / name / "last.pt", weights_only=True) for name in ("whole", "parts")
    )
    for name, value in one["network"].items():
        assert torch.equal(value, two["network"][name])
