"""The network: the encoder, one attention query per output, and a hashed n-gram term."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from reviewkit.results import COMPLAINT_TYPES, SENTIMENTS

__all__ = ["OUTPUTS", "SLICES", "Heads", "Network", "load_encoder", "pad"]

# One column per output. Severity is ordinal: three logits for "at least 1", "2", "3".
SLICES = {
    "sentiment": slice(0, 4),
    "types": slice(4, 18),
    "severity": slice(18, 21),
    "abusive": slice(21, 22),
    "resolved": slice(22, 23),
    "question": slice(23, 24),
    "suggestion": slice(24, 25),
}
OUTPUTS: tuple[str, ...] = (
    *SENTIMENTS,
    *COMPLAINT_TYPES,
    "severity_1",
    "severity_2",
    "severity_3",
    "abusive",
    "resolved",
    "question",
    "suggestion",
)


def load_encoder(folder: str | Path, dropout: float = 0.0) -> Any:
    """Load a BERT-like encoder from a folder or a hub id (safetensors only)."""
    from transformers import AutoModel

    return AutoModel.from_pretrained(
        str(folder),
        use_safetensors=True,
        attn_implementation="sdpa",
        add_pooling_layer=False,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )


class Heads(nn.Module):
    """Label attention (Mullenbach et al. 2018, arXiv 1802.05695) over standardised tokens.

    Each output has its own query over the tokens. The queries start at zero, which is mean
    pooling, so a linear probe on mean-pooled features is an exact start (Kumar et al. 2022).
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, width: int, outputs: int = len(OUTPUTS)) -> None:
        """Start at mean pooling and zero weights."""
        super().__init__()
        self.query = nn.Parameter(torch.zeros(outputs, width))
        self.weight = nn.Parameter(torch.zeros(outputs, width))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.dropout = nn.Dropout(0.1)

    def forward(self, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (batch, outputs) and attention (batch, outputs, tokens)."""
        tokens = self.dropout((hidden - self.mean) * self.scale)
        scores = tokens @ self.query.T  # (batch, tokens, outputs)
        scores = scores.masked_fill(mask[:, :, None] == 0, -1e4)
        attention = scores.softmax(dim=1)
        votes = tokens @ self.weight.T
        return (attention * votes).sum(dim=1) + self.bias, attention.transpose(1, 2)


class Network(nn.Module):
    """Encoder and heads; `forward` gives logits in the order of `OUTPUTS`."""

    def __init__(self, encoder: Any) -> None:
        """Put fresh heads on an encoder."""
        super().__init__()
        self.encoder = encoder
        self.heads = Heads(encoder.config.hidden_size)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return logits (batch, outputs)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        logits: Tensor = self.heads(hidden, mask)[0]
        return logits

    def freeze(self, layers: int) -> None:
        """Keep the embeddings and the lowest layers as they are."""
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:layers]):
            part.requires_grad_(False)


def pad(ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return padded ids (pad token 1) and the attention mask."""
    width = max(len(row) for row in ids)
    out = torch.ones((len(ids), width), dtype=torch.long)
    mask = torch.zeros((len(ids), width), dtype=torch.long)
    for i, row in enumerate(ids):
        out[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return out, mask
