"""All numbers are made up; check digits were computed apart from the module under test."""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.errors import OptionError
from reviewkit.pii import KINDS, PiiSpan, find_pii, mask_pii

AUTHORED = Path(__file__).parents[2] / "shared" / "data" / "authored"

FOUND = {
    "email": [
        "scrieți la ion.popescu+x@mail.example.ro, vă rog",
        "почта ivan_99@пример.рф.",
        "(kari-n@example.no)",
    ],
    "url": [
        "vezi https://example.ro/a?b=1&c=ion@example.ro!",
        "www.example.ee",
        "scrie pe t.me/ion_popescu.",
    ],
    "phone": [
        # RO
        "sunați la 0721123456", "0721 123 456", "0721.123.456", "0721-123-456", "021 312 34 56",
        "0256/123456", "07 21 12 34 56", "+40 721 123 456", "0040721123456", "+40 (0)21 312 3456",
        # RU
        "8 (916) 123-45-67", "8-916-123-45-67", "89161234567", "+7 916 123 45 67",
        "+7(495)1234567", "8 800 555 35 35", "(495) 123-45-67", "916-123-45-67", "тел. 123-45-67",
        # NO
        "ring 912 34 567", "91234567", "22 12 34 56", "+47 22 12 34 56", "004791234567",
        "800 12 345", "tlf: 21234567",
        # EE
        "5123 4567", "512 3456", "51234567", "+372 5123 4567", "+372 600 1234", "tel 6001234",
        # UK, US, others
        "07911 123456", "07911123456", "020 7946 0018", "0161 496 0018", "+44 (0)20 7946 0018",
        "+44 7911 123456", "(212) 555-0187", "212-555-0187", "1-800-555-0187", "+1 212 555 0187",
        "+49 30 12345678", "+380 50 123 45 67",
    ],
    "card": [
        "4111 2222 3333 4448", "4111-2222-3333-4448", "2200123456789019", "3782 822463 10005",
        "50181234567890125", "30569309025904", "4222222222222",
    ],
    "iban": [
        "RO34 TEST 0000 1234 5678 9012", "ro34test0000123456789012", "EE201234567890123456",
        "NO28 1234 5678 901", "GB85 TEST 1234 5612 3456 78", "DE58123456780123456789",
        "LV13TEST0000123456789 MULTUMESC",
    ],
    "personal_code": [
        # RO, EE (the second with the second row of weights), NO (fødselsnummer, D-number)
        "CNP 2851215400011", "5001231123458", "6020228409993",
        "49003115220", "isikukood 50202282049", "01019012480", "010190 12480",
        "41019012393",
        # RU: СНИЛС (the second ends in 100, written 00), ИНН, passport
        "СНИЛС 112-233-445 95", "087-654-302 00", "ИНН 500100732259", "770123456703",
        "паспорт 4512 123456", "паспорт: серия 45 12 № 123456", "серия 4512 номер 123456",
        # identity documents by keyword
        "buletin seria XT nr. 123456", "CI RX 123456", "passport no. AB1234567", "pass nr K1234567",
    ],
    "order": [
        "comanda nr. 123456", "comanda #1234", "numărul comenzii: 12345", "contract nr. 1234/2024",
        "AWB 1234567890123", "factura nr ABC-00123",
        "заказ № 1234", "номер заказа 5551234", "заказ 1234567", "трек-номер RA123456789RU",
        "обращение №1866198",
        "ordre nr 4321", "ordrenummer 12345678", "bestillingsnr. 98765",
        "sporingsnummer 37041234567",
        "kundenummer: 445566",
        "tellimus nr 5678", "tellimuse number on 12345", "tellimus 20417", "arve nr. 2024-1234",
        "order #1234", "order number is AB-12345", "Order no: 998877", "tracking number 1Z999AA101",
    ],
}  # fmt: skip

# Amounts, dates, times, measures, names of things: nothing of it is personal data.
INNOCENT = [
    "1 299,90 kr", "1.299,00 lei", "1 200 000 тенге", "400.000 de lei", "12.990!!!", "2 500,-",
    "10000 lei", "1000000", "5 000 000", "€ 51234567", "51234567 lei", "NOK 22 12 34 56",
    "$1,299.00",
    "12.03.2024", "2024-03-12", "12/03/2024 12:30", "02.03.2024 12:30", "20240312", "2023-2024",
    "5/5", "10/10", "24/7", "08:00-20:00", "08.00 - 20.00", "12:30:45", "kl. 18.30",
    "iPhone 13", "iPhone 15 Pro Max 256GB", "telefon 128000", "Samsung A52", "100%", "500 g",
    "250000 km", "1920x1080", "404-siden", "RTX 4090", "ISO 9001", "am luat telefon 12.03.2024",
    "telefon 1 299 000", "comanda 2 pizza", "comanda de 15000", "заказ 15000 рублей",
    "заказ от 12.03.2024",
    "ordre 1000 kr", "tellimus 100 eurot", "order 66", "contract 24 luni", "arve 15000",
    "заказ на 1234567 руб", "+100500", "pe emag.ro", "site.ro. Apoi", "a@b", "@shop", "и/или",
    # a wrong check digit
    "4111 2222 3333 4449", "RO35TEST0000123456789012", "1900229401232", "2851215400012",
    "49003115221",
    "41019012394", "087-654-302 01", "500100732258",
    # no such day
    "1901329401231",
    "0000 0000 0000 0000", "RO1234567890",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in FOUND.items() for text in texts]
)
def test_found(kind: str, text: str) -> None:
    spans = find_pii(text)
    assert [span.kind for span in spans] == [kind]
    start, end, _ = spans[0]
    assert mask_pii(text) == f"{text[:start]}<{kind}>{text[end:]}"
    # nothing of it is left beside the mask
    assert not re.search(r"\d", text[:start] + text[end:])


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent(text: str) -> None:
    assert mask_pii(text) == text
    assert mask_pii(f"Da, {text}, da.") == f"Da, {text}, da."


def test_only_the_find_is_replaced() -> None:
    text = "Comanda nr. 12345 (Ion, ion@x.ro; 0721 123 456/0722 123 456) a costat 1.299,00 lei."
    masked = "Comanda nr. <order> (Ion, <email>; <phone>/<phone>) a costat 1.299,00 lei."
    assert mask_pii(text) == masked
    assert find_pii(text)[0] == PiiSpan(12, 17, "order")


def test_the_most_specific_kind_wins() -> None:
    assert mask_pii("comanda nr. 4111222233334448") == "comanda nr. <card>"
    assert mask_pii("contract nr. 2851215400011") == "contract nr. <personal_code>"
    assert mask_pii("comanda nr. 0721123456") == "comanda nr. <order>"
    assert mask_pii("0721123456@example.ro") == "<email>"
    # also where the winner is not asked for
    assert mask_pii("comanda nr. 0721123456", kinds=["phone"]) == "comanda nr. 0721123456"


def test_kinds() -> None:
    text = "ion@x.ro 0721123456"
    assert mask_pii(text, kinds=["email"]) == mask_pii(text, kinds="email") == "<email> 0721123456"
    assert mask_pii(text, kinds=[]) == text
    with pytest.raises(OptionError, match=r"kinds='fax'.*'email'.*'order'"):
        mask_pii(text, kinds=["fax", "email"])


PIECES = [*(text for texts in FOUND.values() for text in texts), *INNOCENT, *"<>+-/.,:()@# \n5"]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from([*PIECES, " ", "kg.", " lei", "nr. "]), max_size=8).map("".join)
    | st.text("0123456789 +-/.@abr№#", max_size=40),
    st.none() | st.sets(st.sampled_from(KINDS)),
)
def test_masking_is_idempotent_and_touches_nothing_else(text: str, kinds: set[str] | None) -> None:
    masked = mask_pii(text, kinds=kinds)
    assert mask_pii(masked, kinds=kinds) == masked
    kept = re.split(f"<(?:{'|'.join(KINDS)})>", masked)
    assert re.fullmatch(".*".join(map(re.escape, kept)), text, re.DOTALL)
    last = 0
    for start, end, _ in find_pii(text, kinds=kinds):
        assert last <= start < end <= len(text)
        last = end


@pytest.mark.parametrize(
    "piece",
    ["1 ", "12-", "a@", "a.", "http://", "+4", "RO11", "nr nr. ", "comanda 1 ", "0721123456 ", "("],
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    mask_pii("0721123456")  # the patterns are compiled once
    begun = time.process_time()
    find_pii("a@ 1234567 " + piece * (50_000 // len(piece)))
    assert time.process_time() - begun < 2


def test_patterns_file() -> None:
    file = resources.files("reviewkit").joinpath("pii_patterns.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    assert sorted(data["precedence"]) == sorted(KINDS)
    assert set(data) == {*KINDS, "precedence", "separators", "amount"}
    for country, length in data["iban"]["lengths"].items():
        assert re.fullmatch("[A-Z]{2}", country)
        assert 15 <= length <= 34
    for code in data["personal_code"]:
        assert set(code) - {"keywords", "between"} == {"name", "check", "patterns"}
        assert code["check"] or code["keywords"], code["name"]


def _authored() -> Iterator[str]:
    for path in sorted(AUTHORED.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]


@pytest.mark.skipif(not AUTHORED.is_dir(), reason="the authored reviews are not here")
def test_no_false_alarms_on_thousands_of_reviews() -> None:
    # Read by eye: two order numbers, rightly found ("tellimus 20417", "Заявка № 1174").
    found = [text[s.start : s.end] for text in _authored() for s in find_pii(text)]
    assert sorted(found) == ["1174", "20417"]
