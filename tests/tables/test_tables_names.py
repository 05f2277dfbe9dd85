from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.errors import InputError
from reviewkit.tables import open_table, output_names, text_column
from reviewkit.tables._base import unique_names


def test_a_taken_name_gets_a_prefix() -> None:
    assert output_names(["text", "kind"], ["kind", "severity"]) == {
        "kind": "rk_kind",
        "severity": "severity",
    }
    columns = ["kind", "rk_kind", "rk_2_kind"]
    assert output_names(columns, ["kind"]) == {"kind": "rk_3_kind"}


def test_a_prefixed_name_does_not_hit_another_of_ours() -> None:
    assert output_names(["kind"], ["kind", "rk_kind"]) == {
        "kind": "rk_2_kind",
        "rk_kind": "rk_kind",
    }


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["a", "rk_a", "rk_2_a", "b", "rk_rk_a"])),
    st.lists(st.sampled_from(["a", "rk_a", "b", "c"])),
)
def test_output_names_never_clash(columns: list[str], added: list[str]) -> None:
    names = output_names(columns, added)
    assert set(names) == set(added)
    assert len(set(names.values())) == len(names)
    assert not set(names.values()) & set(columns)
    assert all(written == name for name, written in names.items() if name not in columns)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["", "a", "a.1", "a.2", "b"])))
def test_unique_names(columns: list[str]) -> None:
    names = unique_names(columns)
    assert len(set(names)) == len(columns)
    pairs = zip(names, columns, strict=True)
    assert all(new == old or old in columns[:i] for i, (new, old) in enumerate(pairs))


@pytest.mark.parametrize(
    ("header", "requested", "found"),
    [
        ("id,text,note", None, "text"),
        ("id,Review,note", None, "Review"),
        ("id,note,ОТЗЫВ", None, "ОТЗЫВ"),
        ("id, Kommentar ,note", None, " Kommentar "),
        ("comment,text,review", None, "text"),
        ("text,text", None, "text"),
        ("TEXT,text", None, "text"),
        ("id,text,note", "note", "note"),
        ("opinion", None, "opinion"),
        ('""', None, ""),
    ],
)
def test_text_column_by_name(make, header: str, requested: str | None, found: str) -> None:
    with open_table(make(header + "\n")) as table:
        assert text_column(table, requested) == found


def test_the_only_column_of_strings(make) -> None:
    rows = "id,when,opinion,code\n1,12 Jan 2024,super,A-1\n2,3 May 2024,not good,B-2\n"
    with open_table(make(rows)) as table:
        assert table.text_candidates == ("opinion",)
        assert text_column(table) == "opinion"


def test_of_columns_named_like_text_those_with_strings_count(make) -> None:
    with open_table(make("review,comment\n1,very good\n2,bad taste\n")) as table:
        assert text_column(table) == "comment"


@pytest.mark.parametrize(
    "content",
    [
        "name,shop\nIon Pop,Mega Image\n",
        "review,comment\nvery good,very bad\n",
        "id,stars\n1,5\n",
        "Text,TEXT\nvery good,very bad\n",
    ],
)
def test_no_single_text_column(make, content: str) -> None:
    with open_table(make(content)) as table, pytest.raises(InputError) as caught:
        text_column(table)
    for name in table.columns:
        assert repr(name) in str(caught.value)
    assert "--text " in str(caught.value)


def test_a_requested_column_that_does_not_exist(make) -> None:
    with open_table(make("id,Review Text,stars\n")) as table:
        with pytest.raises(InputError, match=r"Did you mean --text 'Review Text'\?") as caught:
            text_column(table, "review_text")
        assert "'stars'" in str(caught.value)
        with pytest.raises(InputError) as caught:
            text_column(table, "zzz")
        assert "mean" not in str(caught.value)


def test_a_long_list_of_columns_is_cut(make) -> None:
    header = ",".join(f"c{i}" for i in range(100)) + "\n"
    with open_table(make(header)) as table, pytest.raises(InputError, match="and 60 more"):
        text_column(table)
