"""Stage 5: the bundle folder, written so that `model.bundle` reads it back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewkit.model.bundle import FORMAT, sha256
from reviewkit.model.inputs import model_text, ngram_features
from reviewkit.training.calibrate import HEADS
from reviewkit.training.export import Exported, export_onnx
from reviewkit.training.network import OUTPUTS, Network
from reviewkit.training.quantise import channel_maxima, quantise

__all__ = ["build_graph", "write_manifest"]

CHUNK_TOKENS = 256
MAX_CHUNKS = 32


def build_graph(
    network: Network,
    tokenizer: Any,
    wide: tuple[NDArray[np.float32], NDArray[np.float32]],
    mixed: Mapping[str, tuple[float, float]],
    offsets: NDArray[np.float32],
    texts: Sequence[str],
    work: Path,
    target: Path,
) -> None:
    """Fold the mixing weights in, export, quantise; leaves `target/model.onnx`.

    Args:
        network: the trained network; its heads are scaled in place.
        tokenizer: of the encoder.
        wide: table and bias of the n-gram term.
        mixed: head -> weights of the two terms.
        offsets: of the sentiment's logits.
        texts: a few hundred training texts, from which the ranges of the activations are read.
        work: where the float graph goes.
        target: the bundle's folder.
    """
    import torch

    table, bias = wide[0].copy(), wide[1].copy()
    with torch.no_grad():
        for head, part in HEADS.items():
            deep, gram = mixed[head]
            network.heads.weight[part] *= deep
            network.heads.bias[part] *= deep
            table[:, part] *= gram
            bias[part] *= gram
    bias[HEADS["sentiment"]] += offsets
    target.mkdir(parents=True, exist_ok=True)
    exact = work / "float.onnx"
    export_onnx(Exported(network, table, bias), exact)
    quantise(
        exact, target / "model.onnx", channel_maxima(exact, [_feed(tokenizer, t) for t in texts])
    )
    shutil.copyfile(work / "encoder" / "tokenizer.json", target / "tokenizer.json")


def _feed(tokenizer: Any, text: str) -> dict[str, NDArray[Any]]:
    seen = model_text(text)
    ids = np.array([tokenizer.encode(seen).ids[:CHUNK_TOKENS]], dtype=np.int64)
    ngrams, weights = ngram_features([seen])
    return {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "ngram_ids": ngrams,
        "ngram_weights": weights,
    }


def write_manifest(target: Path, values: Mapping[str, Any]) -> None:
    """Write `manifest.json` with the checksums of the other files."""
    files = {
        name: {"sha256": sha256(target / name), "bytes": (target / name).stat().st_size}
        for name in ("model.onnx", "tokenizer.json")
    }
    manifest = {
        "format": FORMAT,
        "outputs": list(OUTPUTS),
        "chunk_tokens": CHUNK_TOKENS,
        "max_chunks": MAX_CHUNKS,
        "files": files,
        **values,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (target / "manifest.json").write_text(text + "\n", encoding="utf-8")
