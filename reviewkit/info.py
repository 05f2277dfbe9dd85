"""What is installed, which models ship, and what they score."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from reviewkit.results import COMPLAINT_TYPES, LANGUAGES

__all__ = ["describe", "describe_text"]

_PACKAGES = (
    "numpy",
    "pandas",
    "onnxruntime",
    "tokenizers",
    "langdetect",
    "pyarrow",
    "torch",
    "transformers",
    "spacy",
    "lingua-language-detector",
)
_NAMES = {"ro": "Romanian", "ru": "Russian", "no": "Norwegian", "et": "Estonian", "en": "English"}


def describe() -> dict[str, Any]:
    """Return versions, languages, complaint types and the shipped models with their scores."""
    from reviewkit.model.bundle import load_bundle, shipped_bundles

    models = []
    for name in shipped_bundles():
        bundle = load_bundle(name)
        models.append(
            {
                "name": name,
                "id": bundle.id,
                "megabytes": round(sum(f["bytes"] for f in bundle.files.values()) / 1e6, 1),
                "sources": [dict(source) for source in bundle.sources],
                "scores": dict(bundle.scores),
            }
        )
    return {
        "reviewkit": version("reviewkit-nlp"),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "languages": list(LANGUAGES),
        "complaint_types": list(COMPLAINT_TYPES),
        "models": models,
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def describe_text() -> str:
    """Return `describe()` as a page for a terminal."""
    facts = describe()
    lines = [f"reviewkit {facts['reviewkit']} on Python {facts['python']}", ""]
    lines.append("languages        " + ", ".join(f"{c} {_NAMES[c]}" for c in facts["languages"]))
    installed = [f"{n} {v}" for n, v in facts["packages"].items() if v]
    missing = [n for n, v in facts["packages"].items() if not v]
    lines.append("packages         " + ", ".join(installed))
    lines.append("not installed    " + (", ".join(missing) or "-"))
    for model in facts["models"]:
        lines += ["", f"model {model['id']} ({model['megabytes']} MB)"]
        heads = (("sentiment", "macro-F1"), ("types", "macro-F1"), ("types", "micro-F1"))
        for row in (0, 1):
            title, n = (("dev set", "n"), ("", ""))[row]
            cells = "  ".join(f"{head[row]:>9}" for head in heads)
            lines.append(f"  {title:10} {n:>5}  {cells}  {('severity', 'QWK')[row]:>8}")
        for language, row in model["scores"].get("dev", {}).items():
            lines.append(
                f"  {language:10} {row['n']:>5}  {row['sentiment_macro_f1']:>9.3f}  "
                f"{row['types_macro_f1']:>9.3f}  {row['types_micro_f1']:>9.3f}  "
                f"{row['severity_qwk']:>8.3f}"
            )
        lines.append(f"  trained on {len(model['sources'])} sources; see the model card")
    return "\n".join(lines)
