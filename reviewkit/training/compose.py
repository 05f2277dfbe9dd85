"""Reviews composed from the clause banks, with exact labels; fresh ones in every pass."""

from __future__ import annotations

import random
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib import resources

from reviewkit.results import COMPLAINT_TYPES
from reviewkit.training.corpus import Example

__all__ = ["Composer"]

_FAILURES = ((0, 0.22), (1, 0.34), (2, 0.24), (3, 0.13), (4, 0.07))
_EXTRAS = {  # role -> (probability with a failure, probability without)
    "praise": (0.30, 0.75),
    "neutral": (0.25, 0.30),
    "hard_negative": (0.18, 0.30),
    "resolved": (0.14, 0.0),
    "abusive": (0.07, 0.03),
    "churn": (0.10, 0.0),
    "unspecified": (0.06, 0.04),
    "question": (0.04, 0.08),
    "suggestion": (0.04, 0.12),
}


class Composer:
    """Draws clauses of one language and joins them into a review whose labels are known."""

    def __init__(self, clauses: Sequence[Example], seed: int) -> None:
        """Index the clauses by language, role and domain."""
        self._rng = random.Random(seed)
        self._banks: dict[str, dict[str, list[Example]]] = defaultdict(lambda: defaultdict(list))
        for clause in clauses:
            bank = clause.extra["variety"] or clause.language
            self._banks[bank][clause.extra["label"]].append(clause)
        text = resources.files("reviewkit.training").joinpath("compose.toml").read_text("utf-8")
        self._words: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(text)
        # Each language counts once; nynorsk is the smaller part of Norwegian.
        weights = {"nb": 0.7, "nn": 0.3}
        self._languages = sorted(self._banks)
        self._weights = [weights.get(language, 1.0) for language in self._languages]

    def compose(self, n: int) -> list[Example]:
        """Return n composed reviews."""
        return [self._one() for _ in range(n)]

    def _one(self) -> Example:
        rng = self._rng
        language = rng.choices(self._languages, self._weights)[0]
        bank = self._banks[language]
        n_failures = rng.choices([n for n, _ in _FAILURES], [p for _, p in _FAILURES])[0]
        types = rng.sample(COMPLAINT_TYPES, n_failures)
        parts = [self._draw(bank[name], None) for name in types]
        domain = parts[0].extra["domain"] if parts else None
        parts[1:] = [self._draw(bank[name], domain) for name in types[1:]]
        extras = []
        for role, chances in _EXTRAS.items():
            if bank[role] and rng.random() < chances[0 if types else 1]:
                extras.append(self._draw(bank[role], domain))
        if not parts and not extras:
            extras.append(self._draw(bank["praise"], None))
        rng.shuffle(extras)
        for extra in extras:  # a remedy or an insult comes after the failure, praise anywhere
            late = extra.extra["label"] in (
                "resolved",
                "churn",
                "abusive",
                "suggestion",
                "question",
            )
            parts.insert(len(parts) if late else rng.randint(0, len(parts)), extra)
        return self._label(parts, language)

    def _draw(self, clauses: Sequence[Example], domain: str | None) -> Example:
        if domain is not None and self._rng.random() < 0.6:
            same = [clause for clause in clauses if clause.extra["domain"] == domain]
            if same:
                return self._rng.choice(same)
        return self._rng.choice(clauses)

    def _label(self, parts: Sequence[Example], language: str) -> Example:
        roles = [part.extra["label"] for part in parts]
        types = tuple(name for name in COMPLAINT_TYPES if name in roles)
        severity = max((part.severity or 0 for part in parts), default=0)
        breach = severity > 0
        praise = "praise" in roles
        complaint = bool(types) or "unspecified" in roles
        if praise and complaint:
            sentiment: str | None = "mixed"
        elif complaint or "churn" in roles or "abusive" in roles:
            sentiment = "mixed" if praise else "negative"
        elif praise:
            sentiment = "positive"
        else:  # neutral facts; what a hard negative says is not known
            sentiment = None if "hard_negative" in roles else "neutral"
        if "abusive" in roles and not complaint and praise:
            sentiment = None
        return Example(
            text=self._join(parts, language),
            language="no" if language in ("nb", "nn") else language,
            source="composed",
            sentiment=sentiment,
            types=types,
            severity=severity if types or breach else 0,
            abusive="abusive" in roles,
            resolved="resolved" in roles,
            question="question" in roles and not breach,
            suggestion="suggestion" in roles and not breach,
            extra={part.extra["label"]: part.text for part in parts},
        )

    def _join(self, parts: Sequence[Example], language: str) -> str:
        rng, words = self._rng, self._words[language]
        pieces: list[str] = []
        if rng.random() < 0.12:
            pieces.append(rng.choice(words["opening"]).capitalize())
        before: bool | None = None
        for part in parts:
            text = part.text.strip()
            good = part.severity == 0
            if before is not None and rng.random() < 0.35:
                word = rng.choice(words["and" if good == before else "but"])
                text = f"{word} {text[:1].lower()}{text[1:]}"
                if rng.random() < 0.4 and pieces[-1][-1:] in ".!":
                    pieces[-1] = pieces[-1][:-1] + ","
                else:
                    text = text[:1].upper() + text[1:]
            if text[-1:] not in ".!?…)»" and rng.random() < 0.85:
                text += "."
            pieces.append(text)
            before = good
        return ("\n" if rng.random() < 0.06 else " ").join(pieces)
