"""Result types: frozen dataclasses of plain Python values, with `to_dict` and `from_dict`.

The field names are the contract's column and JSON names; nothing here imports anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeVar

__all__ = [
    "COMPLAINT_TYPES",
    "CUES",
    "KINDS",
    "LANGUAGES",
    "SENTIMENTS",
    "STATUSES",
    "Analysis",
    "Compensation",
    "Deadlines",
    "Escalation",
    "LanguageGuess",
    "RecoveryPlan",
    "Source",
    "Step",
]

Language = Literal["ro", "ru", "no", "et", "en", "other", "und"]
Sentiment = Literal["negative", "neutral", "positive", "mixed"]
Kind = Literal["complaint", "praise", "mixed", "suggestion", "question", "other"]
Status = Literal["ok", "empty", "unsupported_language", "abstained", "error"]

LANGUAGES: tuple[str, ...] = ("ro", "ru", "no", "et", "en")
SENTIMENTS: tuple[str, ...] = ("negative", "neutral", "positive", "mixed")
KINDS: tuple[str, ...] = ("complaint", "praise", "mixed", "suggestion", "question", "other")
STATUSES: tuple[str, ...] = ("ok", "empty", "unsupported_language", "abstained", "error")
COMPLAINT_TYPES: tuple[str, ...] = (
    "product_quality",
    "order_accuracy",
    "misleading_information",
    "delivery_packaging",
    "slow_unavailable",
    "staff_conduct",
    "complaint_handling",
    "refund_warranty",
    "price_value",
    "billing_payment",
    "policy_terms",
    "digital_technical",
    "facility_environment",
    "safety_security",
)
CUES: tuple[str, ...] = (
    "churn_intent",
    "negative_wom",
    "legal_or_regulator",
    "time_critical",
    "ongoing_harm",
    "recurrence",
    "long_standing_customer",
    "firm_admitted",
    "self_admitted",
    "third_party_named",
)

_Self = TypeVar("_Self", bound="_Record")


class _Record:
    """`to_dict`/`from_dict` for the dataclasses below; nested records are rebuilt."""

    _nested: ClassVar[Mapping[str, type[_Record]]] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists and scalars, ready for `json.dumps`."""
        return _plain(asdict(self))  # type: ignore[call-overload,no-any-return]

    @classmethod
    def from_dict(cls: type[_Self], data: Mapping[str, Any]) -> _Self:
        """Rebuild a record; absent fields take their default, unknown keys are ignored.

        Raises:
            TypeError: a field without default is absent.
        """
        values: dict[str, Any] = {}
        for item in fields(cls):  # type: ignore[arg-type]
            if item.name not in data:
                continue
            value = data[item.name]
            nested = cls._nested.get(item.name)
            if nested is not None and value is not None:
                value = (
                    tuple(nested.from_dict(v) for v in value)
                    if isinstance(value, (list, tuple))
                    else nested.from_dict(value)
                )
            elif isinstance(value, list):
                value = tuple(value)
            elif isinstance(value, Mapping):
                value = dict(value)
            values[item.name] = value
        return cls(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class LanguageGuess(_Record):
    """What language a text is in.

    Attributes:
        language: `ro ru no et en`, `other` (some other language) or `und` (nothing to judge).
        confidence: probability of `language`, 0 to 1; 0 for `und`.
        variety: `nb` or `nn` where `language` is `no`, else None.
        guess: ISO 639-1 code of the most likely language, also when `language` is `other`;
            None for `und`.
    """

    language: str
    confidence: float
    variety: str | None = None
    guess: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis(_Record):
    """Everything that reviewkit reads out of one review.

    Probabilities are calibrated and lie in 0 to 1; `sentiment_probabilities` sum to 1.
    Where `status` is not `ok`, nothing is guessed: labels are None or empty.

    Attributes:
        status: `ok empty unsupported_language abstained error`.
        severity: 0 to 3, the worst consequence that the text states.
        priority: 0 to 100, for ordering a service team's queue.
        n_tokens: tokens of the whole text, n_chunks: forward passes that covered them.
        error: what went wrong, where `status` is `error`.
    """

    language: str = "und"
    language_confidence: float = 0.0
    variety: str | None = None
    status: str = "ok"
    kind: str | None = None
    sentiment: str | None = None
    sentiment_confidence: float | None = None
    sentiment_probabilities: dict[str, float] = field(default_factory=dict)
    complaint_types: tuple[str, ...] = ()
    complaint_probabilities: dict[str, float] = field(default_factory=dict)
    severity: int | None = None
    abusive: bool | None = None
    resolved: bool | None = None
    cues: tuple[str, ...] = ()
    priority: int | None = None
    n_tokens: int = 0
    n_chunks: int = 0
    truncated: bool = False
    model: str | None = None
    error: str | None = None

    def to_row(self) -> dict[str, Any]:
        """Return the contract's columns, in the contract's order."""
        probabilities = {f"p_{name}": self.sentiment_probabilities.get(name) for name in SENTIMENTS}
        values = {**self.to_dict(), **probabilities}
        return {name: values[name] for name in ANALYSIS_COLUMNS}


ANALYSIS_COLUMNS: tuple[str, ...] = (
    "language",
    "language_confidence",
    "variety",
    "status",
    "kind",
    "sentiment",
    "sentiment_confidence",
    "p_negative",
    "p_neutral",
    "p_positive",
    "p_mixed",
    "complaint_types",
    "complaint_probabilities",
    "severity",
    "abusive",
    "resolved",
    "cues",
    "priority",
    "n_tokens",
    "n_chunks",
    "truncated",
)


@dataclass(frozen=True, slots=True)
class Source(_Record):
    """A passage of one of the source documents: file name and verbatim quote."""

    file: str
    quote: str


@dataclass(frozen=True, slots=True)
class Step(_Record):
    """One step of a plan: what to do, what to avoid, and the passages that support it."""

    _nested: ClassVar[Mapping[str, type[_Record]]] = {"sources": Source}

    strategy: str
    stage: str
    audience: str
    instruction: str
    avoid: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    dimension: str = "none"
    justice: str = "none"


@dataclass(frozen=True, slots=True)
class Compensation(_Record):
    """The rung of the ladder; `floor` and `ceiling` only where the business gave numbers."""

    rung: str
    goodwill: bool = False
    floor: float | None = None
    ceiling: float | None = None
    currency: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Escalation(_Record):
    """Who takes over and when: `at_once` or `queue`."""

    to: str
    when: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deadlines(_Record):
    """Two clocks: acknowledge first, answer after the facts are known. Unit: hours."""

    acknowledge_hours: int
    answer_hours: int


@dataclass(frozen=True, slots=True)
class RecoveryPlan(_Record):
    """The ordered steps for one analysed review and one case.

    Attributes:
        apology: `responsibility`, `empathy_only` or `none`.
        resolutions: ids of the contradictions (C1 to C16) whose resolution was applied.
    """

    _nested: ClassVar[Mapping[str, type[_Record]]] = {
        "compensation": Compensation,
        "escalate": Escalation,
        "deadlines": Deadlines,
        "steps": Step,
    }

    apology: str
    compensation: Compensation
    escalate: Escalation | None
    deadlines: Deadlines
    steps: tuple[Step, ...]
    resolutions: tuple[str, ...] = ()
