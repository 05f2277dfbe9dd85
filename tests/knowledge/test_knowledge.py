"""The knowledge files: complete, consistent, and verbatim in the documents."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import FrozenInstanceError
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from reviewkit.errors import KnowledgeError
from reviewkit.knowledge import (
    STAGES,
    load_contradictions,
    load_ladder,
    load_numbers,
    load_strategies,
    load_taxonomy,
    loader,
)
from reviewkit.results import COMPLAINT_TYPES

DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "sources"


def _passages() -> Iterator[tuple[str, int, str]]:
    for complaint_type in load_taxonomy().values():
        yield from ((p.file, p.line, p.quote) for p in complaint_type.passages)
    yield from ((e.file, e.line, e.quote) for e in load_strategies().evidence.values())
    ladder = load_ladder()
    for rung in ladder.rungs:
        yield from ((p.file, p.line, p.quote) for p in rung.passages)
    for rule in ladder.rules.values():
        yield from ((p.file, p.line, p.quote) for p in rule.passages)
    for item in load_contradictions().values():
        yield from ((p.file, p.line, p.quote) for p in (*item.side_a, *item.side_b))
    yield from ((n.file, n.line, n.quote) for n in load_numbers())
    for row in _raw("contradictions.json")["not_used"]:
        yield row["file"], row["line"], row["quote"]


def _raw(name: str) -> dict[str, Any]:
    text = resources.files("reviewkit.knowledge").joinpath(name).read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the four documents are not beside the project")
def test_every_quote_is_a_verbatim_piece_of_its_line() -> None:
    lines = {
        path.name: path.read_text(encoding="utf-8").split("\n") for path in DOCUMENTS.glob("*.txt")
    }
    wrong = [
        (file, line, quote)
        for file, line, quote in _passages()
        if not quote or quote not in lines[file][line - 1]
    ]
    assert wrong == []


def test_the_inventory_is_complete() -> None:
    book = load_strategies()
    assert tuple(load_taxonomy()) == COMPLAINT_TYPES
    assert len(book.strategies) == 34
    assert len(book.evidence) == 190
    per_file = [sum(e.file.startswith(f"00{n}") for e in book.evidence.values()) for n in range(4)]
    assert per_file == [57, 66, 36, 31]
    assert list(load_contradictions()) == [f"C{n}" for n in range(1, 17)]
    assert [rung.strategy for rung in load_ladder().rungs] == [
        "apology_only",
        "token_compensation",
        "partial_refund",
        "full_refund_plus",
    ]


def test_names_in_five_languages_are_present_and_distinct() -> None:
    for language in ("en", "ro", "ru", "nb", "et"):
        names = [item.names[language] for item in load_taxonomy().values()]
        assert all(name.strip() for name in names)
        assert len(set(names)) == len(names)


def test_no_strategy_quotes_the_same_passage_twice() -> None:
    book = load_strategies()
    for strategy in book.strategies.values():
        quotes = [book.evidence[name].quote for name in strategy.evidence]
        assert len(set(quotes)) == len(quotes), strategy.id


def test_every_strategy_has_evidence_and_a_stage() -> None:
    for strategy in load_strategies().strategies.values():
        assert strategy.evidence
        assert strategy.stage in STAGES


def test_internal_strategies_say_why() -> None:
    for strategy in load_strategies().strategies.values():
        assert strategy.internal is strategy.when.startswith("internal")


def test_doubtful_numbers_are_never_shipped_bare() -> None:
    numbers = {item.claim: item for item in load_numbers()}
    ninety_six = next(item for claim, item in numbers.items() if claim.startswith("96 %"))
    assert ninety_six.status == "misquoted"
    assert not ninety_six.bare_use_allowed
    assert "headquarters" in ninety_six.note
    doubtful = [item for item in numbers.values() if not item.bare_use_allowed]
    evidence = load_strategies().evidence.values()
    assert not [
        e.id
        for e in evidence
        for item in doubtful
        if e.quote == item.quote and item.status == "misquoted"
    ]


def test_references_in_brackets_resolve() -> None:
    references = _raw("numbers.json")["references"]
    texts = [item.evidence for item in load_contradictions().values()]
    texts += [item.note for item in load_numbers()]
    cited = {key for text in texts for key in re.findall(r"\[(\d+b?)\]", text)}
    assert cited
    assert cited <= references.keys()


def test_the_ambiguous_passage_supports_nothing() -> None:
    for row in _raw("contradictions.json")["not_used"]:
        assert not [e.id for e in load_strategies().evidence.values() if row["quote"] in e.quote]


def test_records_are_frozen_and_cached() -> None:
    assert load_strategies() is load_strategies()
    complaint_type = load_taxonomy()["order_accuracy"]
    with pytest.raises(FrozenInstanceError):
        complaint_type.id = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        complaint_type.names["en"] = "x"  # type: ignore[index]


def _change(rows: list[dict[str, Any]], key: str, value: object) -> list[dict[str, Any]]:
    return [{**rows[0], key: value}, *rows[1:]]


@pytest.mark.parametrize(
    ("load", "file", "table", "key", "value"),
    [
        (load_taxonomy, "taxonomy.json", "types", "id", "unknown_type"),
        (load_taxonomy, "taxonomy.json", "types", "severity_prior", 4),
        (load_taxonomy, "taxonomy.json", "types", "severity_prior", "1"),
        (load_taxonomy, "taxonomy.json", "types", "names", {"en": "only English"}),
        (load_taxonomy, "taxonomy.json", "types", "lead_strategies", ["no_such_strategy"]),
        (load_strategies, "strategies.json", "strategies", "stage", "later"),
        (load_strategies, "strategies.json", "strategies", "evidence", ["no_such_item"]),
        (load_strategies, "strategies.json", "strategies", "extra", "key"),
        (load_strategies, "strategies.json", "evidence", "id", "renamed"),
        (load_strategies, "strategies.json", "evidence", "dimension", "speed"),
        (load_ladder, "ladder.json", "rungs", "order", 9),
        (load_ladder, "ladder.json", "rungs", "strategy", "no_such_strategy"),
        (load_contradictions, "contradictions.json", "contradictions", "side_a", []),
        (load_contradictions, "contradictions.json", "contradictions", "id", "C2"),
        (load_numbers, "numbers.json", "numbers", "status", "fine"),
        (load_numbers, "numbers.json", "numbers", "bare_use_allowed", "no"),
    ],
)
def test_a_broken_file_is_named_with_its_key(
    load: Callable[[], object],
    file: str,
    table: str,
    key: str,
    value: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = loader._rows

    def broken(name: str, wanted: str) -> list[dict[str, Any]]:
        found = rows(name, wanted)
        return _change(found, key, value) if (name, wanted) == (file, table) else found

    monkeypatch.setattr(loader, "_rows", broken)
    with pytest.raises(KnowledgeError) as caught:
        load.__wrapped__()  # type: ignore[attr-defined]
    assert file in str(caught.value) or "occurs twice" in str(caught.value)


def test_a_file_without_its_list_is_refused() -> None:
    with pytest.raises(KnowledgeError, match=r"ladder\.json.*'steps'"):
        loader._rows("ladder.json", "steps")


def test_the_mappings_are_read_only() -> None:
    mappings: list[Mapping[str, Any]] = [load_taxonomy(), load_contradictions()]
    for mapping in mappings:
        with pytest.raises(TypeError):
            mapping["x"] = None  # type: ignore[index]
