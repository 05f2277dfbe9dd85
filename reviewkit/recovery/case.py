"""What only the business knows about a case; the text of a review never tells it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from reviewkit.errors import InputError, OptionError

__all__ = ["CHANNELS", "FAULTS", "Case"]

FAULTS: tuple[str, ...] = ("business", "customer", "third_party", "none", "undetermined")
CHANNELS: tuple[str, ...] = ("public_review", "social", "email", "chat", "phone", "face_to_face")

_AMOUNTS = ("order_value", "loss")
_TRI_STATE = ("material_effect", "self_evident", "fixable", "claim_legitimate")
_FLAGS = ("request_refused", "already_resolved", "repeat_customer", "unrepeatable_occasion")
_COUNTS = ("previous_contacts", "failed_recoveries")
_NAMES = ("currency", "customer_name", "agent_name", "order_id")
_LARGEST = 1e12
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Facts of the business about one case; every field is optional.

    Attributes:
        fault: who is responsible for the failure (`FAULTS`); `none` is taste, or correct service
            that is disliked.
        channel: where the answer goes (`CHANNELS`).
        order_value, loss: price of the order, and damage to the customer beside or instead of it;
            money, 0 to 1e12.
        currency: of both amounts, any non-empty label; without it a plan takes the policy's
            currency, or leaves its amounts without one.
        material_effect: whether the failure affected the use of what was bought.
        self_evident: whether the failure is plain without an investigation.
        fixable: whether it can still be redone or replaced.
        claim_legitimate: whether a claim for refund, return or warranty is valid.
        request_refused: whether the customer's request cannot be met.
        already_resolved: whether the remedy has been given; failed_recoveries above 0 reopen it.
        previous_contacts, failed_recoveries: counts, 0 or more.

    Raises:
        OptionError: a value is not allowed; the message says what is.
    """

    fault: str = "undetermined"
    channel: str = "public_review"
    order_value: float | None = None
    currency: str | None = None
    loss: float | None = None
    material_effect: bool | None = None
    self_evident: bool | None = None
    fixable: bool | None = None
    claim_legitimate: bool | None = None
    request_refused: bool = False
    already_resolved: bool = False
    repeat_customer: bool = False
    unrepeatable_occasion: bool = False
    previous_contacts: int = 0
    failed_recoveries: int = 0
    customer_name: str | None = None
    agent_name: str | None = None
    order_id: str | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        if self.fault not in FAULTS:
            raise OptionError("case.fault", self.fault, FAULTS)
        if self.channel not in CHANNELS:
            raise OptionError("case.channel", self.channel, CHANNELS)
        self._check(_AMOUNTS, _is_amount, "a finite number from 0 to 1e12", None)
        self._check(_TRI_STATE, _is_tri_state, True, False, None)
        self._check(_FLAGS, _is_flag, True, False)
        self._check(_COUNTS, _is_count, "a whole number >= 0")
        self._check(_NAMES, _is_name, f"a printable text of 1 to {_LONGEST} characters", None)

    def _check(
        self, names: tuple[str, ...], allowed: Callable[[object], bool], *valid: object
    ) -> None:
        for name in names:
            value = getattr(self, name)
            if not allowed(value):
                raise OptionError(f"case.{name}", value, valid)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Case:
        """Build a case from JSON values; null means not given, a numeric `order_id` is a text.

        Raises:
            InputError: `data` is no object, or has a key that a case does not have.
            OptionError: a value is not allowed.
        """
        if not isinstance(data, Mapping):
            raise InputError(f"A case has to be an object of named values, not {data!r}.")
        valid = [item.name for item in fields(cls)]
        unknown = sorted(str(key) for key in data if key not in valid)
        if unknown:
            raise InputError(
                f"Unknown key in case: {', '.join(unknown)}. Valid keys: {', '.join(valid)}."
            )
        given = {key: value for key, value in data.items() if value is not None}
        order_id = given.get("order_id")
        if isinstance(order_id, int) and not isinstance(order_id, bool):
            given["order_id"] = str(order_id)
        return cls(**given)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, ready for `json.dumps`."""
        return asdict(self)


def _is_amount(value: object) -> bool:
    if value is None:
        return True
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value <= _LARGEST  # type: ignore[operator,arg-type]


def _is_tri_state(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_name(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= _LONGEST
