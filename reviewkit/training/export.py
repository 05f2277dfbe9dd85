"""Stage 5: one ONNX file from encoder, heads and n-gram term, with int8 weights."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reviewkit.training.network import Network

__all__ = ["Exported", "export_onnx", "int8_rows"]


def int8_rows(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantise each row on its own: `table ~ values * scale[:, None]`, values in -127..127."""
    scale = np.maximum(np.abs(table).max(axis=1), 1e-12) / 127
    values = np.clip(np.round(table / scale[:, None]), -127, 127).astype(np.int8)
    return values, scale.astype(np.float32)


class _Int8Embedding(nn.Module):
    """A lookup whose rows are kept as int8 with one scale each."""

    values: Tensor
    scale: Tensor

    def __init__(self, table: NDArray[np.float32]) -> None:
        super().__init__()
        values, scale = int8_rows(table)
        self.register_buffer("values", torch.from_numpy(values))
        self.register_buffer("scale", torch.from_numpy(scale))

    def forward(self, ids: Tensor) -> Tensor:
        """Return (..., width) floats."""
        rows: Tensor = self.values[ids].float() * self.scale[ids].unsqueeze(-1)
        return rows


class Exported(nn.Module):
    """The network as it ships: token ids and n-grams in, logits out."""

    query: Tensor
    weight: Tensor
    bias: Tensor
    table: Tensor
    column: Tensor

    def __init__(
        self, network: Network, table: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> None:
        """Quantise the lookups and fold the standardisation of the tokens into the heads.

        Args:
            network: trained encoder and heads.
            table: (buckets, outputs) weights of the n-gram term, mixed in already.
            bias: (outputs,) its bias.
        """
        super().__init__()
        encoder = network.encoder
        encoder.set_attn_implementation("eager")
        words = encoder.embeddings.word_embeddings
        encoder.embeddings.word_embeddings = _Int8Embedding(words.weight.detach().numpy())
        self.encoder = encoder
        heads = network.heads
        mean, scale = heads.mean, heads.scale
        query, weight = heads.query * scale, heads.weight * scale
        # softmax ignores a constant, so only the votes keep the shift by the mean
        shift = heads.bias - weight @ mean + torch.from_numpy(bias)
        self.register_buffer("query", query.detach())
        self.register_buffer("weight", weight.detach())
        self.register_buffer("bias", shift.detach())
        column = np.maximum(np.abs(table).max(axis=0), 1e-12) / 127
        self.register_buffer("table", torch.from_numpy(np.round(table / column).astype(np.int8)))
        self.register_buffer("column", torch.from_numpy(column.astype(np.float32)))

    def forward(self, ids: Tensor, mask: Tensor, ngrams: Tensor, weights: Tensor) -> Tensor:
        """Return logits (batch, outputs)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        scores = hidden @ self.query.T
        scores = scores.masked_fill(mask[:, :, None] == 0, -1e4)
        deep = (scores.softmax(dim=1) * (hidden @ self.weight.T)).sum(dim=1)
        rows = self.table[ngrams.long()].float()
        wide = (rows * weights[:, :, None]).sum(dim=1) * self.column
        logits: Tensor = deep + wide + self.bias
        return logits


def export_onnx(model: Exported, path: Path) -> None:
    """Write the graph with float matrix products; `quantise.py` turns them into int8."""
    model.eval()
    ids = torch.randint(5, 1000, (2, 12))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    ngrams = torch.randint(0, 1000, (2, 30), dtype=torch.int32)
    weights = torch.rand(2, 30)
    batch = torch.export.Dim("batch")
    tokens = torch.export.Dim("tokens", max=510)
    grams = torch.export.Dim("ngrams")
    shapes: Any = (
        {0: batch, 1: tokens},
        {0: batch, 1: tokens},
        {0: batch, 1: grams},
        {0: batch, 1: grams},
    )
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (ids, mask, ngrams, weights),
            str(path),
            input_names=["input_ids", "attention_mask", "ngram_ids", "ngram_weights"],
            output_names=["logits"],
            dynamic_shapes=shapes,
            dynamo=True,
            external_data=False,
            opset_version=20,
            verbose=False,
        )
