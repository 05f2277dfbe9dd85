"""Policy: the shipped defaults, partial files, and clear errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewkit.errors import InputError
from reviewkit.recovery import Case, load_policy
from reviewkit.recovery.money import approval, goodwill_amounts, rung_amounts


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_defaults() -> None:
    policy = load_policy()
    assert policy is load_policy()
    assert not policy.goodwill
    assert policy.statutory_rights
    assert policy.ceiling_factor == 1.5
    assert policy.agent_budget is None
    assert len(policy.deadlines) == 5


def test_a_file_may_name_only_what_differs(tmp_path: Path) -> None:
    text = '[goodwill]\nenabled = true\n[authority]\ncurrency = "EUR"\nagent_budget = 20\n'
    policy = load_policy(_write(tmp_path, text))
    assert policy.goodwill
    assert (policy.currency, policy.agent_budget, policy.approval_limit) == ("EUR", 20, None)
    assert policy.shares == load_policy().shares


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[goodwil]\nenabled = true", "goodwil"),
        ("goodwill = true", "goodwill"),
        ("[goodwill]\nenable = true", "goodwill.enable"),
        ("[goodwill]\nenabled = 'yes'", "goodwill.enabled"),
        ("[goodwill]\nshare = 2", "goodwill.share"),
        ("[rights]\nstatutory = 1", "rights.statutory"),
        ("[compensation]\nceiling_factor = 0.5", "ceiling_factor"),
        ("[compensation]\nceiling_factor = nan", "ceiling_factor"),
        ("[compensation]\ntoken_share = 0.9", "partial_refund_share"),
        ("[compensation]\nfull_refund_plus_share = 0.9", "full_refund_plus_share"),
        ("[compensation]\nfull_refund_plus_share = 2.0", "full_refund_plus_share"),
        ("[authority]\nagent_budget = -1", "agent_budget"),
        ("[authority]\nagent_budget = 50\napproval_limit = 10", "approval_limit"),
        ("[authority]\ncurrency = ''", "currency"),
        ("[deadlines]\nseverity_1 = 5", "severity_1"),
        ("[deadlines]\nseverity_1 = {acknowledge_hours = 5}", "severity_1"),
        ("[deadlines]\nseverity_1 = {acknowledge_hours = 0, answer_hours = 9}", "severity_1"),
        ("[deadlines]\nseverity_1 = {acknowledge_hours = 9, answer_hours = 8}", "severity_1"),
        ("[deadlines]\nseverity_3 = {acknowledge_hours = 4, answer_hours = 99}", "severity_3"),
        ("not toml", "TOML"),
    ],
)
def test_a_wrong_policy_is_refused_by_key(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        load_policy(_write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        load_policy(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("rung", "price", "loss", "floor", "ceiling"),
    [
        ("none", 100, 50, None, None),
        ("apology_only", 100, 50, None, None),
        ("token", None, None, None, None),
        ("token", 100, None, 10, 15),
        ("token", 100, 4, 4, 6),
        ("partial_refund", 100, None, 50, 75),
        ("partial_refund", 100, 80, 80, 100),
        ("partial_refund", 100, 300, 100, 100),
        ("partial_refund", None, 80, 80, 120),
        ("full_refund_plus", 100, None, 100, 150),
        ("full_refund_plus", 100, 20, 100, 150),
        ("full_refund_plus", 100, 300, 300, 450),
        ("full_refund_plus", 0, None, 0, 0),
    ],
)
def test_floor_is_the_damage_and_ceiling_a_little_more(
    rung: str, price: float | None, loss: float | None, floor: float | None, ceiling: float | None
) -> None:
    amounts = rung_amounts(rung, Case(order_value=price, loss=loss), load_policy())
    assert (amounts.floor, amounts.ceiling) == (floor, ceiling)


def test_goodwill_stays_small_and_within_the_budget(tmp_path: Path) -> None:
    assert goodwill_amounts(Case(), load_policy()).ceiling is None
    assert goodwill_amounts(Case(order_value=200), load_policy()).ceiling == 10
    policy = load_policy(_write(tmp_path, '[authority]\ncurrency = "EUR"\nagent_budget = 3\n'))
    assert goodwill_amounts(Case(order_value=200), policy).ceiling == 3
    assert goodwill_amounts(Case(order_value=200, currency="NOK"), policy).ceiling == 10


@pytest.mark.parametrize(
    ("price", "currency", "said"),
    [
        (20, "EUR", "Staff may grant this alone"),
        (80, "EUR", "up to 50.00 alone"),
        (150, "EUR", "manager has to approve"),
        (900, "EUR", "owner decides"),
        (20, "NOK", "another currency"),
    ],
)
def test_who_may_approve(tmp_path: Path, price: float, currency: str, said: str) -> None:
    limits = '[authority]\ncurrency = "EUR"\nagent_budget = 50\napproval_limit = 400\n'
    policy = load_policy(_write(tmp_path, limits))
    case = Case(order_value=price, currency=currency)
    assert said in approval(rung_amounts("partial_refund", case, policy), case, policy)


def test_a_loss_above_the_price_goes_to_a_manager() -> None:
    case = Case(order_value=10, loss=40)
    note = approval(rung_amounts("partial_refund", case, load_policy()), case, load_policy())
    assert "manager decides on the difference" in note
