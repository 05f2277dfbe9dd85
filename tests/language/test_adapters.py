"""Adapters for other detectors, and the choice among them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from reviewkit.errors import MissingExtraError, OptionError
from reviewkit.language import LanguageDetector, get_detector
from reviewkit.language.adapters import LangdetectDetector, LinguaDetector
from reviewkit.language.codes import guess_from_code
from reviewkit.results import LanguageGuess


class Fixed:
    name = "fixed"

    def detect(self, texts: Sequence[str]) -> list[LanguageGuess]:
        return [LanguageGuess("et", 1.0, None, "et")] * len(texts)


def test_names_objects_and_functions() -> None:
    own = Fixed()
    assert get_detector(own) is own
    assert get_detector() is get_detector("builtin")
    assert isinstance(get_detector(), LanguageDetector)

    def always_nynorsk(text: str) -> str:
        return "nn-NO"

    detector = get_detector(always_nynorsk)
    assert detector.name == "always_nynorsk"
    assert detector.detect(["a", "b"]) == [LanguageGuess("no", 1.0, "nn", "no")] * 2


@pytest.mark.parametrize("unknown", ["fasttext", 3])
def test_unknown_detector_lists_the_valid_ones(unknown: object) -> None:
    with pytest.raises(OptionError, match="langdetect"):
        get_detector(unknown)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "language", "variety", "guess"),
    [
        ("ro", "ro", None, "ro"),
        ("RON", "ro", None, "ro"),
        ("nob", "no", "nb", "no"),
        ("nn_NO", "no", "nn", "no"),
        ("no", "no", None, "no"),
        ("ekk", "et", None, "et"),
        ("pt-BR", "other", None, "pt"),
        ("und", "und", None, None),
        ("", "und", None, None),
        (None, "und", None, None),
    ],
)
def test_codes(code: str | None, language: str, variety: str | None, guess: str | None) -> None:
    found = guess_from_code(code)
    assert (found.language, found.variety, found.guess) == (language, variety, guess)


def test_confidence_is_kept_within_bounds() -> None:
    assert guess_from_code("et", 1.0000001).confidence == 1.0
    assert guess_from_code("et", 0.25).confidence == 0.25


def test_langdetect_is_total_steady_and_private() -> None:
    pytest.importorskip("langdetect")
    from langdetect import DetectorFactory

    before = DetectorFactory.seed
    detector = get_detector("langdetect")
    texts = ["MÂNCAREA A FOST RECE", "Toit oli külm ja teenindaja ebaviisakas", "", "12", "\ud800"]
    first = detector.detect(texts)
    assert [g.language for g in first] == ["ro", "et", "und", "und", "und"]
    assert detector.detect(texts) == first
    assert DetectorFactory.seed == before


@pytest.mark.parametrize(
    ("package", "detector"), [("langdetect", LangdetectDetector), ("lingua", LinguaDetector)]
)
def test_missing_package_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, package: str, detector: type
) -> None:
    for module in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"\[{package}\]"):
        detector()


def test_lingua_takes_any_string(monkeypatch: pytest.MonkeyPatch) -> None:
    lingua = pytest.importorskip("lingua")
    few = lingua.LanguageDetectorBuilder.from_languages(
        lingua.Language.ESTONIAN, lingua.Language.KAZAKH
    )
    monkeypatch.setattr(lingua.LanguageDetectorBuilder, "from_languages", lambda *languages: few)
    found = LinguaDetector().detect(["Toit oli külm", "", "\ud800", "12"])
    assert [guess.language for guess in found] == ["et", "und", "und", "und"]
