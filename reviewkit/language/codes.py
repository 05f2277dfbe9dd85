"""One table maps every spelling of a language code to the codes used here."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from reviewkit.results import LanguageGuess

__all__ = ["guess_from_code"]


@lru_cache(maxsize=1)
def _codes() -> dict[str, tuple[str, str | None, str | None]]:
    content = files("reviewkit.language").joinpath("codes.json").read_text("utf-8")
    return {code: (row[0], row[1], row[2]) for code, row in json.loads(content)["codes"].items()}


def guess_from_code(code: str | None, confidence: float = 1.0) -> LanguageGuess:
    """Return what a language code means here.

    Args:
        code: ISO 639-1 or 639-3, with or without a region (`nb`, `nob`, `nb-NO`, `pt_BR`); None,
            empty and `und` mean that there is nothing to judge; any other code is `other`.
        confidence: probability of the code, 0 to 1.
    """
    plain = (code or "").strip().lower().replace("_", "-").split("-")[0]
    language, variety, guess = _codes().get(plain, ("other", None, plain))
    if language == "und":
        return LanguageGuess("und", 0.0)
    return LanguageGuess(language, round(min(max(confidence, 0.0), 1.0), 4), variety, guess)
