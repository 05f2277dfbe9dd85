from __future__ import annotations

import math
import subprocess
import sys
import threading
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.analyzer import ReviewAnalyzer, analyze
from reviewkit.errors import BundleError, InputError, OptionError
from reviewkit.results import COMPLAINT_TYPES, SENTIMENTS, Analysis

REVIEWS = {
    "ro": "Am așteptat două ore și mâncarea a venit rece, iar chelnerul a fost nepoliticos.",
    "ru": "Посылка пришла на три недели позже, на звонки никто не отвечает.",
    "no": "Pakken kom tre uker for sent, og kundeservice svarer ikke på klagen min.",
    "et": "Telefon läks nädalaga katki ja raha tagasi ei anta.",
    "en": "The sofa arrived broken and they refuse to give me my money back.",
}
PRAISE = {
    "ro": "Totul a fost minunat, mulțumim pentru servirea excelentă!",
    "ru": "Отличный магазин, всё быстро и вежливо, спасибо!",
    "no": "Kjempefin butikk, hyggelige folk og god mat!",
    "et": "Suurepärane teenindus ja väga maitsev toit, aitäh!",
    "en": "Lovely place, friendly staff and great food, thank you!",
}


@pytest.mark.parametrize("language", REVIEWS)
def test_a_complaint_in_each_language(analyzer, language):
    found = analyzer.analyze(REVIEWS[language])
    assert found.status == "ok"
    assert found.language == language
    assert found.sentiment == "negative"
    assert found.kind == "complaint"
    assert found.complaint_types
    assert found.severity >= 1
    assert found.priority > 0


@pytest.mark.parametrize("language", PRAISE)
def test_praise_in_each_language(analyzer, language):
    found = analyzer.analyze(PRAISE[language])
    assert found.language == language
    assert (found.sentiment, found.kind) == ("positive", "praise")
    assert (found.complaint_types, found.severity, found.priority) == ((), 0, 0)


def test_probabilities_are_complete(analyzer):
    found = analyzer.analyze(REVIEWS["ro"])
    assert set(found.sentiment_probabilities) == set(SENTIMENTS)
    assert sum(found.sentiment_probabilities.values()) == pytest.approx(1, abs=3e-4)
    assert set(found.complaint_probabilities) == set(COMPLAINT_TYPES)
    assert found.sentiment_confidence == max(found.sentiment_probabilities.values())
    assert found.model == analyzer.model
    assert found.n_tokens > 5
    assert found.n_chunks == 1


NOTHING = ("", "   ", "😡😡😡", "5/5", None, math.nan, "\x00", "\ud800", 5, 4.5, date(2026, 1, 2))


@pytest.mark.parametrize("cell", NOTHING)
def test_nothing_to_judge_is_empty(analyzer, cell):
    found = analyzer.analyze([cell])[0]
    assert (found.status, found.language, found.sentiment) == ("empty", "und", None)


@pytest.mark.parametrize("cell", [b"bytes", ["a list"], {"a": 1}, object()])
def test_a_cell_that_is_no_text_is_an_error_in_its_place(analyzer, cell):
    before, found, after = analyzer.analyze([REVIEWS["ro"], cell, REVIEWS["et"]])
    assert found.status == "error"
    assert type(cell).__name__ in found.error
    assert (before.status, after.status) == ("ok", "ok")


def test_another_language_is_said_and_not_guessed(analyzer):
    found = analyzer.analyze("Das Essen war kalt und der Kellner sehr unfreundlich, nie wieder.")
    assert (found.status, found.language) == ("unsupported_language", "other")
    assert found.sentiment is None
    assert found.complaint_types == ()


@pytest.mark.parametrize("wrong", [5, None, b"text", {"text": "x"}])
def test_what_is_no_review_is_refused(analyzer, wrong):
    with pytest.raises(InputError, match="give a string, a list of strings"):
        analyzer.analyze(wrong)


MIXED = [*REVIEWS.values(), *PRAISE.values(), "", "ok", REVIEWS["ro"] * 30]


@settings(max_examples=8)
@given(st.permutations(range(len(MIXED))), st.integers(1, len(MIXED)))
def test_results_do_not_depend_on_order_or_batch(analyzer, order, size):
    expected = analyzer.analyze(MIXED)
    for at in range(0, len(order), size):
        some = order[at : at + size]
        for i, found in zip(some, analyzer.analyze([MIXED[i] for i in some]), strict=True):
            assert_same(found, expected[i])


def assert_same(one: Analysis, two: Analysis) -> None:
    for name, p in one.complaint_probabilities.items():
        assert p == pytest.approx(two.complaint_probabilities[name], abs=2e-4)
    for name, p in one.sentiment_probabilities.items():
        assert p == pytest.approx(two.sentiment_probabilities[name], abs=2e-4)
    labels = ("status", "language", "kind", "sentiment", "complaint_types", "severity", "abusive",
              "resolved", "cues", "priority", "n_tokens", "n_chunks")  # fmt: skip
    assert [getattr(one, name) for name in labels] == [getattr(two, name) for name in labels]


@pytest.mark.parametrize("language", REVIEWS)
def test_capitals_and_exclamation_marks_change_nothing(analyzer, language):
    plain = REVIEWS[language]
    given_language = ReviewAnalyzer(analyzer._classifier, language=language)
    expected, shouted = given_language.analyze([plain + "!", plain.upper() + "!!!"])
    assert shouted.complaint_types == expected.complaint_types
    assert (shouted.sentiment, shouted.severity) == (expected.sentiment, expected.severity)


def test_stream_keeps_order_and_context(analyzer):
    pairs = [(text, i) for i, text in enumerate(MIXED)]
    found = list(analyzer.stream(iter(pairs), as_tuples=True))
    assert [context for _, context in found] == list(range(len(MIXED)))
    assert [r.language for r, _ in found] == [r.language for r in analyzer.stream(MIXED)]


def test_a_breach_in_a_long_happy_story_is_kept(analyzer, root):
    import pandas as pd

    reviews = pd.read_csv(root / "examples" / "reviews.csv").set_index("order_id")["review"]
    story = reviews["S-12684"]  # 2,000 words on a new flat, and a lamp that gave a shock
    found = analyzer.analyze(story)
    assert len(story.split()) > 1900
    assert found.n_chunks > 4
    assert not found.truncated
    assert "safety_security" in found.complaint_types
    assert (found.sentiment, found.severity) == ("mixed", 3)


def test_a_huge_text_is_truncated_and_says_so(analyzer):
    found = analyzer.analyze("Produsul este bun dar livrarea a durat mult. " * 3000)
    assert found.truncated
    assert found.n_tokens > 20_000


def test_threads_give_the_same_results(analyzer):
    expected = analyzer.analyze(list(REVIEWS.values()))
    found: list[object] = []

    def work() -> None:
        found.append(analyzer.analyze(list(REVIEWS.values())))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_options(analyzer):
    classifier = analyzer._classifier
    given_language = ReviewAnalyzer(classifier, language="nn").analyze("Hei på deg")
    assert (given_language.language, given_language.variety) == ("no", "nn")
    unsure = ReviewAnalyzer(classifier, abstain_below=1.0).analyze(REVIEWS["en"])
    assert unsure.status == "abstained"
    loud = ReviewAnalyzer(classifier, priority=lambda *_: 99).analyze(REVIEWS["en"])
    assert loud.priority == 99
    asked = ReviewAnalyzer(classifier, detector=lambda text: "et").analyze(REVIEWS["en"])
    assert asked.language == "et"


def test_wrong_options_list_the_valid_ones(analyzer):
    with pytest.raises(OptionError, match="'ro', 'ru', 'no', 'et', 'en'"):
        ReviewAnalyzer(analyzer._classifier, language="sv")
    with pytest.raises(OptionError, match="'default'"):
        ReviewAnalyzer("defualt")
    with pytest.raises(OptionError, match="'builtin'"):
        ReviewAnalyzer(analyzer._classifier, detector="cld9")
    with pytest.raises(OptionError, match="from 0 to 1"):
        ReviewAnalyzer(analyzer._classifier, abstain_below=3)


def test_personal_data_can_be_masked(analyzer):
    masking = ReviewAnalyzer(analyzer._classifier, mask_personal_data=True)
    assert masking.analyze("Scrieți-mi la ion@example.com, produsul e stricat.").status == "ok"


def test_a_damaged_bundle_is_named(analyzer, tmp_path):
    folder = analyzer._classifier.bundle.folder
    for name in ("model.onnx", "tokenizer.json", "manifest.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(BundleError, match=r"tokenizer\.json is damaged: its SHA-256"):
        ReviewAnalyzer(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match=r"tokenizer\.json is missing"):
        ReviewAnalyzer(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(BundleError, match="damaged"):
        ReviewAnalyzer(tmp_path)


def test_module_level_analyze_is_the_default_analyzer(analyzer):
    assert analyze(REVIEWS["ro"]) == analyzer.analyze(REVIEWS["ro"])


def test_analyze_frame(analyzer):
    import pandas as pd

    frame = pd.DataFrame(
        {"anmeldelse": [REVIEWS["no"], None, "5/5"], "severity": ["x", "y", "z"]},
        index=[7, 7, 9],
    )
    out = analyzer.analyze_frame(frame)
    assert list(out.index) == [7, 7, 9]
    assert list(out.columns[:2]) == ["anmeldelse", "severity"]
    assert out["severity"].tolist() == ["x", "y", "z"]
    assert out["rk_severity"].tolist()[0] >= 1
    assert out["rk_severity"].isna().tolist() == [False, True, True]
    assert out["status"].tolist() == ["ok", "empty", "empty"]
    with pytest.raises(InputError, match="anmeldelse"):
        analyzer.analyze_frame(frame, text="recenzie")


def test_the_first_analysis_needs_no_network_and_little_else():
    code = (
        "import sys, reviewkit as rk\n"
        "print(rk.analyze('Pakken kom aldri fram.').language)\n"
        "print([n for n in ('torch', 'transformers', 'spacy', 'pandas') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["no", "[]"]
