"""The cues: the data files, the pattern language, and where in the text a cue is found.

`cue_examples/<language>.txt` holds a line per sentence: the cues it states, ` | `, the sentence;
`not CUE` says that the sentence only looks like CUE.
"""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.cues import Phrases, cue_spans, find_cues, load_cues
from reviewkit.errors import KnowledgeError
from reviewkit.results import CUES, LANGUAGES
from reviewkit.text import fold

EXAMPLES = Path(__file__).with_name("cue_examples")
GROUP = ("cue", "patterns")
KINDS = ("patterns", "unless")


class Example(NamedTuple):
    cues: frozenset[str]
    looks_like: frozenset[str]
    text: str


@cache
def examples(language: str) -> tuple[Example, ...]:
    found = []
    for line in (EXAMPLES / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        names, text = line.split(" | ", 1)
        marked = [name.strip() for name in names.split(",")]
        cues = frozenset(name for name in marked if not name.startswith("not "))
        tricky = frozenset(name[4:] for name in marked if name.startswith("not "))
        found.append(Example(cues, tricky, text))
    return tuple(found)


def patterns(language: str) -> list[tuple[str, str, str]]:
    tables = load_cues(language)
    return [(cue, kind, p) for cue in CUES for kind in KINDS for p in tables[cue].get(kind, [])]


def matches(pattern: str, text: str, **words: list[str]) -> bool:
    phrases = Phrases({GROUP: [pattern]}, words)
    return any(phrases.find(GROUP, phrases.read(fold(text))))


ALL_EXAMPLES = [(language, example) for language in LANGUAGES for example in examples(language)]


@pytest.mark.parametrize(("language", "example"), ALL_EXAMPLES)
def test_sentence_states_exactly_the_expected_cues(language: str, example: Example) -> None:
    assert set(find_cues(example.text, language)) == example.cues
    assert not example.cues & example.looks_like


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cue_has_sentences_and_counterexamples(language: str) -> None:
    stated = Counter(cue for example in examples(language) for cue in example.cues)
    tricky = Counter(cue for example in examples(language) for cue in example.looks_like)
    assert set(stated) | set(tricky) == set(CUES)
    assert min(stated[cue] for cue in CUES) >= 3
    assert min(tricky[cue] for cue in CUES) >= 2
    texts = [example.text for example in examples(language)]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_pattern_is_reached_by_a_sentence(language: str) -> None:
    words = load_cues(language)["words"]
    folded = [fold(example.text) for example in examples(language)]
    for cue, kind, pattern in patterns(language):
        phrases = Phrases({GROUP: [pattern]}, words)
        reached = any(any(phrases.find(GROUP, phrases.read(text))) for text in folded)
        assert reached, f"{language} {cue} {kind}: no example sentence for {pattern!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_data_is_folded_stripped_and_unique(language: str) -> None:
    tables = load_cues(language)
    lists = [
        [pattern for c, k, pattern in patterns(language) if (c, k) == (cue, kind)]
        for cue in CUES
        for kind in KINDS
    ]
    for entries in [*lists, *tables["words"].values()]:
        assert len(entries) == len(set(entries))
        for entry in entries:
            assert entry == fold(entry) == " ".join(entry.split())
            assert "^" not in entry[1:], f"{entry!r}: a clause starts only once"
            assert "$" not in entry[:-1], f"{entry!r}: a clause ends only once"
    for cue in CUES:
        assert set(tables[cue]) <= {"patterns", "unless", "quoted"}
        assert tables[cue]["patterns"]
    used = " ".join(pattern for _, _, pattern in patterns(language))
    assert all(f"<{name}>" in used for name in tables["words"])


def test_file_with_wrong_tables_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    load_cues.cache_clear()
    monkeypatch.setattr(tomllib, "loads", lambda _: {"words": {}, "weather": {}})
    with pytest.raises(KnowledgeError, match="weather"):
        load_cues("en")
    load_cues.cache_clear()


@pytest.mark.parametrize("language", ["de", "other", "und", "", "nb"])
def test_language_without_cues(language: str) -> None:
    assert find_cues("Never again! See you in court.", language) == ()
    assert cue_spans("Never again! See you in court.", language) == []


def test_cues_come_in_the_order_of_the_results() -> None:
    text = "See you in court. I do not recommend this hotel. Never again!"
    assert find_cues(text, "en") == ("churn_intent", "negative_wom", "legal_or_regulator")


@pytest.mark.parametrize(
    ("language", "text", "quote", "cue"),
    [
        (
            "no",
            "Ærlig talt, dårlig. Bestilte SELV FEIL farge.",
            "Bestilte SELV FEIL",
            "self_admitted",
        ),
        ("ro", "Nu recoma\u0302nd nu; ß, ﬁ. NU VĂ RECOMÂND!", "NU VĂ RECOMÂND", "negative_wom"),
        (
            "ru",
            "Мой йогурт ёжится. Это был мои\u0306 недосмотр.",
            "мои\u0306 недосмотр",
            "self_admitted",
        ),
        ("et", "Õ\u0303öõ. Süüdi on kullerfirma.", "Süüdi on kullerfirma", "third_party_named"),
        ("en", "Straße, œuvre: NEVER AGAIN!", "NEVER AGAIN", "churn_intent"),
    ],
)
def test_spans_point_into_the_original_text(language: str, text: str, quote: str, cue: str) -> None:
    spans = [span for span in cue_spans(text, language) if text[span.start : span.end] == quote]
    assert [span.cue for span in spans] == [cue]


def test_quotation_is_not_the_writers_own_statement() -> None:
    assert find_cues("Never again! It was loud.", "en") == ("churn_intent",)
    assert find_cues("A sign said “Never again!” and we laughed.", "en") == ()
    assert find_cues("Клерк сказал: «сама виновата».", "ru") == ()
    # A review that is quoted as a whole, as exports do it, speaks for itself.
    assert find_cues('"Never again!"', "en") == ("churn_intent",)


def test_diacritics_and_case_do_not_matter() -> None:
    for text in ("Nu mai calc pe aici, feriți-vă!", "NU MAI CALC PE AICI, FERITI-VA!"):
        assert find_cues(text, "ro") == ("churn_intent", "negative_wom")


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("red", ["so red!", "RED"], ["redder", "infrared"]),
        ("red*", ["redder", "red"], ["infrared", "re"]),
        ("red|blue car", ["red car", "blue, blue car"], ["green car", "red, car", "red. car"]),
        ("(dark red|blue) car", ["dark red car"], ["red car", "dark car"]),
        ("red [old|new] car", ["red car", "red new car"], ["red slow car"]),
        ("<hue> car", ["pale blue car", "red car"], ["pale car"]),
        ("red … car", ["red car", "red a b c car"], ["red a b c d car", "red a, b car"]),
        ("red …5 car", ["red a b c d e car"], ["red a b c d e f car"]),
        ("red ~ car", ["red a, b, c car", "red, car"], ["red a. car", "red a b c d e f g car"]),
        ("^ red", ["red", "so, red", "Oh!  Red", "so - red", "so\nred"], ["so red", "so-red"]),
        ("red $", ["red", "red, so", "red 😡"], ["red so", "red-so"]),
        ("# cars", ["3 cars", "3. cars", "10-ty cars"], ["3, cars", "3.\ncars."][:1]),
        ("#. car", ["3rd car", "3. car", "3-й car"], ["3 car"]),
        ("can-t", ["can't", "cant", "can t", "can-t"], ["can", "can, t"]),
    ],
)
def test_pattern_language(pattern: str, yes: list[str], no: list[str]) -> None:
    hues = ["red", "pale blue"]
    assert [text for text in yes if not matches(pattern, text, hue=hues)] == []
    assert [text for text in no if matches(pattern, text, hue=hues)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "^",
        "^ $",
        "[red]",
        "<unknown> car",
        "red (car",
        "red ) car",
        "red ^ car",
        "$ red",
        "… red",
        "red || car",
        "*",
        "red! car",
        "red ()",
    ],
)
def test_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(KnowledgeError, match="cue pattern"):
        Phrases({GROUP: [pattern]}, {"hue": ["red"]})


def test_word_is_in_all_stems_that_it_begins_with() -> None:
    phrases = Phrases(
        {("a", "patterns"): ["re*"], ("b", "patterns"): ["redd* x"], ("c", "patterns"): ["redder"]},
        {},
    )
    reading = phrases.read("redder x")
    assert all(any(phrases.find((name, "patterns"), reading)) for name in "abc")


ANY_TEXT = st.text(max_size=80)
VOCABULARY = {
    language: sorted({word for example in examples(language) for word in example.text.split()})
    for language in LANGUAGES
}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), language=st.sampled_from(LANGUAGES))
def test_spans_agree_with_cues_for_any_text(data: st.DataObject, language: str) -> None:
    word = st.one_of(
        st.sampled_from(VOCABULARY[language]),
        st.text(max_size=6),
        st.sampled_from(
            ["\u0301", "и\u0306", "ß", "æ", "İ", "\u0f73", "«", "”", '"', "가", "\ud800", "ﬃ"]
        ),
    )
    text = " ".join(data.draw(st.lists(word, max_size=30)))
    spans = cue_spans(text, language)
    assert {span.cue for span in spans} == set(find_cues(text, language))
    assert spans == sorted(spans)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip()


@settings(max_examples=150, deadline=None)
@given(text=ANY_TEXT, language=st.sampled_from(LANGUAGES))
def test_any_string_is_accepted(text: str, language: str) -> None:
    assert set(find_cues(text, language)) <= set(CUES)


HOSTILE = {
    "en": [
        "never again. ",
        "i will never ",
        "not ",
        "n ",
        '"',
        "„",
        "-",
        " - ",
        " ",
        "a",
        "1.",
        "time ",
    ],
    "ru": ["никогда больше не ", "третий раз ", "не ", "«", "и\u0306"],
    "ro": ["nu mai ", "a doua oara ", "de fiecare data "],
    "no": ["ikke ", "vi kommer aldri ", "hver gang "],
    "et": ["ei ", "iga kord ", "juba teist korda "],
}


@pytest.mark.parametrize(
    ("language", "piece"), [(lang, piece) for lang in LANGUAGES for piece in HOSTILE[lang]]
)
def test_time_is_linear_for_hostile_text(language: str, piece: str) -> None:
    find_cues("", language)  # compiled before the clock starts

    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    start = time.process_time()
    find_cues(text, language)
    # About 0.1 s where the time is linear; the square of the length would take minutes.
    assert time.process_time() - start < 1.0
