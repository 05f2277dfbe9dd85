"""Train the built-in language detector: naive-Bayes counts, refined as a linear softmax.

`python -m reviewkit.training.language --data ../shared/data -o models/language`

The start is naive Bayes; the weights are then fitted to tell the languages apart (Adagrad,
features dropped at random so that short n-grams learn as well as whole words). Prior and
temperature are set on `lid_dev`, which is never trained on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from reviewkit.errors import DataError, MissingExtraError
from reviewkit.language.builtin import SCRIPTS, Sums, Table, category
from reviewkit.language.features import gate, hash_words
from reviewkit.training.language_texts import Sampler, load_corpora, settings

__all__ = ["calibrate", "main", "naive_bayes", "train_table"]

Floats = npt.NDArray[np.float32]
log = logging.getLogger(__name__)

_SMOOTHING: Final = 4e-7  # of a label's n-grams
_START: Final = 0.25  # naive Bayes takes overlapping n-grams for independent: too sure
_TEXTS: Final = 100_000  # a round
_BATCH: Final = 256
_RATE: Final = 0.05
_DROPPED: Final = np.array([0.2, 0.2, 0.2, 0.2, 0.2, 0.5], np.float32)  # n-grams, words
_TARGETS: Final = ("ro", "ru", "nb", "nn", "et")
_OTHER_WEIGHT: Final = 3.0
# At most this share of the rows of other languages may be taken for one of ours.
_FALSE_ACCEPTS: Final = {"sentence": 0.003, "word-pair": 0.015}


def naive_bayes(sampler: Sampler, n: int, script: int, bits: int, labels: int) -> Floats:
    """Return centred log frequencies of the buckets in n drawn texts, shape (2**bits, labels)."""
    texts, columns = sampler.draw(n)
    words = gate(texts)[1][script]
    column = np.repeat(columns[words.text], words.lengths + 1)
    flat = np.zeros(labels << bits)
    for buckets in hash_words(words, bits).T:
        flat += np.bincount(buckets.astype(np.int64) * labels + column, minlength=len(flat))
    counts = flat.reshape(-1, labels)
    counts[0] = 0
    weights = np.log(counts / counts.sum(axis=0) + _SMOOTHING)
    centred: Floats = (weights - weights.mean(axis=1, keepdims=True)).astype(np.float32)
    return centred


def _bags(
    texts: Sequence[str], script: int, bits: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the buckets of all texts in order, some dropped, and where each text begins."""
    words = gate(texts)[1][script]
    hashes = hash_words(words, bits)
    kept = (hashes > 0) & (rng.random(hashes.shape, np.float32) >= _DROPPED)
    owner = np.repeat(words.text, words.lengths + 1)
    starts = np.searchsorted(np.repeat(owner, kept.sum(axis=1)), np.arange(len(texts) + 1))
    return hashes[kept].astype(np.int64), starts


def train_table(
    sampler: Sampler, labels: Sequence[str], script: int, bits: int, rounds: int, seed: int
) -> Table:
    """Fit the weights of one script and quantise them to int8.

    Raises:
        MissingExtraError: torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("training the language detector", "torch", "train") from error
    torch.sparse.check_sparse_tensor_invariants.disable()  # says so itself otherwise
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    bag = torch.nn.EmbeddingBag(1 << bits, len(labels), mode="sum", sparse=True)
    start = naive_bayes(sampler, 3 * _TEXTS, script, bits, len(labels)) * _START
    bag.weight.data = torch.from_numpy(start)
    bias = torch.nn.Parameter(torch.zeros(len(labels)))
    optimiser = torch.optim.Adagrad([bag.weight], lr=_RATE, initial_accumulator_value=0.01)
    slow = torch.optim.SGD([bias], lr=0.01)
    for number in range(rounds):
        texts, columns = sampler.draw(_TEXTS)
        buckets, starts = _bags(texts, script, bits, rng)
        for group in optimiser.param_groups:  # linear decay: the last rounds average the noise
            group["lr"] = _RATE * (1 - number / rounds)
        total = 0.0
        for first in range(0, _TEXTS, _BATCH):
            edges = starts[first : first + _BATCH + 1]
            target = torch.from_numpy(columns[first : first + _BATCH])
            scores = bag(
                torch.from_numpy(buckets[edges[0] : edges[-1]]),
                torch.from_numpy(edges[:-1] - edges[0])[: len(target)],
            )
            loss = torch.nn.functional.cross_entropy(scores + bias, target)
            optimiser.zero_grad()
            slow.zero_grad()
            loss.backward()
            optimiser.step()
            slow.step()
            total += float(loss.detach()) * len(target)
        log.info("script %d round %d of %d: loss %.4f", script, number + 1, rounds, total / _TEXTS)
    weights = bag.weight.detach().numpy()
    weights -= weights.mean(axis=1, keepdims=True)
    weights[0] = 0
    scale = float(np.quantile(np.abs(weights).max(axis=1), 0.9999)) / 127
    steps = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    return Table(tuple(labels), steps, scale, bias.detach().numpy().astype(np.float64), (1.0, 0.0))


def calibrate(tables: dict[str, Table], data: Path) -> dict[str, Table]:
    """Return the tables with prior and temperature set on `lid_dev`.

    The temperature minimises the log loss of the language; the prior towards the supported
    languages is the strongest that keeps the false accepts within their limits.

    Raises:
        DataError: the benchmark is missing.
    """
    import pandas as pd

    try:
        dev = pd.read_parquet(data / "lid" / "lid_dev.parquet")
    except OSError as error:
        raise DataError(f"{error}. Give the folder of the data with --data.") from error
    dev = dev[~dev.kind.isin(["noisy-emoji-url", "noisy-caps"])].reset_index(drop=True)
    found = gate(dev.text.tolist())[1]
    sums = {name: table.sums(found[SCRIPTS[name]]) for name, table in tables.items()}
    truth = np.array([category(lang) for lang in dev.lang], object)
    tables = {name: _temper(table, sums[name], truth) for name, table in tables.items()}
    best = tables
    for shift in np.arange(-1.0, 2.01, 0.1):
        shifted = {name: _shift(table, float(shift)) for name, table in tables.items()}
        answers = np.full(len(dev), "other", object)
        for name, table in shifted.items():
            answers[sums[name].text] = _languages(table.labels, table.probabilities(sums[name]))
        foreign = ~dev.lang.isin([*_TARGETS, "en"]).to_numpy()
        accepted = pd.Series(np.isin(answers, ["ro", "ru", "no", "et"])[foreign])
        shares = accepted.groupby(dev.kind[foreign].to_numpy()).mean()
        log.info("shift %.1f: false accepts %s", shift, shares.round(4).to_dict())
        if any(shares[kind] > limit for kind, limit in _FALSE_ACCEPTS.items()):
            break
        best = shifted
    return {name: _temper(table, sums[name], truth) for name, table in best.items()}


def _shift(table: Table, by: float) -> Table:
    # Russian in Latin letters is rare and stands out: no prior towards it.
    mine = _TARGETS if "nb" not in table.labels else ("ro", "nb", "nn", "et")
    return replace(table, bias=table.bias + by * np.isin(table.labels, mine))


def _languages(
    labels: Sequence[str], probabilities: npt.NDArray[np.float64]
) -> npt.NDArray[np.object_]:
    names = sorted({category(label) for label in labels})
    mass = _mass(labels, probabilities, names)
    chosen: npt.NDArray[np.object_] = np.array(names, object)[mass.argmax(axis=1)]
    return chosen


def _mass(
    labels: Sequence[str], probabilities: npt.NDArray[np.float64], names: Sequence[str]
) -> npt.NDArray[np.float64]:
    return np.stack(
        [probabilities[:, [category(label) == name for label in labels]].sum(1) for name in names],
        axis=1,
    )


def _temper(table: Table, sums: Sums, truth: npt.NDArray[np.object_]) -> Table:
    names = sorted({category(label) for label in table.labels})
    known = np.isin(truth[sums.text], names)
    right = np.array([names.index(name) for name in truth[sums.text][known]])
    best, least = table, np.inf
    for power in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5):
        for factor in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5):
            candidate = replace(table, temperature=(factor, power))
            mass = _mass(table.labels, candidate.probabilities(sums), names)
            loss = -np.log(mass[known][np.arange(len(right)), right] + 1e-9).mean()
            if loss < least:
                best, least = candidate, loss
    log.info("temperature %s, log loss %.4f", best.temperature, least)
    return best


def write(tables: dict[str, Table], folder: Path, sources: Sequence[dict[str, str]]) -> None:
    """Write the tables and `manifest.json` with checksums."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = {}
    for name, table in tables.items():
        content = table.weights.tobytes()
        (folder / f"{name}.i8").write_bytes(content)
        entries[name] = {
            "file": f"{name}.i8",
            "sha256": hashlib.sha256(content).hexdigest(),
            "bits": table.weights.shape[0].bit_length() - 1,
            "labels": list(table.labels),
            "scale": table.scale,
            "bias": [round(value, 4) for value in table.bias.tolist()],
            "temperature": list(table.temperature),
        }
    manifest = {"format": 1, "sources": list(sources), "tables": entries}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, calibrate and write the detector."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("-o", "--output", type=Path, default=Path("models/language"))
    parser.add_argument("--rounds", type=int, default=20, help="of 100,000 texts each")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = settings()
    corpora = load_corpora(chosen.data, options)
    tables = {}
    for name, labels in options["labels"].items():
        weights = [_OTHER_WEIGHT if label == "other" else 1.0 for label in labels]
        tables_of = options["transliterations"] if name == "latin" else []
        sampler = Sampler(corpora[name], weights, tables_of, chosen.seed)
        tables[name] = train_table(
            sampler, labels, SCRIPTS[name], options["bits"][name], chosen.rounds, chosen.seed
        )
    write(tables, chosen.output, options["sources"])
    write(calibrate(tables, chosen.data), chosen.output, options["sources"])


if __name__ == "__main__":
    main()
