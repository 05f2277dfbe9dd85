"""Stage 1: collect the rows, cut the vocabulary, start the heads from a linear probe."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from reviewkit.model.inputs import model_text
from reviewkit.results import COMPLAINT_TYPES, SENTIMENTS
from reviewkit.training.augment import strip_diacritics
from reviewkit.training.corpus import Example, key, load_clauses, load_public, load_reviews, titled
from reviewkit.training.licences import permissive_recipe, permissive_rows
from reviewkit.training.network import OUTPUTS, SLICES, Network, load_encoder, pad
from reviewkit.training.vocabulary import cut_tokenizer

__all__ = ["Corpus", "collect", "cut_backbone", "start_heads", "targets"]


class Corpus:
    """The rows of one recipe, split by their role in training."""

    def __init__(
        self, reviews: list[Example], clauses: list[Example], public: list[Example]
    ) -> None:
        """Keep train rows; the dev reviews and clauses apart."""
        self.train = [row for row in reviews if row.split == "train"]
        self.dev = [row for row in reviews if row.split == "dev"]
        self.clauses = [row for row in clauses if row.split == "train"]
        self.dev_clauses = [row for row in clauses if row.split == "dev"]
        self.public = public


def collect(data: Path, own: Path, recipe: dict[str, Any], *, permissive: bool = False) -> Corpus:
    """Load all rows of the recipe; no dev or test text enters the rows to learn from.

    A public set that consists of test rows only has no test split to protect: the rows of it that
    the annotators of `annotated/` drew for training stay.

    Args:
        data: the data folder (`../shared/data`).
        own: the folder of clause banks that the project itself holds (`models/data`).
        recipe: the parsed `recipe.toml`.
        permissive: leave out third-party texts whose licence is not in the recipe's list.
    """
    import pandas as pd

    reviews = load_reviews(data, own)
    if permissive:
        recipe = permissive_recipe(recipe, data)
        reviews = permissive_rows(reviews, data, recipe)
    clauses = load_clauses(data / "authored", own)
    held_out = {key(row.text) for row in reviews if row.split == "dev"}
    for path in sorted((data / "labelled").glob("*/*.parquet")):
        frame = pd.read_parquet(path, columns=["split", "title", "text"])
        if path.stem == "red_v2_dev_test":
            frame = frame.assign(split="test")
        if (frame["split"] == "test").all():
            continue
        for row in frame[frame["split"].isin(["dev", "test", "evaluation"])].itertuples():
            held_out.update((key(str(row.text)), key(titled(row.title, str(row.text)))))
    public = load_public(
        data, recipe["public"], held_out | {key(r.text) for r in reviews}, recipe["seed"]
    )
    kept = [row for row in reviews if row.split == "dev" or key(row.text) not in held_out]
    return Corpus(kept, clauses, public)


def cut_backbone(backbone: Path, data: Path, corpus: Corpus, pieces: int, target: Path) -> None:
    """Write `tokenizer.json`, `config.json` and `model.safetensors` with the cut vocabulary."""
    import pandas as pd
    from safetensors.torch import load_file, save_file

    def texts() -> Any:
        ours = [*corpus.train, *corpus.clauses, *corpus.public]
        rng = random.Random(0)
        for _ in range(3):  # what must never be cut weighs three times
            for row in ours:
                text = model_text(row.text)
                yield strip_diacritics(text) if rng.random() < 0.2 else text
        for language in ("ro", "ru", "no", "et"):
            frame = pd.read_parquet(data / "unlabelled" / f"{language}.parquet", columns=["text"])
            for text in frame["text"].sample(min(len(frame), 6000), random_state=0):
                yield model_text(text[:1500])

    spec, rows = cut_tokenizer(backbone / "tokenizer.json", texts(), pieces)
    target.mkdir(parents=True, exist_ok=True)
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    (target / "tokenizer.json").write_text(text, encoding="utf-8")
    config = json.loads((backbone / "config.json").read_text(encoding="utf-8"))
    config["vocab_size"] = len(rows)
    (target / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    weights = load_file(backbone / "model.safetensors")
    name = "embeddings.word_embeddings.weight"
    weights[name] = weights[name][rows].contiguous()
    save_file(weights, target / "model.safetensors", metadata={"format": "pt"})


def targets(rows: Sequence[Example]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return labels and masks, both (rows, outputs); a masked cell trains nothing."""
    labels = np.zeros((len(rows), len(OUTPUTS)), dtype=np.float32)
    mask = np.zeros_like(labels)
    for i, row in enumerate(rows):
        if row.sentiment is not None:
            labels[i, SENTIMENTS.index(row.sentiment)] = 1
            mask[i, SLICES["sentiment"]] = 1
        if row.types is not None:
            start = SLICES["types"].start
            for name in row.types:
                labels[i, start + COMPLAINT_TYPES.index(name)] = 1
            mask[i, SLICES["types"]] = 1
        if row.severity is not None:
            start = SLICES["severity"].start
            labels[i, start : start + row.severity] = 1
            mask[i, SLICES["severity"]] = 1
        for name in ("abusive", "resolved", "question", "suggestion"):
            value = getattr(row, name)
            if value is not None:
                labels[i, SLICES[name]] = value
                mask[i, SLICES[name]] = 1
    return labels, mask


@torch.inference_mode()
def _features(network: Network, tokenizer: Any, rows: Sequence[Example]) -> Any:
    network.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].text))
    out = np.zeros((len(rows), network.encoder.config.hidden_size), dtype=np.float32)
    for start in range(0, len(order), 32):
        batch = order[start : start + 32]
        encodings = tokenizer.encode_batch_fast([model_text(rows[i].text) for i in batch])
        ids, mask = pad([e.ids[:192] for e in encodings])
        hidden = network.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        out[batch] = pooled.numpy()
    return out


def start_heads(network: Network, tokenizer: Any, rows: Sequence[Example]) -> None:
    """Fit a linear probe on mean-pooled features and put it into the heads.

    The space of the encoder is narrow, so features are standardised first; mean and scale stay in
    the heads. The probe is L2-regularised logistic regression by L-BFGS, all outputs at once.
    """
    features = torch.from_numpy(_features(network, tokenizer, rows))
    labels, mask = (torch.from_numpy(a) for a in targets(rows))
    mean, scale = features.mean(0), 1.0 / features.std(0).clamp_min(1e-4)
    x = (features - mean) * scale
    weight = torch.zeros(labels.shape[1], x.shape[1], requires_grad=True)
    prior = ((labels * mask).sum(0) + 1) / (mask.sum(0) + 2)
    bias = torch.logit(prior).clone().requires_grad_(True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=60, history_size=10)

    def step() -> Any:
        solver.zero_grad()
        loss = (
            torch.nn.functional.binary_cross_entropy_with_logits(
                x @ weight.T + bias, labels, weight=mask, reduction="sum"
            )
            / len(x)
            + 2e-3 * weight.square().sum()
        )
        loss.backward()
        return loss

    solver.step(step)
    with torch.no_grad():
        network.heads.mean.copy_(mean)
        network.heads.scale.copy_(scale)
        network.heads.weight.copy_(weight)
        network.heads.bias.copy_(bias)


def open_network(folder: Path) -> tuple[Network, Any]:
    """Load the cut encoder with fresh heads, and its tokenizer."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return Network(load_encoder(folder)), tokenizer
