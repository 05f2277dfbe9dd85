"""Find the folder that holds the shipped models, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from reviewkit.errors import BundleError

__all__ = ["models_dir"]


def models_dir() -> Path:
    """Return the folder of the shipped models.

    In a wheel it lies inside the package (`reviewkit/models`), in a checkout beside it.

    Raises:
        BundleError: neither folder exists.
    """
    package = Path(__file__).resolve().parent.parent
    candidates = (package / "models", package.parent / "models")
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise BundleError(
        f"The folder of the shipped models is missing: neither {candidates[0]} nor "
        f"{candidates[1]} exists. Install the package again, or give the folder of a model."
    )
