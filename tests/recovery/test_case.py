"""Case: exactly the contract's fields, and only values that make sense."""

from __future__ import annotations

import json
import math
from dataclasses import fields

import pytest

from reviewkit.errors import InputError, OptionError
from reviewkit.recovery import CHANNELS, FAULTS, Case

CONTRACT = set(
    "fault channel order_value currency loss material_effect self_evident fixable "  # noqa: SIM905
    "claim_legitimate request_refused already_resolved repeat_customer unrepeatable_occasion "
    "previous_contacts failed_recoveries customer_name agent_name order_id".split()
)


def test_the_fields_are_those_of_the_contract() -> None:
    assert {item.name for item in fields(Case)} == CONTRACT
    assert (Case().fault, Case().channel) == ("undetermined", "public_review")


def test_round_trip() -> None:
    case = Case(fault="business", channel="email", order_value=12.5, currency="EUR", fixable=True)
    assert Case.from_dict(json.loads(json.dumps(case.to_dict()))) == case
    assert Case.from_dict({}) == Case()


def test_null_means_not_given_and_a_numeric_order_id_is_a_text() -> None:
    given = {"fault": None, "request_refused": None, "previous_contacts": None, "order_id": 17}
    assert Case.from_dict(given) == Case(order_id="17")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_fault_and_channel_is_accepted(fault: str, channel: str) -> None:
    assert Case.from_dict({"fault": fault, "channel": channel}).channel == channel


def test_an_unknown_key_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(InputError) as caught:
        Case.from_dict({"falt": "business"})
    assert "falt" in str(caught.value)
    assert all(name in str(caught.value) for name in CONTRACT)


def test_a_case_that_is_no_object_is_refused() -> None:
    with pytest.raises(InputError, match="object"):
        Case.from_dict([("fault", "business")])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fault", "supplier"),
        ("channel", "public_online"),
        ("channel", ["email"]),
        ("order_value", -1),
        ("order_value", math.nan),
        ("loss", math.inf),
        ("loss", 1e13),
        ("loss", "12"),
        ("loss", True),
        ("material_effect", "yes"),
        ("fixable", 1),
        ("request_refused", "false"),
        ("previous_contacts", -1),
        ("failed_recoveries", 1.5),
        ("failed_recoveries", True),
        ("currency", ""),
        ("customer_name", 5),
        ("agent_name", "a\nb"),
        ("order_id", "x" * 201),
    ],
)
def test_a_wrong_value_is_refused_and_named(key: str, value: object) -> None:
    with pytest.raises(OptionError, match=f"case.{key}"):
        Case.from_dict({key: value})
