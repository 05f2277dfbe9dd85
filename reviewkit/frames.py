"""pandas in, pandas out: the text column of a frame, and our columns beside its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviewkit.results import Analysis
from reviewkit.tables import output_names, text_column

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["add_columns", "frame_text_column"]

# Nullable types, so that a row without a value does not turn its column into floats or objects.
_DTYPES = {
    "language_confidence": "Float64",
    "sentiment_confidence": "Float64",
    "p_negative": "Float64",
    "p_neutral": "Float64",
    "p_positive": "Float64",
    "p_mixed": "Float64",
    "severity": "Int64",
    "abusive": "boolean",
    "resolved": "boolean",
    "priority": "Int64",
    "n_tokens": "Int64",
    "n_chunks": "Int64",
    "truncated": "boolean",
    "complaint_types": "object",
    "complaint_probabilities": "object",
    "cues": "object",
}


@dataclass(frozen=True, slots=True)
class _Columns:
    name: str
    columns: tuple[str, ...]
    text_candidates: tuple[str, ...]


def frame_text_column(frame: pd.DataFrame, requested: str | None = None) -> Any:
    """Return the label of the column with the reviews, by the command line's rule.

    Raises:
        InputError: there is no such column, or no single one; the message lists the columns.
    """
    labels = {str(label): label for label in frame.columns}
    strings = tuple(
        str(label)
        for label, dtype in zip(frame.columns, frame.dtypes, strict=True)
        if str(dtype) == "object" or str(dtype).startswith(("str", "category"))
    )
    found = text_column(_Columns("the frame", tuple(labels), strings), requested)
    return labels[found]


def add_columns(
    frame: pd.DataFrame, results: Sequence[Analysis], columns: Sequence[str]
) -> pd.DataFrame:
    """Return a copy of the frame with one column each of `columns`; the index is kept."""
    import pandas as pd

    rows = [result.to_row() for result in results]
    names = output_names([str(label) for label in frame.columns], columns)
    added = {
        names[column]: pd.Series(
            [row[column] for row in rows], index=frame.index, dtype=_DTYPES.get(column, "string")
        )
        for column in columns
    }
    return pd.concat([frame, pd.DataFrame(added, index=frame.index)], axis=1)
