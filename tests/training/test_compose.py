from __future__ import annotations

from pathlib import Path

import pytest

from reviewkit.results import COMPLAINT_TYPES
from reviewkit.training.compose import Composer
from reviewkit.training.corpus import load_clauses


@pytest.fixture(scope="module")
def composed():
    clauses = [row for row in load_clauses(Path("models/data")) if row.split == "train"]
    return Composer(clauses, seed=1).compose(400), {row.text: row for row in clauses}


def test_every_label_of_a_composed_review_comes_from_a_clause_in_it(composed):
    reviews, clauses = composed
    for review in reviews:
        parts = [clauses[text] for text in review.extra.values()]
        assert set(review.types) == {p.extra["label"] for p in parts} & set(COMPLAINT_TYPES)
        assert review.severity == max(p.severity or 0 for p in parts)
        for part in parts:
            assert part.text[1:-1].lower() in review.text.lower()


def test_composition_is_reproducible_and_varied(composed):
    reviews, clauses = composed
    again = Composer(list(clauses.values()), seed=1).compose(400)
    other = Composer(list(clauses.values()), seed=2).compose(400)
    assert [r.text for r in reviews] == [r.text for r in again] != [r.text for r in other]
    assert len({r.text for r in reviews}) > 350
    assert {len(r.types or ()) for r in reviews} >= {0, 1, 2, 3}
