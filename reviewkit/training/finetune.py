"""Stage 2: multi-task fine-tuning with masked losses; resumable at every checkpoint."""

from __future__ import annotations

import json
import logging
import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from reviewkit.model.inputs import model_text
from reviewkit.training.augment import augment
from reviewkit.training.compose import Composer
from reviewkit.training.corpus import Example
from reviewkit.training.network import SLICES, Network, pad
from reviewkit.training.prepare import Corpus, targets

__all__ = ["finetune", "predict"]

log = logging.getLogger("reviewkit.training")
_FLOOR = 0.02  # of the learning rate, as a share of its peak
_MASK = 3  # the unknown piece; the cut vocabulary has no mask


def rows_of_pass(corpus: Corpus, recipe: dict[str, Any], number: int) -> list[Example]:
    """Draw the rows of one pass: all reviews, some clauses and public rows, fresh composed ones."""
    rng = random.Random(recipe["seed"] + number)
    options = recipe["encoder"]
    composed = Composer(corpus.clauses, recipe["seed"] + number).compose(
        options["composed_per_pass"]
    )
    clauses = rng.sample(corpus.clauses, int(len(corpus.clauses) * options["clauses_per_pass"]))
    public = rng.sample(corpus.public, min(len(corpus.public), options["public_per_pass"]))
    return [*corpus.train, *composed, *clauses, *public]


def batches(
    rows: Sequence[Example], tokenizer: Any, recipe: dict[str, Any], rng: random.Random
) -> list[tuple[list[int], list[list[int]]]]:
    """Tokenise augmented texts and pack rows of like length up to the token budget."""
    texts = [model_text(augment(row.text, rng, recipe["augment"])) for row in rows]
    longest = recipe["encoder"]["max_tokens"]
    ids = [e.ids for e in tokenizer.encode_batch_fast(texts)]
    ids = [i if len(i) <= longest else [*i[: longest - 1], i[-1]] for i in ids]
    order = sorted(range(len(rows)), key=lambda i: len(ids[i]) * rng.uniform(0.85, 1.15))
    packs: list[list[int]] = [[]]
    for i in order:
        width = max([len(ids[j]) for j in packs[-1]] + [len(ids[i])])
        if packs[-1] and width * (len(packs[-1]) + 1) > recipe["encoder"]["batch_tokens"]:
            packs.append([])
        packs[-1].append(i)
    rng.shuffle(packs)
    return [(pack, [ids[i] for i in pack]) for pack in packs]


def mask_pieces(ids: Sequence[Sequence[int]], rng: random.Random, share: float) -> list[list[int]]:
    """Hide a share of the pieces, never the first or last: word dropout, which costs no time.

    It stands in for dropout inside the encoder, which cost 40 % of the time on a CPU.
    """
    return [
        [
            _MASK if 0 < i < len(row) - 1 and rng.random() < share else piece
            for i, piece in enumerate(row)
        ]
        for row in ids
    ]


def rate_at(passed: float, cycles: Sequence[Sequence[float]], warm_up: float) -> float:
    """Return the share of the peak learning rate: cosine cycles, each with its own warm-up.

    Loshchilov and Hutter 2017 (arXiv 1608.03983). It depends on passes, not on steps, so a run may
    be continued with more cycles.

    Args:
        passed: passes done, with the fraction of the running one.
        cycles: passes and peak of each cycle.
        warm_up: share of a cycle in which the rate rises.
    """
    for length, peak in cycles:
        if passed < length:
            done = passed / length
            if done < warm_up:
                return max(_FLOOR, peak * done / warm_up)
            wave = 0.5 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up)))
            return max(_FLOOR, peak * wave)
        passed -= length
    return _FLOOR


def loss_of(
    logits: Tensor, labels: Tensor, mask: Tensor, weight: Tensor, shares: dict[str, float]
) -> Tensor:
    """Sum the heads' masked losses; the cells of the types are summed, not averaged."""
    part = SLICES["sentiment"]
    known = mask[:, part].amax(1) * weight
    cross = functional.cross_entropy(
        logits[:, part], labels[:, part], reduction="none", label_smoothing=0.05
    )
    total = shares["sentiment"] * (cross * known).sum() / known.sum().clamp_min(1)
    binary = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    binary = binary * mask * weight[:, None]
    flags = slice(SLICES["abusive"].start, SLICES["suggestion"].stop)
    for name, columns in (
        ("types", SLICES["types"]),
        ("severity", SLICES["severity"]),
        ("flags", flags),
    ):
        cells = binary[:, columns]
        rows = (mask[:, columns].amax(1) * weight).sum().clamp_min(1)
        total = total + shares[name] * cells.sum() / rows
    return total


@torch.inference_mode()
def predict(network: Network, tokenizer: Any, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return logits (rows, outputs), length-sorted inside, in the given order."""
    network.eval()
    encodings = tokenizer.encode_batch_fast([model_text(text) for text in texts])
    ids = [e.ids if len(e.ids) <= 510 else [*e.ids[:509], 2] for e in encodings]
    out: NDArray[np.float32] | None = None
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    for start in range(0, len(order), 32):
        pack = order[start : start + 32]
        logits = network(*pad([ids[i] for i in pack])).numpy()
        if out is None:
            out = np.zeros((len(ids), logits.shape[1]), dtype=np.float32)
        out[pack] = logits
    if out is None:
        raise ValueError("predict() needs at least one text")
    return out


def quick_scores(logits: NDArray[np.float32], rows: Sequence[Example]) -> dict[str, float]:
    """Score dev rows roughly (types at one shared threshold) to watch a run."""
    from sklearn.metrics import cohen_kappa_score, f1_score

    labels, _ = targets(rows)
    sentiment = f1_score(labels[:, :4].argmax(1), logits[:, :4].argmax(1), average="macro")
    part = SLICES["types"]
    best = max(
        f1_score(labels[:, part], logits[:, part] > cut, average="macro", zero_division=0)
        for cut in (-1.5, -1.0, -0.5, 0.0)
    )
    part = SLICES["severity"]
    severity = (logits[:, part] > 0).sum(1)
    truth = labels[:, part].sum(1)
    return {
        "sentiment": round(float(sentiment), 4),
        "types": round(float(best), 4),
        "severity_qwk": round(
            float(cohen_kappa_score(truth, severity, weights="quadratic", labels=[0, 1, 2, 3])), 4
        ),
    }


def finetune(
    network: Network, tokenizer: Any, corpus: Corpus, recipe: dict[str, Any], folder: Path
) -> None:
    """Train and leave `folder/network.safetensors`; continue from `folder/last.pt` if present.

    A log line of `folder/log.jsonl` holds the step, the loss and, after each pass, dev scores.
    """
    from safetensors.torch import save_model

    options = recipe["encoder"]
    network.freeze(options["frozen_layers"])
    heads = list(network.heads.parameters())
    body = [p for p in network.encoder.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": body, "lr": options["learning_rate"]},
            {"params": heads, "lr": options["head_learning_rate"], "weight_decay": 0.0},
        ],
        weight_decay=options["weight_decay"],
    )
    peaks = [group["lr"] for group in optimiser.param_groups]
    first_pass, first_batch, step = 0, 0, 0
    last = folder / "last.pt"
    if last.exists():
        state = torch.load(last, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        first_pass, first_batch, step = state["pass"], state["batch"], state["step"]
    started, seen, running = time.time(), 0, []
    for number in range(first_pass, sum(length for length, _ in options["cycles"])):
        torch.manual_seed(recipe["seed"] + number)
        rng = random.Random(recipe["seed"] * 31 + number)
        rows = rows_of_pass(corpus, recipe, number)
        labels, mask = (torch.from_numpy(a) for a in targets(rows))
        weight = torch.tensor([row.weight for row in rows])
        packs = batches(rows, tokenizer, recipe, rng)
        for position, (pack, ids) in enumerate(packs):
            if number == first_pass and position < first_batch:
                continue
            rate = rate_at(number + position / len(packs), options["cycles"], options["warm_up"])
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * rate
            network.train()
            inputs, attention = pad(mask_pieces(ids, rng, options["masked_pieces"]))
            cost = loss_of(
                network(inputs, attention), labels[pack], mask[pack], weight[pack], recipe["loss"]
            )
            cost.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            step += 1
            seen += inputs.numel()
            running.append(float(cost.detach()))
            if step % 50 == 0:
                speed = seen / (time.time() - started)
                _note(
                    folder,
                    step=step,
                    rate=round(rate, 3),
                    loss=float(np.mean(running)),
                    tokens_per_s=speed,
                )
                running = []
            if step % 300 == 0:
                _save(last, network, optimiser, number, position + 1, step)
        scores = quick_scores(predict(network, tokenizer, [r.text for r in corpus.dev]), corpus.dev)
        _note(folder, after_pass=number + 1, step=step, **scores)
        _save(last, network, optimiser, number + 1, 0, step)
    save_model(network, str(folder / "network.safetensors"))


def _note(folder: Path, **values: Any) -> None:
    line = json.dumps({"time": round(time.time()), **values})
    log.info(line)
    with (folder / "log.jsonl").open("a", encoding="utf-8") as out:
        out.write(line + "\n")


def _save(path: Path, network: Network, optimiser: Any, number: int, batch: int, step: int) -> None:
    state = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "pass": number,
        "batch": batch,
        "step": step,
    }
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
