"""Cut the vocabulary of the backbone to the pieces that our languages need."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["cut_tokenizer"]

_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def cut_tokenizer(
    source: Path, texts: Iterable[str], pieces: int
) -> tuple[dict[str, Any], list[int]]:
    """Keep the specials, every single character and the most frequent pieces of `texts`.

    Scores stay as they are, so a text whose pieces were all kept is cut exactly as before.

    Args:
        source: `tokenizer.json` of the backbone (a Unigram model).
        texts: what the pieces are counted in, as the model reads it (`model_text`).
        pieces: size of the new vocabulary.

    Returns:
        The new tokenizer as a JSON object, and the old row of each new row of the embedding.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(source))
    counts: Counter[int] = Counter()
    batch: list[str] = []

    def flush() -> None:
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            counts.update(encoding.ids)
        batch.clear()

    for text in texts:
        batch.append(text)
        if len(batch) == 1000:
            flush()
    flush()

    spec = json.loads(source.read_text(encoding="utf-8"))
    vocab = spec["model"]["vocab"]
    kept = set(range(len(_SPECIAL)))
    single = [i for i, (piece, _) in enumerate(vocab) if len(piece) == 1 or piece == "▁"]
    ranked = [i for i, _ in counts.most_common()]
    kept.update(i for i in single if counts[i] > 0 or vocab[i][0].isascii())
    for i in ranked:
        if len(kept) >= pieces:
            break
        kept.add(i)
    rows = sorted(kept)
    spec["model"]["vocab"] = [vocab[i] for i in rows]
    spec["added_tokens"] = [t for t in spec["added_tokens"] if t["content"] in _SPECIAL]
    return spec, rows
