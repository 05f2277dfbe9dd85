from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from reviewkit.model.chunks import chunk_text

words = st.text(alphabet="abcă.!? \n", max_size=400)


def tokenizer() -> Tokenizer:
    made = Tokenizer(WordLevel({"?": 0}, unk_token="?"))
    made.pre_tokenizer = WhitespaceSplit()
    return made


@given(words, st.integers(1, 9))
def test_chunks_lose_nothing_and_keep_the_limit(text, limit):
    chunks = chunk_text(text, tokenizer(), limit)
    assert "".join("".join(chunks).split()) == "".join(text.split())
    for chunk in chunks:
        assert len(tokenizer().encode(chunk).ids) <= limit


def test_chunks_end_at_sentences_where_they_can():
    text = "One two three. Four five. Six seven eight nine."
    assert chunk_text(text, tokenizer(), 5) == [
        "One two three. Four five.",
        "Six seven eight nine.",
    ]
