"""`ReviewAnalyzer` puts language, model, cues and priority in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

from reviewkit.cues import find_cues
from reviewkit.errors import InputError, OptionError
from reviewkit.language import LanguageDetector, get_detector
from reviewkit.pii import mask_pii
from reviewkit.priority import Priority, priority
from reviewkit.results import (
    ANALYSIS_COLUMNS,
    COMPLAINT_TYPES,
    LANGUAGES,
    SENTIMENTS,
    Analysis,
    LanguageGuess,
)
from reviewkit.text import Span, has_letters, normalise

if TYPE_CHECKING:
    import pandas as pd

    from reviewkit.model.decode import Scores

__all__ = ["Classifier", "ReviewAnalyzer", "analyze", "default_analyzer"]

_STREAM = 512  # texts that `stream` reads ahead


class Classifier(Protocol):
    """What an analyzer needs of a model."""

    @property
    def name(self) -> str:
        """Identity of the weights."""

    def score(self, texts: Sequence[str], languages: Sequence[str]) -> list[Scores]:
        """Return the scores of each text."""

    def labels(self, scores: Scores, language: str) -> dict[str, Any]:
        """Return the labels that the scores give."""


class ReviewAnalyzer:
    """Analyses reviews; immutable after construction and safe to share between threads.

    Args:
        model: name of a shipped bundle, the folder of one, or a `Classifier`.
        detector: `builtin`, `langdetect`, `lingua`, a function from text to code, or a
            `LanguageDetector`.
        language: take every review to be in this language and detect nothing.
        mask_personal_data: replace e-mails, phones, cards and the like before anything else.
        abstain_below: status `abstained` where the sentiment is less sure than this, 0 to 1.
        priority: a function of severity, sentiment, cues and resolved, in place of the shipped
            formula.
        threads: threads of the model; None is one per core.

    Raises:
        OptionError: an option has a value that does not exist; the valid ones are listed.
        BundleError: the model is incomplete or damaged.
    """

    def __init__(
        self,
        model: str | Path | Classifier = "default",
        *,
        detector: str | LanguageDetector | Any = None,
        language: str | None = None,
        mask_personal_data: bool = False,
        abstain_below: float = 0.0,
        priority: Priority = priority,
        threads: int | None = None,
    ) -> None:
        """Check the options, load model and detector."""
        if language is not None and language not in (*LANGUAGES, "nb", "nn"):
            raise OptionError("language", language, (*LANGUAGES, "nb", "nn"))
        if not 0 <= abstain_below <= 1:
            raise OptionError("abstain_below", abstain_below, ["a number from 0 to 1"])
        if isinstance(model, (str, Path)):
            from reviewkit.model.classifier import BundleClassifier

            model = BundleClassifier(model, threads=threads)
        self._classifier: Classifier = model
        self._given = None if language is None else _given(language)
        self._detector = None if self._given else get_detector(detector)
        self._mask = mask_personal_data
        self._abstain_below = abstain_below
        self._priority = priority

    @property
    def model(self) -> str:
        """Identity of the weights, as written into every result."""
        return self._classifier.name

    @overload
    def analyze(self, reviews: str) -> Analysis: ...

    @overload
    def analyze(self, reviews: Iterable[Any]) -> list[Analysis]: ...

    def analyze(self, reviews: str | Iterable[Any]) -> Analysis | list[Analysis]:
        """Analyse one review, or each of an iterable or a Series, in order.

        A missing cell (None, NaN) has the status `empty`, and so has a number or a date; any other
        cell that is no text has the status `error`. Nothing is raised for a single row.

        Raises:
            InputError: `reviews` is neither a text nor an iterable of texts.
        """
        if isinstance(reviews, str):
            return self._rows([reviews])[0]
        if not isinstance(reviews, Iterable) or isinstance(reviews, (bytes, dict)):
            raise InputError(
                f"analyze() got {type(reviews).__name__}; give a string, a list of strings or a "
                "Series. For a table use analyze_frame(frame, text=COLUMN)."
            )
        rows = list(reviews)
        return [
            result
            for at in range(0, len(rows), _STREAM * 8)
            for result in self._rows(rows[at : at + _STREAM * 8])
        ]

    @overload
    def stream(
        self, reviews: Iterable[Any], *, as_tuples: Literal[False] = False
    ) -> Iterator[Analysis]: ...

    @overload
    def stream(
        self, reviews: Iterable[tuple[Any, Any]], *, as_tuples: Literal[True]
    ) -> Iterator[tuple[Analysis, Any]]: ...

    def stream(self, reviews: Iterable[Any], *, as_tuples: bool = False) -> Iterator[Any]:
        """Yield results in order while reading a few hundred reviews ahead.

        Args:
            reviews: texts, or with `as_tuples` pairs of a text and anything that comes back
                with its result.
            as_tuples: see `reviews`.
        """
        batch: list[Any] = []
        for item in reviews:
            batch.append(item)
            if len(batch) == _STREAM:
                yield from self._batch(batch, as_tuples)
                batch = []
        yield from self._batch(batch, as_tuples)

    def _batch(self, batch: list[Any], as_tuples: bool) -> Iterator[Any]:
        if not as_tuples:
            yield from self._rows(batch)
            return
        results = self._rows([text for text, _ in batch])
        yield from zip(results, (context for _, context in batch), strict=True)

    def analyze_frame(self, frame: pd.DataFrame, text: str | None = None) -> pd.DataFrame:
        """Return the frame with the contract's columns added; index and order are kept.

        A column of the frame that bears one of our names stays, and ours is called `rk_NAME`.

        Args:
            frame: any DataFrame.
            text: the column of the reviews; None finds it as the command line does.

        Raises:
            InputError: there is no such column, or none that could be meant.
        """
        from reviewkit.frames import add_columns, frame_text_column

        column = frame_text_column(frame, text)
        return add_columns(frame, self.analyze(list(frame[column])), ANALYSIS_COLUMNS)

    def evidence(self, review: str, analysis: Analysis) -> dict[str, Span]:
        """Return the sentence that carries each complaint type of an analysis.

        Args:
            review: the text that was analysed.
            analysis: its result.

        Returns:
            complaint type -> `Span(start, end)`, so that `review[span.start : span.end]` is the
            sentence; empty where there are no types.
        """
        from reviewkit.model.evidence import find_evidence

        return find_evidence(self._classifier, review, analysis.language, analysis.complaint_types)

    def _rows(self, cells: Sequence[Any]) -> list[Analysis]:
        texts: list[str | None] = []
        results: list[Analysis | None] = []
        for cell in cells:
            text, problem = _text_of(cell)
            texts.append(text)
            results.append(None if problem is None else Analysis(status="error", error=problem))
        seen = [normalise(text) if text else "" for text in texts]
        if self._mask:
            seen = [mask_pii(text) for text in seen]
        guesses = self._languages(seen)
        todo = []
        for i, guess in enumerate(guesses):
            if results[i] is not None:
                continue
            if guess.language == "und":
                results[i] = _unread(guess, "empty")
            elif guess.language == "other":
                results[i] = _unread(guess, "unsupported_language")
            else:
                todo.append(i)
        scores = self._classifier.score(
            [seen[i] for i in todo], [guesses[i].language for i in todo]
        )
        for i, score in zip(todo, scores, strict=True):
            results[i] = self._analysis(seen[i], guesses[i], score)
        return [result for result in results if result is not None]

    def _languages(self, texts: Sequence[str]) -> list[LanguageGuess]:
        if self._given is None and self._detector is not None:
            return self._detector.detect(texts)
        given = self._given or _given("en")
        return [given if has_letters(t) else LanguageGuess("und", 0.0) for t in texts]

    def _analysis(self, text: str, guess: LanguageGuess, scores: Scores) -> Analysis:
        labels = self._classifier.labels(scores, guess.language)
        p = scores.probabilities
        sentiment = labels["sentiment"]
        cues = find_cues(text, guess.language)
        return Analysis(
            language=guess.language,
            language_confidence=round(guess.confidence, 4),
            variety=guess.variety,
            status="abstained" if p[sentiment] < self._abstain_below else "ok",
            kind=labels["kind"],
            sentiment=sentiment,
            sentiment_confidence=round(p[sentiment], 4),
            sentiment_probabilities={name: round(p[name], 4) for name in SENTIMENTS},
            complaint_types=labels["complaint_types"],
            complaint_probabilities={name: round(p[name], 4) for name in COMPLAINT_TYPES},
            severity=labels["severity"],
            abusive=labels["abusive"],
            resolved=labels["resolved"],
            cues=cues,
            priority=self._priority(labels["severity"], sentiment, cues, labels["resolved"]),
            n_tokens=scores.n_tokens,
            n_chunks=scores.n_chunks,
            truncated=scores.truncated,
            model=self.model,
        )


def _text_of(cell: Any) -> tuple[str | None, str | None]:
    """Return the text of a cell and, where it has none to give, the problem."""
    if isinstance(cell, str):
        return cell, None
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return None, None
    if isinstance(cell, (int, float, Decimal, date)):  # no letters: nothing to judge
        return None, None
    return None, (f"the cell holds {type(cell).__name__} {cell!r:.60}, not text; give a string")


def _given(language: str) -> LanguageGuess:
    if language in ("nb", "nn"):
        return LanguageGuess("no", 1.0, variety=language, guess=language)
    return LanguageGuess(language, 1.0, guess=language)


def _unread(guess: LanguageGuess, status: str) -> Analysis:
    return Analysis(
        language=guess.language,
        language_confidence=round(guess.confidence, 4),
        variety=guess.variety,
        status=status,
    )


@cache
def default_analyzer() -> ReviewAnalyzer:
    """Return the analyzer with the default model, loaded once a process."""
    return ReviewAnalyzer()


@overload
def analyze(reviews: str) -> Analysis: ...


@overload
def analyze(reviews: Iterable[Any]) -> list[Analysis]: ...


def analyze(reviews: str | Iterable[Any]) -> Analysis | list[Analysis]:
    """Analyse one review or many with the default model, which is loaded once.

    See `ReviewAnalyzer.analyze`.
    """
    return default_analyzer().analyze(reviews)
