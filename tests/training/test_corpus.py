from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from reviewkit.errors import DataError
from reviewkit.training.corpus import load_reviews, text_digest, titled
from reviewkit.training.licences import permissive_recipe, permissive_rows

LABELS = {
    "sentiment": "negative",
    "types": ["product_quality"],
    "severity": 2,
    "abusive": False,
    "resolved": False,
    "split": "train",
}


def write_jsonl(path: Path, *rows: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    data, own = tmp_path / "data", tmp_path / "own"
    write_jsonl(
        data / "authored" / "ro.jsonl", {"id": "ro-1", "lang": "ro", "text": "Slab."} | LABELS
    )
    write_jsonl(
        data / "annotated" / "ro_real.jsonl",
        {"id": "shop:1", "lang": "ro", "text": "S-a stricat."} | LABELS,
    )
    (data / "labelled" / "ro").mkdir(parents=True)
    for name, licence in (("shop", "CC-BY-NC-4.0"), ("free", "MIT")):
        pd.DataFrame(
            {
                "id": [f"{name}:1", f"{name}:2"],
                "title": [None, "Prost"],
                "text": ["S-a stricat.", "Nu merge."],
                "license": licence,
            }
        ).to_parquet(data / "labelled" / "ro" / f"{name}.parquet")
    write_jsonl(
        own / "labels_ro.jsonl",
        {"id": "free:2", "lang": "ro", "text_sha256": text_digest("Prost\nNu merge.")} | LABELS,
    )
    return data, own


def test_stand_off_labels_find_their_texts(folders):
    rows = {row.id: row for row in load_reviews(*folders)}
    assert rows["free:2"].text == "Prost\nNu merge."
    assert rows["free:2"].types == ("product_quality",)
    assert rows["free:2"].source == "annotated/labels_ro"


def test_a_text_that_has_changed_is_an_error(folders):
    data, own = folders
    path = data / "labelled" / "ro" / "free.parquet"
    pd.read_parquet(path).assign(text="Altceva").to_parquet(path)
    with pytest.raises(DataError, match="free:2"):
        load_reviews(data, own)


def test_permissive_keeps_ours_and_the_free_set(folders):
    data, own = folders
    recipe = {
        "licences": {"permissive": ["MIT"]},
        "public": {"shop": {"language": "ro"}, "free": {"language": "ro"}},
    }
    kept = permissive_rows(load_reviews(data, own), data, recipe)
    assert {row.id for row in kept} == {"ro-1", "free:2"}
    assert set(permissive_recipe(recipe, data)["public"]) == {"free"}


def test_a_missing_title_is_left_out():
    assert titled(None, "a") == titled(float("nan"), "a") == titled("", "a") == "a"
    assert titled("t", "a") == "t\na"
