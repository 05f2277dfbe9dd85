"""Which language a text is in: the built-in detector, adapters for others, one protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Protocol, overload, runtime_checkable

from reviewkit.errors import OptionError
from reviewkit.results import LanguageGuess

__all__ = ["DETECTORS", "LanguageDetector", "detect_language", "get_detector"]

DETECTORS: tuple[str, ...] = ("builtin", "langdetect", "lingua")


@runtime_checkable
class LanguageDetector(Protocol):
    """Judges texts; `detect` keeps the order and raises on no string."""

    name: str

    def detect(self, texts: Sequence[str]) -> list[LanguageGuess]:
        """Return one guess a text."""
        ...


def get_detector(
    detector: str | LanguageDetector | Callable[[str], str | None] | None = None,
) -> LanguageDetector:
    """Return the detector that is asked for, loaded.

    Args:
        detector: None or `builtin`; `langdetect`; `lingua`; a function from a text to a language
            code (None where it cannot tell); or a detector, which is returned as it is.

    Raises:
        OptionError: the name is not known.
        MissingExtraError: the package behind the name is not installed.
        BundleError: the built-in model is missing or damaged.
    """
    if detector is None or isinstance(detector, str):
        return _named(detector or "builtin")
    if isinstance(detector, LanguageDetector):
        return detector
    if callable(detector):
        from reviewkit.language.adapters import CallableDetector

        return CallableDetector(detector)
    raise OptionError("detector", detector, (*DETECTORS, "a function", "a LanguageDetector"))


@lru_cache(maxsize=len(DETECTORS))
def _named(name: str) -> LanguageDetector:
    if name == "builtin":
        from reviewkit.language.builtin import BuiltinDetector

        return BuiltinDetector()
    if name == "langdetect":
        from reviewkit.language.adapters import LangdetectDetector

        return LangdetectDetector()
    if name == "lingua":
        from reviewkit.language.adapters import LinguaDetector

        return LinguaDetector()
    raise OptionError("detector", name, DETECTORS)


@overload
def detect_language(texts: str) -> LanguageGuess: ...  # type: ignore[overload-overlap]


@overload
def detect_language(texts: Iterable[str]) -> list[LanguageGuess]: ...


def detect_language(texts: str | Iterable[str]) -> LanguageGuess | list[LanguageGuess]:
    """Return the language of a text, or of each text of an iterable or a Series.

    A missing cell (None, NaN) counts as an empty text: `und`.
    """
    detector = get_detector()
    if isinstance(texts, str):
        return detector.detect([texts])[0]
    return detector.detect([text if isinstance(text, str) else "" for text in texts])
