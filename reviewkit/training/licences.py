"""A recipe without rows whose licence is non-commercial, copyleft or not stated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from reviewkit.training.corpus import Example

__all__ = ["licences_of", "permissive_recipe", "permissive_rows"]


@cache
def licences_of(path: Path) -> frozenset[str]:
    """Return the licences that a set states, row by row (`unstated` where it states none)."""
    import pandas as pd

    column = pd.read_parquet(path, columns=["license"])["license"]
    return frozenset(column.fillna("unstated").map(str))


def permissive_recipe(recipe: dict[str, Any], data: Path) -> dict[str, Any]:
    """Return the recipe with only those public sets whose licences it lists as permissive."""
    allowed = frozenset(recipe["licences"]["permissive"])
    public = {
        name: options
        for name, options in recipe["public"].items()
        if licences_of(data / "labelled" / options["language"] / f"{name}.parquet") <= allowed
    }
    return {**recipe, "public": public}


def permissive_rows(rows: Sequence[Example], data: Path, recipe: dict[str, Any]) -> list[Example]:
    """Leave out training rows whose text is third-party and not permissively licensed.

    Dev rows stay: they are read to measure, not to learn.
    """
    allowed = frozenset(recipe["licences"]["permissive"])

    def kept(row: Example) -> bool:
        if not row.source.startswith("annotated/") or row.split == "dev":
            return True
        paths = (data / "labelled" / row.language / f"{part}.parquet" for part in row.id.split(":"))
        path = next((path for path in paths if path.exists()), None)
        return path is not None and licences_of(path) <= allowed

    return [row for row in rows if kept(row)]
