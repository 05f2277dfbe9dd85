"""Recovery: from an analysed review and a case to a plan, and from a plan to a reply."""

from __future__ import annotations

from reviewkit.recovery.case import CHANNELS, FAULTS, Case
from reviewkit.recovery.planner import plan_recovery
from reviewkit.recovery.policy import Policy, load_policy

__all__ = ["CHANNELS", "FAULTS", "Case", "Policy", "load_policy", "plan_recovery"]
