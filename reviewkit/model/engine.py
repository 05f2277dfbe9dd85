"""ONNX Runtime around one exported network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OnnxEngine"]


class OnnxEngine:
    """Runs batches; safe to call from several threads.

    Activations are quantised token by token (see `training/quantise.py`), so a text's logits do
    not depend on the other texts of its batch.
    """

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        """Open the session.

        Args:
            path: `model.onnx` of a bundle.
            threads: threads of one call; None is one per core.
        """
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = ort.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def run(
        self,
        ids: NDArray[np.int64],
        mask: NDArray[np.int64],
        ngrams: NDArray[np.int32],
        weights: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Return logits (batch, outputs) for token ids and n-grams (both padded)."""
        feed = {
            "input_ids": ids,
            "attention_mask": mask,
            "ngram_ids": ngrams,
            "ngram_weights": weights,
        }
        logits: NDArray[np.float32] = self._session.run(["logits"], feed)[0]
        return logits
