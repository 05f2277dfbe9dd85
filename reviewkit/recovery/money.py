"""Amounts of a plan: the damage as floor, a multiple of it as ceiling, and who may approve."""

from __future__ import annotations

from dataclasses import dataclass

from reviewkit.recovery.case import Case
from reviewkit.recovery.policy import Policy

__all__ = ["NO_AMOUNTS", "Amounts", "approval", "goodwill_amounts", "rung_amounts"]

_MONEY_RUNGS = ("token", "partial_refund", "full_refund_plus")


@dataclass(frozen=True, slots=True)
class Amounts:
    """Money in `currency`; all None where the business gave no numbers."""

    floor: float | None = None
    ceiling: float | None = None
    currency: str | None = None

    def __str__(self) -> str:
        """Return the amounts as a clause of an instruction, empty where there are none."""
        if self.floor is None or self.ceiling is None:
            return ""
        unit = f" {self.currency}" if self.currency else ""
        if self.floor == 0:
            return f" (up to {self.ceiling:,.2f}{unit})"
        return f" ({self.floor:,.2f} to {self.ceiling:,.2f}{unit})"


NO_AMOUNTS = Amounts()


def rung_amounts(rung: str, case: Case, policy: Policy) -> Amounts:
    """Return floor and ceiling of a rung.

    The floor is the damage ("equal to, or slightly more valuable than, the damage"): the loss
    where the business states one, else the policy's share of the order value; a full refund is
    never below the order value, a token or a part of the price never above it. The ceiling is
    the damage times the policy's factor (1.5 after Haesevoets et al. 2017).
    """
    if rung not in _MONEY_RUNGS:
        return NO_AMOUNTS
    price, damage = case.order_value, case.loss
    if damage is None:
        if price is None:
            return NO_AMOUNTS
        damage = price * policy.shares[_MONEY_RUNGS.index(rung)]
    ceiling = damage * policy.ceiling_factor
    if price is not None:
        if rung == "full_refund_plus":
            damage = max(damage, price)
            ceiling = damage * policy.ceiling_factor
        else:
            damage, ceiling = min(damage, price), min(ceiling, price)
    floor = round(damage, 2)
    return Amounts(floor, max(floor, round(ceiling, 2)), case.currency or policy.currency)


def goodwill_amounts(case: Case, policy: Policy) -> Amounts:
    """Return the limits of a goodwill gesture: from nothing to the policy's share of the price."""
    if case.order_value is None:
        return NO_AMOUNTS
    most = case.order_value * policy.goodwill_share
    currency = case.currency or policy.currency
    if policy.agent_budget is not None and currency == policy.currency:
        most = min(most, policy.agent_budget)
    return Amounts(0.0, round(most, 2), currency)


def approval(amounts: Amounts, case: Case, policy: Policy) -> str:
    """Say who may grant the amounts, as sentences of an instruction; empty without limits."""
    if amounts.floor is None or amounts.ceiling is None:
        return ""
    note = ""
    if case.order_value is not None and case.loss is not None and case.loss > case.order_value:
        note = " The stated loss exceeds the price: a manager decides on the difference."
    if policy.agent_budget is None and policy.approval_limit is None:
        return note
    if amounts.currency != policy.currency:
        return f"{note} The limits of the policy are in another currency: have a manager approve."
    if policy.agent_budget is not None and amounts.ceiling <= policy.agent_budget:
        return f"{note} Staff may grant this alone."
    if policy.approval_limit is not None and amounts.floor > policy.approval_limit:
        return f"{note} Even the lower amount exceeds the approval limit: the owner decides."
    if policy.agent_budget is not None and amounts.floor <= policy.agent_budget:
        return (
            f"{note} Staff may grant up to {policy.agent_budget:,.2f} alone;"
            " more needs a manager's approval."
        )
    return f"{note} A manager has to approve this."
