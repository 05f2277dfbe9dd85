"""What the bundle scores on dev, where its rows come from, and the model card that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from reviewkit.training.licences import licences_of

__all__ = ["sources", "write_card"]


def sources(data: Path, recipe: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what the weights were trained on, set by set, with licence."""
    out = [
        {"name": "multilingual-e5-small (backbone)", "licence": "MIT"},
        {"name": "reviewkit reviews and clauses, ro ru no et en", "licence": "MIT (ours)"},
        {
            "name": "reviewkit labels on real reviews (hinnavaatlus, LaRoSeDa, Russian sets)",
            "licence": "labels ours; texts as their sets",
        },
    ]
    for name, options in recipe["public"].items():
        path = data / "labelled" / options["language"] / f"{name}.parquet"
        out.append({"name": name, "licence": "; ".join(sorted(licences_of(path)))})
    return out


def write_card(
    folder: Path,
    values: Mapping[str, Any],
    curve: Sequence[Mapping[str, Any]],
    mixed: Mapping[str, tuple[float, float]],
) -> None:
    """Write `card.md` from its template and the numbers of this run."""
    template = resources.files("reviewkit.training").joinpath("card.md").read_text("utf-8")
    head = (
        "n",
        "sentiment_macro_f1",
        "types_macro_f1",
        "types_micro_f1",
        "severity_qwk",
        "abusive_f1",
        "resolved_f1",
    )
    table = "\n".join(
        f"| {language} | " + " | ".join(_cell(row[name]) for name in head) + " |"
        for language, row in values["scores"]["dev"].items()
    )
    passes = "\n".join(
        f"| {line['after_pass']} | {line['sentiment']:.3f} | {line['types']:.3f} | "
        f"{line['severity_qwk']:.3f} |"
        for line in curve
    )
    listed = "\n".join(f"| {s['name']} | {s['licence']} |" for s in values["sources"])
    weights = ", ".join(f"{head} {a:.2f} / {b:.2f}" for head, (a, b) in mixed.items())
    text = (
        template.replace("{{scores}}", table)
        .replace("{{curve}}", passes)
        .replace("{{sources}}", listed)
        .replace("{{mixed}}", weights)
    )
    (folder / "card.md").write_text(text, encoding="utf-8")


def _cell(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
