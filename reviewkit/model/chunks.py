"""Long texts: cut at sentence ends into chunks that the network can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewkit.text import sentence_spans

__all__ = ["chunk_text"]


def chunk_text(text: str, tokenizer: Any, limit: int) -> list[str]:
    """Cut a text into consecutive pieces of at most `limit` tokens, at sentence ends if possible.

    A sentence longer than the limit is cut between tokens. Nothing is dropped but white space.
    """
    spans = [(span.start, span.end) for span in sentence_spans(text)]
    encodings = tokenizer.encode_batch([text[a:b] for a, b in spans], add_special_tokens=False)
    pieces: list[tuple[int, int, int]] = []
    for (start, end), encoding in zip(spans, encodings, strict=True):
        if len(encoding.ids) <= limit:
            pieces.append((start, end, len(encoding.ids)))
        else:
            pieces.extend(_cut(encoding.offsets, start, limit))
    chunks: list[str] = []
    first, last, size = None, 0, 0
    for start, end, tokens in pieces:
        if first is not None and size + tokens > limit:
            chunks.append(text[first:last])
            first, size = None, 0
        if first is None:
            first = start
        last, size = end, size + tokens
    if first is not None:
        chunks.append(text[first:last])
    return chunks


def _cut(offsets: Sequence[tuple[int, int]], start: int, limit: int) -> list[tuple[int, int, int]]:
    pieces = []
    for at in range(0, len(offsets), limit):
        part = offsets[at : at + limit]
        pieces.append((start + part[0][0], start + part[-1][1], len(part)))
    return pieces
