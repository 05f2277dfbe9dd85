"""Which sentence of a review carries a complaint type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reviewkit.text import Span, has_letters, normalise, sentence_spans

if TYPE_CHECKING:
    from reviewkit.analyzer import Classifier

__all__ = ["find_evidence"]


def find_evidence(
    classifier: Classifier, review: str, language: str, types: Sequence[str]
) -> dict[str, Span]:
    """Return, for each type, the sentence that says it most clearly when read alone.

    The sentences are scored by the model itself, one small batch, so it works with any model.

    Args:
        classifier: the model.
        review: the text as it was given; the spans count its characters.
        language: of the review.
        types: the complaint types found in the review.

    Returns:
        type -> span of `review`; empty where there are no types.
    """
    spans = [span for span in sentence_spans(review) if has_letters(review[span.start : span.end])]
    if not types or not spans:
        return {}
    sentences = [normalise(review[span.start : span.end]) for span in spans]
    scores = classifier.score(sentences, [language] * len(sentences))
    return {
        name: spans[max(range(len(spans)), key=lambda i: scores[i].probabilities[name])]
        for name in types
    }
