"""Which column holds the reviews."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Protocol

from reviewkit.errors import InputError

__all__ = ["TEXT_NAMES", "text_column"]

TEXT_NAMES = (
    "text",
    "review",
    "comment",
    "content",
    "body",
    "message",
    "feedback",
    "recenzie",
    "comentariu",
    "отзыв",
    "текст",
    "anmeldelse",
    "kommentar",
    "arvustus",
    "tekst",
)
_LISTED = 40


class Named(Protocol):
    """What `text_column` asks of a table."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names in order."""

    @property
    def text_candidates(self) -> tuple[str, ...]:
        """The columns that hold strings."""


def text_column(table: Named, requested: str | None = None) -> str:
    """Return the name of the column with the reviews.

    The requested one; else the one named like text (`TEXT_NAMES`, in any case, spaces around
    it ignored); else the only column of strings (`Table.text_candidates`). Where several are
    named like text, those that hold strings count, and one called `text` goes before the others.

    Raises:
        InputError: there is no such column, or no single one; the message lists the columns.
    """
    columns = list(dict.fromkeys(table.columns))
    if requested is not None:
        if requested in columns:
            return requested
        near = difflib.get_close_matches(_key(requested), map(_key, columns), n=1)
        close = next((name for name in columns if near and _key(name) == near[0]), None)
        hint = "" if close is None else f" Did you mean --text {_quoted(close)}?"
        raise InputError(f"{table.name} has no column {requested!r}.{hint} {_listed(columns)}")
    named = [name for name in columns if _key(name) in TEXT_NAMES]
    strings = [name for name in columns if name in table.text_candidates]
    for found in (
        named,
        [name for name in named if name in strings],
        [name for name in named if _key(name) == "text"],
        [name for name in named if name == "text"],
        strings if not named else [],
    ):
        if len(found) == 1:
            return found[0]
    possible = named or strings or columns
    example = _quoted(possible[0]) if possible else "NAME"
    several = "several columns" if named or strings else "no column"
    raise InputError(
        f"{several} of {table.name} could hold the reviews. Fix: name it, for example "
        f"--text {example}. {_listed(columns)}"
    )


def _key(name: str) -> str:
    return name.strip().casefold()


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"'{name}'"


def _listed(columns: Iterable[str]) -> str:
    names = [repr(name) for name in columns]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"The columns are: {', '.join(names[:_LISTED])}{more}."
