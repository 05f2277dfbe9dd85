"""Read an analysis, a case and a policy into facts: the bit mask that the rules look at."""

from __future__ import annotations

from reviewkit.errors import OptionError
from reviewkit.knowledge import load_taxonomy
from reviewkit.recovery.case import Case
from reviewkit.recovery.policy import Policy
from reviewkit.recovery.rules import BITS
from reviewkit.results import COMPLAINT_TYPES, KINDS, SENTIMENTS, STATUSES, Analysis

__all__ = ["read_facts"]

_KIND_OF_SENTIMENT = {"negative": "complaint", "mixed": "mixed", "positive": "praise"}
_BREACH = ("complaint", "mixed")
_PUBLIC = ("public_review", "social")
_CIRCULAR_FROM = 3

_NOT_OURS = ("customer", "third_party", "none")
_TRI_STATE = {
    name: {True: BITS[name]["true"], False: BITS[name]["false"], None: BITS[name]["unknown"]}
    for name in ("material_effect", "self_evident", "fixable", "claim_legitimate")
}


def read_facts(analysis: Analysis, case: Case, policy: Policy) -> int:
    """Return the facts as one bit mask (`rules.BITS`).

    Absent labels take the neutral default: flags are false; a kind is read from types and
    sentiment, else `other`; a severity is the highest prior of the types (1 without types) for a
    complaint, else 0. A failed recovery lifts severity 1 to 2 and reopens a resolved case
    (double deviation). Cues that no rule reads are left out.

    Raises:
        OptionError: the analysis has a label that does not exist.
    """
    kind = _kind(analysis)
    breach = kind in _BREACH
    severity = _severity(analysis, breach)
    failed = case.failed_recoveries > 0
    if failed and severity == 1:
        severity = 2
    resolved = (analysis.resolved is True or case.already_resolved) and not failed
    repeated = case.previous_contacts >= _CIRCULAR_FROM and not (failed or resolved)
    public = case.channel in _PUBLIC
    flags = {
        "breach": breach,
        "abusive": analysis.abusive is True,
        "resolved": resolved,
        "reopened": failed,
        "public": public,
        "dialogue": not public,
        "request_refused": case.request_refused,
        "repeat_customer": case.repeat_customer,
        "unrepeatable_occasion": case.unrepeatable_occasion,
        "contacted_before": failed or case.previous_contacts > 0,
        "circular": repeated and case.fault in _NOT_OURS,
        "goodwill_allowed": policy.goodwill,
        "statutory_rights": policy.statutory_rights,
    }
    facts = BITS["status"][analysis.status] | BITS["kind"][kind]
    facts |= BITS["severity"][str(severity)]
    facts |= BITS["fault"][case.fault] | BITS["channel"][case.channel]
    for field, value in flags.items():
        facts |= BITS[field]["true" if value else "false"]
    for name, bits in _TRI_STATE.items():
        facts |= bits[getattr(case, name)]
    types, cues = BITS["types"], BITS["cues"]
    for name in analysis.complaint_types:
        facts |= types[name]
    for name in analysis.cues:
        facts |= cues.get(name, 0)
    return facts


def _kind(analysis: Analysis) -> str:
    for name in analysis.complaint_types:
        if name not in COMPLAINT_TYPES:
            raise OptionError("complaint_types", name, COMPLAINT_TYPES)
    if analysis.status not in STATUSES:
        raise OptionError("status", analysis.status, STATUSES)
    if analysis.sentiment is not None and analysis.sentiment not in SENTIMENTS:
        raise OptionError("sentiment", analysis.sentiment, SENTIMENTS)
    if analysis.kind is None:
        fallback = "complaint" if analysis.complaint_types else "other"
        derived = _KIND_OF_SENTIMENT.get(analysis.sentiment or "", fallback)
        return "mixed" if derived == "praise" and analysis.complaint_types else derived
    if analysis.kind not in KINDS:
        raise OptionError("kind", analysis.kind, KINDS)
    return analysis.kind


def _severity(analysis: Analysis, breach: bool) -> int:
    severity = analysis.severity
    if severity is None:
        if not breach:
            return 0
        taxonomy = load_taxonomy()
        return max((taxonomy[name].severity_prior for name in analysis.complaint_types), default=1)
    if type(severity) is not int or not 0 <= severity <= 3:
        raise OptionError("severity", severity, (0, 1, 2, 3, None))
    return severity
