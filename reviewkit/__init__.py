"""reviewkit: customer reviews in Romanian, Russian, Norwegian and Estonian (and English).

>>> import reviewkit as rk
>>> rk.analyze("Pakken kom tre uker for sent, og ingen svarer.").complaint_types  # doctest: +SKIP

Nothing is loaded before it is used (PEP 562): importing reviewkit costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reviewkit.analyzer import ReviewAnalyzer, analyze
    from reviewkit.errors import (
        BundleError,
        DataError,
        InputError,
        KnowledgeError,
        MissingExtraError,
        OptionError,
        ReviewkitError,
    )
    from reviewkit.files import analyze_file
    from reviewkit.language import detect_language
    from reviewkit.pii import mask_pii
    from reviewkit.recovery import Case, Policy, load_policy, plan_recovery
    from reviewkit.results import Analysis, LanguageGuess, RecoveryPlan

_HOME = {
    "Analysis": "results",
    "BundleError": "errors",
    "Case": "recovery",
    "DataError": "errors",
    "InputError": "errors",
    "KnowledgeError": "errors",
    "LanguageGuess": "results",
    "MissingExtraError": "errors",
    "OptionError": "errors",
    "Policy": "recovery",
    "RecoveryPlan": "results",
    "ReviewAnalyzer": "analyzer",
    "ReviewkitError": "errors",
    "analyze": "analyzer",
    "analyze_file": "files",
    "detect_language": "language",
    "load_policy": "recovery",
    "mask_pii": "pii",
    "plan_recovery": "recovery",
}

__all__ = [
    "Analysis",
    "BundleError",
    "Case",
    "DataError",
    "InputError",
    "KnowledgeError",
    "LanguageGuess",
    "MissingExtraError",
    "OptionError",
    "Policy",
    "RecoveryPlan",
    "ReviewAnalyzer",
    "ReviewkitError",
    "__version__",
    "analyze",
    "analyze_file",
    "detect_language",
    "load_policy",
    "mask_pii",
    "plan_recovery",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("reviewkit-nlp")
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"reviewkit.{_HOME[name]}"), name)
    raise AttributeError(f"module 'reviewkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
