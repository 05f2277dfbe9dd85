"""Stage 3: the n-gram term, a linear model on hashed n-grams beside the encoder.

N-grams and the encoder err differently, so their logits add up to more than either. The term is
trained alone (a joint one would overfit within a pass) and mixed in on dev.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviewkit.model.inputs import BUCKETS, ngram_features
from reviewkit.training.compose import Composer
from reviewkit.training.corpus import Example
from reviewkit.training.network import OUTPUTS, SLICES
from reviewkit.training.prepare import Corpus, targets

__all__ = ["fit_wide", "ngram_matrix", "wide_logits"]


def ngram_matrix(texts: Sequence[str]) -> Any:
    """Return the features as a sparse matrix (rows, BUCKETS)."""
    from scipy.sparse import csr_matrix

    columns, values, starts = [], [], [0]
    for at in range(0, len(texts), 256):
        ids, weights = ngram_features(texts[at : at + 256])
        for row, weight in zip(ids, weights, strict=True):
            real = weight > 0
            columns.append(row[real])
            values.append(weight[real])
            starts.append(starts[-1] + int(real.sum()))
    return csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.array(starts)),
        shape=(len(texts), BUCKETS),
    )


def fit_wide(
    corpus: Corpus, recipe: dict[str, Any]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit L2-regularised logistic regressions for all outputs at once, by L-BFGS.

    Rare n-grams are penalised less: each column is scaled by its inverse document frequency
    before the fit, and the scale goes into the table.

    Returns:
        table: (BUCKETS, outputs) weights; bias: (outputs,).
    """
    from scipy.optimize import minimize
    from scipy.sparse import diags

    options = recipe["wide"]
    composed = Composer(corpus.clauses, recipe["seed"]).compose(options["composed"])
    rows: list[Example] = [*corpus.train, *corpus.clauses, *composed]
    features = ngram_matrix([row.text for row in rows])
    seen = np.bincount(features.indices, minlength=BUCKETS)
    idf = (np.log((1 + len(rows)) / (1 + seen)) + 1).astype(np.float32)
    x = (features @ diags(idf)).tocsr().astype(np.float32)
    xt = x.T.tocsr()
    labels, mask = targets(rows)
    mask *= np.array([row.weight for row in rows], dtype=np.float32)[:, None]
    part = SLICES["sentiment"]
    bare = [i for i, row in enumerate(rows) if row.source.startswith("clauses/")]
    mask[np.ix_(bare, range(part.stop))] *= options[
        "clause_sentiment"
    ]  # a clause alone is mostly negative
    penalty = 1.0 / options["c"]
    shape = (BUCKETS + 1, len(OUTPUTS))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape).astype(np.float32)
        logits = np.asarray(x @ weights[:-1]) + weights[-1]
        p = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        e = np.exp(logits[:, part] - logits[:, part].max(axis=1, keepdims=True))
        p[:, part] = e / e.sum(axis=1, keepdims=True)
        log_p = labels * np.log(p + 1e-9)
        log_p[:, part.stop :] += ((1 - labels) * np.log(1 - p + 1e-9))[:, part.stop :]
        error = (p - labels) * mask
        slope = np.vstack([np.asarray(xt @ error) + penalty * weights[:-1], error.sum(axis=0)])
        value = -(log_p * mask).sum() + penalty / 2 * np.square(weights[:-1]).sum()
        return float(value), slope.astype(np.float64).ravel()

    solved = minimize(
        loss,
        np.zeros(shape).ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": options["iterations"], "maxcor": 8},
    )
    weights = solved.x.reshape(shape).astype(np.float32)
    return weights[:-1] * idf[:, None], weights[-1]


def wide_logits(
    table: NDArray[np.float32], bias: NDArray[np.float32], texts: Sequence[str]
) -> NDArray[np.float32]:
    """Return the term's logits (rows, outputs)."""
    return np.asarray(ngram_matrix(texts) @ table + bias, dtype=np.float32)
