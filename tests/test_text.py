from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.text import (
    Span,
    fold,
    has_letters,
    normalise,
    script_shares,
    sentence_spans,
)

# Pieces that meet badly: half markup, entities of entities, loose marks, halves of surrogates.
PIECES = [
    *"aаsStTşț<>&;#/='\" \n\r.!?…015АйёæøåõĂ",
    "\u0327", "\u0326", "\u0301", "\u0306", "\u200d", "\u200b", "\ufe0f", "\ud83d", "\ude00",
    "\x00", "\x85", "\u2028", "\u00a0", "😀", "👍", "🏽", "❤", "🇪", "👨‍👩‍👧", "&amp;", "&lt;",
    "&gt;", "&#38;", "&#60;", "&#8205;", "&#x327;", "&nbsp;", "<br>", "<b>", "</b>",
    "<p class='x'>",
    "<script>", "</script>", "<!--", "-->", "<3", "<phone>", "amp;", "#38;", "\u037e", "\u0338",
    "aaaa", "!!!!!", "nr.", "т.е.", "12.",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters()), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_normalise_and_fold_are_idempotent(text: str) -> None:
    normal, folded = normalise(text), fold(text)
    assert normalise(normal) == normal
    assert fold(folded) == folded
    normal.encode()  # no surrogate is left


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_spans_hold_every_visible_character_once(text: str) -> None:
    last = 0
    for start, end in sentence_spans(text):
        assert start >= last
        assert text[start:end] == text[start:end].strip() != ""
        assert not text[last:start].strip()
        last = end
    assert not text[last:].strip()


@settings(deadline=None)
@given(TEXTS)
def test_script_shares_sum_to_one_where_there_are_letters(text: str) -> None:
    shares = script_shares(text)
    assert min(shares.values()) >= 0
    assert sum(shares.values()) == pytest.approx(float(has_letters(text)))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("ş ţ Ş Ţ", "ș ț Ș Ț"),
        ("s\u200b\u0327", "ș"),
        ("mâncare ĂÎ õäöü šž æøå ёйЪ", "mâncare ĂÎ õäöü šž æøå ёйЪ"),
        ("e\u0301 й", "é й"),
        ("foooooarte", "foooarte"),
        ("супеееееер!!!!!!", "супееер!!!"),
        ("10000 и 1000000 lei, 0721111111", "10000 и 1000000 lei, 0721111111"),
        ("bun......", "bun..."),
        ("😀😀😀😀😀", "😀😀😀"),
        ("❤️❤️❤️❤️❤️ 👍🏽👍🏽👍🏽👍🏽", "❤️❤️❤️ 👍🏽👍🏽👍🏽"),
        ("👨‍👩‍👧‍👦 🏳️‍🌈 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽 ☺️", "👨‍👩‍👧‍👦 🏳️‍🌈 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽 ☺️"),
        ("🇪🇪🇪🇪🇪🇪 🇷🇴", "🇪🇪🇪🇪🇪🇪 🇷🇴"),
        ("a\u200db\u00adc\ufeff\x00d", "abcd"),
        ("\ud83d\ude00 \ud83d x", "😀 \ufffd x"),
        ("5 < 6, a<b, b>a, <3 <phone>", "5 < 6, a<b, b>a, <3 <phone>"),
        ("a < p and c > d", "a < p and c > d"),
        ("foarte <b>bun</b>, <a href='x'>aici</a>", "foarte bun, aici"),
        ("unu<br/>doi<p class='x'>trei</p>", "unu\ndoi\ntrei"),
        ("<style>p {}</style>a<script>if (a<b) {}</script>b<!-- x -->c", "a b c"),
        ("&amp;amp;lt;br&amp;amp;gt;x &lt;3 &#128512; &copy;", "x <3 😀 ©"),
        ("AT&T ?a=1&copy=2 & co", "AT&T ?a=1&copy=2 & co"),
        ("a\r\nb\rc\u2028d \n \n e\t\u00a0f ", "a\nb\nc\nd\ne f"),
        ("", ""),
    ],
)
def test_normalise(raw: str, clean: str) -> None:
    assert normalise(raw) == clean


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("MÂNCĂRI Țăran Ştiu", "mancari taran stiu"),
        ("Ёлка йод Й", "елка йод й"),
        ("ÆØÅ õäöü šž", "aeoa oaou sz"),
        ("Straße Łódź đ İ", "strasse lodz d i"),
        ("Plain ASCII", "plain ascii"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_scripts_and_letters() -> None:
    assert script_shares("ab вг ℵ1") == {"latin": 0.4, "cyrillic": 0.4, "other": 0.2}
    assert script_shares("5/5 😀") == {"latin": 0, "cyrillic": 0, "other": 0}
    assert has_letters("5 ё")
    assert not has_letters("5/5 😀!")


@pytest.mark.parametrize(
    "expected",
    [
        ["3.5 stele.", "Bun"],
        ["Am stat la nr. 5 pe str. Mare.", "Apoi am plecat."],
        ["Т.е. плохо и т. д.", "Потом г. Москва."],
        ["Заказал в 2023 г.", "Пришло за 10 мин.", "Спасибо"],
        ["Vi kom kl. 12.", "Så gikk vi, bl.a. fordi f.eks. maten var kald."],
        ["Vi kom 12. mai til 2. etasje.", "Fint."],
        ["2023. aastal ostsin, nt. telefoni.", "Hea."],
        ["J. K. Rowling.", "You and I.", "Then Mr. Smith."],
        ["No. 5 was cold.", "I said no.", "Then left."],
        ["Pizza, paste etc. foarte bune.", "Vin etc.", "Revin"],
        ["Super!!! 😀", "Revin"],
        ["Super 😀", "Revin la 📱 din nou"],
        ["Отлично))", "Рекомендую :)", "Спасибо"],
        ["Well... it was ok.", "Wait…", "What?!", "No."],
        ["„Bine!” a zis el.", "(Bun.)", '"Da."', "Nu"],
        ["mancare rece.", "nu mai vin"],
        ["Bun . . .", "Da ! ! !"],
        ["v1.2.3 pe site.ro.", "Da"],
    ],
)
def test_sentences_in_a_line(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_lines_cut_and_list_numbers_stay_with_their_line() -> None:
    assert sentences("1. Rece\n2. Scump\r\n\n- murdar") == ["1. Rece", "2. Scump", "- murdar"]
    assert sentence_spans(" \n") == []
    assert sentence_spans(" a") == [Span(1, 2)]


HOSTILE = {
    "open tags": "a<" * 500_000,
    "entities": "&amp;" * 200_000,
    "nested entities": "&" + "amp;" * 250_000,
    "less than": "<" * 1_000_000,
    "one letter": "a" * 1_000_000,
    "unclosed scripts": "<script>" * 125_000,
    "unclosed comments": "<!--" * 250_000,
    "unclosed attributes": '<a x="' * 160_000,
    "nested tags": "<b" * 300_000 + ">" * 300_000,
    "combining marks": "e" + "\u0301\u0323" * 500_000,
    "joiners": "😀\u200d" * 500_000,
    "surrogates": "\ud83d" * 1_000_000,
    "blank": " " * 1_000_000 + "x",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_of_hostile_text_takes_less_than_a_second(text: str) -> None:
    begun = time.process_time()  # the processor's time, not the clock's: others may be busy
    normalise(text)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "piece", [".", ".)", ". ", "- .", "😀 a", "nr. ", "1. ", ")", "a\u0301\u0323 "]
)
def test_sentences_and_folding_take_linear_time(piece: str) -> None:
    begun = time.process_time()
    text = piece * (300_000 // len(piece)) + "x"
    sentence_spans(text)
    fold(text)
    assert time.process_time() - begun < 1.5
