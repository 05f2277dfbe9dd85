"""The built-in detector: answers, invariants, damage."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.errors import BundleError
from reviewkit.language import detect_language, get_detector
from reviewkit.language.builtin import BuiltinDetector
from reviewkit.model.locate import models_dir
from reviewkit.results import LanguageGuess

ANSWERS = [
    ("Mâncarea a fost rece și ospătarul nepoliticos.", "ro", None),
    ("MANCAREA A FOST RECE SI CHELNERUL NEPOLITICOS", "ro", None),
    ("Доставка опоздала на три дня, деньги не вернули", "ru", None),
    ("uzhasnyj servis, dengi ne vernuli", "ru", None),
    ("Купил iPhone 13 Pro Max, не работает", "ru", None),
    ("Maten var kald og servitøren uhøflig.", "no", "nb"),
    ("Maten var kald og kelnaren var ikkje høfleg i det heile.", "no", "nn"),
    ("Toit oli külm ja teenindaja ebaviisakas.", "et", None),
    ("The food was cold and the waiter was rude.", "en", None),
    ("Il cibo era freddo e il cameriere scortese.", "other", None),
    ("Das Essen war kalt und der Kellner unhöflich.", "other", None),
    ("Їжа була холодна, а офіціант нечемний.", "other", None),
]
TEXTS = [text for text, _, _ in ANSWERS]


@pytest.fixture(scope="module")
def detector() -> BuiltinDetector:
    return BuiltinDetector()


@pytest.mark.parametrize(("text", "language", "variety"), ANSWERS)
def test_knows_a_plain_review(text: str, language: str, variety: str | None) -> None:
    guess = detect_language(text)
    assert (guess.language, guess.variety) == (language, variety)
    assert guess.confidence > 0.5


@pytest.mark.parametrize(
    "text", ["", "  \n", "123 45,-", "😀👍🏽", "...!?", "https://example.com/x"]
)
def test_nothing_to_judge_is_und(detector: BuiltinDetector, text: str) -> None:
    assert detector.detect([text]) == [LanguageGuess("und", 0.0, None, None)]


@pytest.mark.parametrize(
    ("text", "code"),
    [("とても美味しかった漢字", "ja"), ("非常好吃", "zh"), ("맛있어요", "ko"), ("Πολύ καλό", "el")],
)
def test_a_far_script_suggests_its_language(
    detector: BuiltinDetector, text: str, code: str
) -> None:
    guess = detector.detect([text])[0]
    assert (guess.language, guess.guess) == ("other", code)


def test_other_carries_its_best_guess() -> None:
    guess = detect_language("Il cibo era freddo e il cameriere molto scortese.")
    assert guess.guess == "it"


def test_addresses_do_not_count() -> None:
    text = "Veldig bra! https://www.example.com/the/best/customer/service info@example.com"
    assert detect_language(text).language == "no"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec=None)), max_size=5))
def test_total_and_independent_of_the_batch(texts: list[str]) -> None:
    detector = get_detector()
    alone = [detector.detect([text])[0] for text in texts]
    assert detector.detect(texts) == alone
    assert (
        detector.detect([*TEXTS, *texts, *TEXTS])[len(TEXTS) : -len(TEXTS)][: len(texts)] == alone
    )
    for guess in alone:
        assert guess.language in {"ro", "ru", "no", "et", "en", "other", "und"}
        assert 0.0 <= guess.confidence <= 1.0
        assert (guess.variety is not None) == (guess.language == "no")
        assert (guess.guess is None) == (guess.language == "und")


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda text: f"{text} 😀 12 !!!"])
def test_case_and_ornaments_change_nothing(detector: BuiltinDetector, change: object) -> None:
    assert callable(change)
    assert detector.detect([change(text) for text in TEXTS]) == detector.detect(TEXTS)


def test_cedilla_and_decomposed_letters_are_the_same(detector: BuiltinDetector) -> None:
    comma, cedilla, apart = "și țară", "şi ţară", "s\u0326i t\u0326ara\u0306"
    assert len({*detector.detect([comma, cedilla, apart])}) == 1


def test_a_long_text_costs_little(detector: BuiltinDetector) -> None:
    long = "Mâncarea a fost rece. " * 50_000
    assert detector.detect([long])[0].language == "ro"
    assert detector.detect(["x" * 1_000_000])[0].language in {"other", "en", "ro", "no", "et", "ru"}


def test_threads_get_the_same_answers(detector: BuiltinDetector) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: detector.detect(TEXTS), range(8)))
    assert all(answer == answers[0] for answer in answers)


def test_more_texts_than_a_batch(detector: BuiltinDetector) -> None:
    assert detector.detect(TEXTS * 200) == detector.detect(TEXTS) * 200
    assert detector.detect([]) == []


def test_missing_cells_are_und() -> None:
    assert [g.language for g in detect_language([None, float("nan"), "Toit oli külm"])] == [  # type: ignore[list-item]
        "und",
        "und",
        "et",
    ]


def test_importing_and_naming_does_not_load_numpy() -> None:
    code = (
        "import sys, reviewkit.language as l; l.get_detector; "
        "sys.exit(any(m in sys.modules for m in ('numpy', 'langdetect', 'lingua')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(models_dir() / "language", tmp_path / "language"))


def test_size_of_the_tables(copy: Path) -> None:
    assert sum(path.stat().st_size for path in copy.iterdir()) <= 8_000_000


def test_damaged_table_is_refused(copy: Path) -> None:
    content = bytearray((copy / "latin.i8").read_bytes())
    content[1000] ^= 1
    (copy / "latin.i8").write_bytes(bytes(content))
    with pytest.raises(BundleError, match="checksum"):
        BuiltinDetector(copy)


def test_missing_table_is_refused(copy: Path) -> None:
    (copy / "cyrillic.i8").unlink()
    with pytest.raises(BundleError, match="cyrillic"):
        BuiltinDetector(copy)


def test_incomplete_manifest_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    del manifest["tables"]["latin"]
    (copy / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(BundleError, match="latin"):
        BuiltinDetector(copy)
