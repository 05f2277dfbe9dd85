"""Labelled texts to train the language detector on: what is read, and how a text is drawn.

Texts look the way short reviews look: windows of a few words out of sentences, words drawn from
lists, some without diacritics, some with slips of the keyboard, Russian also in Latin letters.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from reviewkit.errors import DataError, MissingExtraError
from reviewkit.language.builtin import SCRIPTS
from reviewkit.language.features import gate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Corpus", "Sampler", "load_corpora", "settings", "without_diacritics"]

_FLATTEN: Final = 0.5  # word frequencies are flattened: rare words are half of what is written
_LIST_SIZE: Final = 60_000
_WINDOWS: Final = (1, 2, 2, 3, 3, 4, 5, 6, 8)
_DRAWS: Final = (1, 1, 2, 2, 3, 4)
_STROKES: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ß": "ss", "ı": "i", "ð": "d"}
)


@dataclass
class Corpus:
    """What is known of one label in one script.

    Attributes:
        sentences: tokens split at white space, lower case.
        lists: words and their cumulative weights in drawing.
    """

    sentences: list[list[str]] = field(default_factory=list)
    lists: list[tuple[list[str], list[float]]] = field(default_factory=list)

    def add_list(self, words: Sequence[str], frequencies: Sequence[float]) -> None:
        """Add a word list; frequencies are flattened, so that rare words are drawn too."""
        weights = np.asarray(frequencies, np.float64) ** _FLATTEN
        self.lists.append((list(words), np.cumsum(weights).tolist()))


def settings() -> dict[str, Any]:
    """Return `language_texts.json`: labels, word lists, transliterations, sources."""
    content: dict[str, Any] = json.loads(
        files("reviewkit.training").joinpath("language_texts.json").read_text("utf-8")
    )
    return content


def load_corpora(data: Path, options: Mapping[str, Any]) -> dict[str, dict[str, Corpus]]:
    """Read all training texts, by script and label.

    Raises:
        DataError: a file under `data` is missing.
        MissingExtraError: the packages with the word lists are not installed.
    """
    texts, words = _read(data, options)
    corpora = {
        name: {label: Corpus() for label in labels} for name, labels in options["labels"].items()
    }
    scripts = gate([text for text, _ in texts])[0].tolist()
    names = {number: name for name, number in SCRIPTS.items()}
    for (text, label), script in zip(texts, scripts, strict=True):
        labels = corpora.get(names.get(script, ""), {})
        if label in labels:
            labels[label].sentences.append(text.lower().split())
    corpora["latin"]["ru"] = corpora["cyrillic"]["ru"]  # transliterated when drawn
    for lang, rows in words.groupby("lang", sort=True):
        name = "cyrillic" if lang in corpora["cyrillic"] else "latin"
        corpora[name][str(lang)].add_list(rows.text.tolist(), rows["count"].tolist())
    for corpus in (c for labels in corpora.values() for c in labels.values() if not c.lists):
        counts = Counter(_letters(word) for tokens in corpus.sentences for word in tokens)
        del counts[""]
        corpus.add_list(list(counts), list(map(float, counts.values())))
    _add_packages(corpora, options)
    return corpora


def _read(
    data: Path, options: Mapping[str, Any]
) -> tuple[list[tuple[str, str | None]], pd.DataFrame]:
    import pandas as pd

    try:
        frame = pd.read_parquet(data / "lid" / "lid_train.parquet")
        speeches = pd.read_parquet(data / "unlabelled" / "no.parquet")
        own = [
            json.loads(line)
            for path in sorted((data / "authored").glob("*.jsonl"))
            for line in path.read_text("utf-8").rstrip("\n").split("\n")
        ]
    except OSError as error:
        raise DataError(f"{error}. Give the folder of the data with --data.") from error
    sentences = frame[frame.kind == "sentence"]
    texts = list(zip(sentences.text, sentences.lang, strict=True))
    for row in own:
        if row["split"] == "train":
            texts.append((row["text"], row.get("variety") or row["lang"]))
    for text in speeches[speeches.source == "notram_parliament"].text:
        texts.append((text, _variety(text, options["variety_words"])))
    return texts, frame[frame.kind == "word"]


def _add_packages(corpora: dict[str, dict[str, Corpus]], options: Mapping[str, Any]) -> None:
    try:
        wordfreq = import_module("wordfreq")
        factory = import_module("simplemma.strategies.dictionaries.dictionary_factory")
    except ImportError as error:
        raise MissingExtraError(
            "training the language detector", str(error.name), "train"
        ) from error
    large = wordfreq.available_languages("large")
    dictionaries = factory.DefaultDictionaryFactory()
    for script, languages in options["wordfreq"].items():
        for label, codes in languages.items():
            for code in codes:
                found = wordfreq.get_frequency_dict(code, "large" if code in large else "small")
                ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_LIST_SIZE]
                kept = [(word, p) for word, p in ranked if word.isalpha()]
                corpora[script][label].add_list([w for w, _ in kept], [p for _, p in kept])
    for script, languages in options["simplemma"].items():
        for label, codes in languages.items():
            for code in codes:
                pairs = dictionaries.get_dictionary(code).items()
                forms = {_decoded(form) for pair in pairs for form in pair}
                kept_forms = sorted(form for form in forms if form.isalpha() and form.islower())
                kept_forms = kept_forms[:: max(1, len(kept_forms) // (2 * _LIST_SIZE))]
                corpora[script][label].add_list(kept_forms, [1.0] * len(kept_forms))


def _decoded(form: str | bytes) -> str:
    return form.decode("utf-8") if isinstance(form, bytes) else form


def _letters(word: str) -> str:
    return "".join(c for c in word if c.isalpha())


def _variety(text: str, markers: Mapping[str, Sequence[str]]) -> str | None:
    words = set(text.lower().split())
    nynorsk, bokmal = (len(words & set(markers[name])) for name in ("nn", "nb"))
    if max(nynorsk, bokmal) < 2 or min(nynorsk, bokmal) * 3 > max(nynorsk, bokmal):
        return None
    return "nn" if nynorsk > bokmal else "nb"


class Sampler:
    """Draws labelled training texts of one script.

    Args:
        corpora: by label, in the order of the columns.
        weights: how often each label is drawn.
        transliterations: tables that write Russian in Latin letters; empty for Cyrillic.
        seed: of the pseudo-random numbers.
    """

    def __init__(
        self,
        corpora: Mapping[str, Corpus],
        weights: Sequence[float],
        transliterations: Sequence[Mapping[str, str]],
        seed: int,
    ) -> None:
        self._corpora = list(corpora.items())
        self._weights = weights
        self._tables = [str.maketrans(dict(table)) for table in transliterations]
        self._random = random.Random(seed)

    def draw(self, n: int) -> tuple[list[str], npt.NDArray[np.int64]]:
        """Return n texts and the column of the label of each."""
        columns = self._random.choices(range(len(self._corpora)), self._weights, k=n)
        return [self._text(*self._corpora[column]) for column in columns], np.array(columns)

    def _text(self, label: str, corpus: Corpus) -> str:
        rng = self._random
        if rng.random() < 0.5 or not corpus.sentences:
            words, cumulative = rng.choice(corpus.lists)
            text = " ".join(rng.choices(words, cum_weights=cumulative, k=rng.choice(_DRAWS)))
        else:
            tokens = rng.choice(corpus.sentences)
            if rng.random() >= 0.3:
                size = rng.choice(_WINDOWS)
                first = rng.randrange(max(1, len(tokens) - size + 1))
                tokens = tokens[first : first + size]
            text = " ".join(tokens)
        noise = rng.random()
        if noise < 0.12:
            text = without_diacritics(text)
        elif noise < 0.22:
            text = self._slip(text)
        return text.translate(rng.choice(self._tables)) if label == "ru" and self._tables else text

    def _slip(self, text: str) -> str:
        if len(text) < 5:
            return text
        rng = self._random
        i, kind = rng.randrange(1, len(text) - 1), rng.random()
        if kind < 0.3:
            return text[:i] + text[i + 1 :]
        if kind < 0.6:
            return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
        if kind < 0.8:
            return text[:i] + text[i] * rng.choice((2, 3)) + text[i + 1 :]
        return text[:i] + rng.choice(text) + text[i + 1 :]


def without_diacritics(text: str) -> str:
    """Return the text as typed on a keyboard without diacritics; the Cyrillic short i stays."""
    parts = ("й".join(_bare(part) for part in text.split("й"))).translate(_STROKES)
    return unicodedata.normalize("NFC", parts)


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
