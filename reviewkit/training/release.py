"""Stage 4: mix the terms, export, calibrate what ships, measure it, write bundle and card."""

from __future__ import annotations

import json
import logging
import random
from pathlib import Path
from typing import Any

import numpy as np

from reviewkit.training.bundle import build_graph, write_manifest
from reviewkit.training.calibrate import HEADS, calibrate, mix_terms, sentiment_offsets, thresholds
from reviewkit.training.calibrate import probabilities as calibrated
from reviewkit.training.card import sources, write_card
from reviewkit.training.finetune import predict
from reviewkit.training.prepare import Corpus, open_network
from reviewkit.training.scores import bundle_logits, cross_fit, scores_by_language
from reviewkit.training.wide import wide_logits

__all__ = ["release"]

log = logging.getLogger("reviewkit.training")


def release(corpus: Corpus, recipe: dict[str, Any], data: Path, work: Path, target: Path) -> None:
    """Make the bundle folder `target` from the trained parts in `work`.

    Mixing weights, offsets, temperatures and thresholds are chosen on dev; the two last ones on
    the quantised graph itself.
    """
    from safetensors.torch import load_model

    network, tokenizer = open_network(work / "encoder")
    load_model(network, str(work / "network.safetensors"))
    with np.load(work / "wide.npz") as saved:
        wide = saved["table"], saved["bias"]
    dev = [*corpus.dev, *corpus.dev_clauses]
    texts = [row.text for row in dev]
    deep, grams = predict(network, tokenizer, texts), wide_logits(*wide, texts)
    mixed = mix_terms(deep, grams, dev)
    log.info("mixed: %s", mixed)
    reviews = len(corpus.dev)
    part = HEADS["sentiment"]
    a, b = mixed["sentiment"]
    both = np.zeros_like(deep[:reviews])
    both[:, part] = a * deep[:reviews, part] + b * grams[:reviews, part]
    offsets = sentiment_offsets(both, corpus.dev)
    log.info("offsets: %s", offsets)
    rng = random.Random(recipe["seed"])
    sample = [row.text for row in rng.sample(corpus.train, 200)]
    build_graph(network, tokenizer, wide, mixed, offsets, sample, work, target)
    values: dict[str, Any] = {
        "temperatures": {},
        "thresholds": {},
        "name": target.name,
        "version": recipe["version"],
    }
    write_manifest(target, values)
    logits = bundle_logits(target, texts)
    warm, cuts = calibrate(logits[:reviews], corpus.dev)
    asked = thresholds(calibrated(logits, dev, warm), dev)  # clauses ask, reviews hardly ever do
    for own in cuts.values():
        own.update({name: asked[name] for name in ("question", "suggestion")})
    fitted = cross_fit(logits[:reviews], corpus.dev)
    values |= {
        "temperatures": warm,
        "thresholds": cuts,
        "sources": sources(data, recipe),
        "scores": {"dev": scores_by_language(corpus.dev, fitted)},
    }
    write_manifest(target, values)
    path = work / "log.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    curve = [line for line in map(json.loads, lines) if "after_pass" in line]
    write_card(target, values, curve, mixed)
