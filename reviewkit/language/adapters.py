"""Other detectors behind the same protocol: langdetect, lingua, any function."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Final

from reviewkit.errors import MissingExtraError
from reviewkit.language.codes import guess_from_code
from reviewkit.results import LanguageGuess

__all__ = ["CallableDetector", "LangdetectDetector", "LinguaDetector"]

_SEED: Final = 0
_NOTHING: Final = LanguageGuess("und", 0.0)
# langdetect's own languages, weighted towards those that are supported.
_PRIOR: Final = {"ro": 5.0, "ru": 5.0, "no": 5.0, "et": 5.0, "en": 5.0}


class CallableDetector:
    """A function from a text to a language code.

    What the function raises is the caller's business and passes through.
    """

    def __init__(self, function: Callable[[str], str | None]) -> None:
        self._function = function
        self.name = getattr(function, "__name__", type(function).__name__)

    def detect(self, texts: Sequence[str]) -> list[LanguageGuess]:
        """Return what the codes mean; None and `und` mean that there is nothing to judge."""
        return [guess_from_code(self._function(text)) for text in texts]


class LangdetectDetector:
    """langdetect with a factory and a seed of its own; the library's global state is not touched.

    Capitals are lowered first: langdetect takes text in capitals for German or Vietnamese.

    Raises:
        MissingExtraError: langdetect is not installed.
    """

    name = "langdetect"

    def __init__(self) -> None:
        factory = _module("langdetect.detector_factory", "langdetect")
        self._error: type[Exception] = _module(
            "langdetect.lang_detect_exception", "langdetect"
        ).LangDetectException
        self._factory: Any = factory.DetectorFactory()
        self._factory.load_profile(factory.PROFILES_DIRECTORY)
        self._factory.seed = _SEED
        listed = self._factory.get_lang_list()
        total = sum(_PRIOR.get(code, 1.0) for code in listed)
        self._prior = {code: _PRIOR.get(code, 1.0) / total for code in listed}

    def detect(self, texts: Sequence[str]) -> list[LanguageGuess]:
        """Judge each text on its own; no letters give `und`."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> LanguageGuess:
        detector = self._factory.create()
        detector.seed = _SEED
        detector.set_prior_map(self._prior)
        detector.append(text.lower())
        try:
            found = detector.get_probabilities()
        except self._error:
            return _NOTHING
        return guess_from_code(found[0].lang, found[0].prob) if found else _NOTHING


class LinguaDetector:
    """lingua in high-accuracy mode over the languages of Europe; about 700 MB of memory.

    Raises:
        MissingExtraError: lingua is not installed.
    """

    name = "lingua"

    def __init__(self) -> None:
        lingua = _module("lingua", "lingua-language-detector")
        names = (
            "ROMANIAN RUSSIAN BOKMAL NYNORSK ESTONIAN ENGLISH DANISH SWEDISH ICELANDIC FINNISH "
            "LATVIAN LITHUANIAN ITALIAN SPANISH FRENCH PORTUGUESE CATALAN UKRAINIAN BELARUSIAN "
            "BULGARIAN MACEDONIAN SERBIAN KAZAKH GERMAN POLISH DUTCH HUNGARIAN TURKISH"
        )
        languages = [getattr(lingua.Language, name) for name in names.split()]
        self._detector: Any = lingua.LanguageDetectorBuilder.from_languages(*languages).build()
        self._lock = Lock()

    def detect(self, texts: Sequence[str]) -> list[LanguageGuess]:
        """Judge each text on its own; no letters give `und`."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> LanguageGuess:
        # Lone surrogates do not reach the library, which is written in Rust.
        clean = text.encode("utf-8", "replace").decode("utf-8")
        with self._lock:
            values = self._detector.compute_language_confidence_values(clean)
        if not values or not any(character.isalpha() for character in clean):
            return _NOTHING
        return guess_from_code(values[0].language.iso_code_639_1.name, values[0].value)


def _module(name: str, package: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        extra = name.split(".")[0]
        raise MissingExtraError(f"detector={extra!r}", package, extra) from error
