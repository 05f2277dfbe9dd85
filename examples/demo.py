"""What `make demo` runs: a shop's reviews in, a table and a summary out.

The table is written next to the reviews (`reviews_analysed.csv`); this file is also a short tour
of the library for those who like to read code.
"""

from __future__ import annotations

import json
import textwrap
import time
from pathlib import Path

import pandas as pd

import reviewkit as rk
from reviewkit.knowledge import load_taxonomy

HERE = Path(__file__).parent
NAMES = {"ro": "Romanian", "ru": "Russian", "no": "Norwegian", "et": "Estonian", "en": "English"}
SEVERITY = {1: "minor", 2: "major", 3: "critical"}


def bar(share: float, width: int = 24) -> str:
    """Draw a share of 1 as a bar."""
    return "█" * round(share * width)


def counts(title: str, counted: dict[str, int]) -> None:
    """Print a small bar chart."""
    print(f"\n{title}")
    top = max(counted.values(), default=1)
    for name, n in counted.items():
        print(f"  {name:<44} {n:>4}  {bar(n / top)}")


def short(text: str, width: int = 92) -> str:
    """Put a review on one line."""
    return textwrap.shorten(" ".join(text.split()), width, placeholder=" …")


def main() -> None:
    """Analyse, write the table, print the summary."""
    started = time.perf_counter()
    source, target = HERE / "reviews.csv", HERE / "reviews_analysed.csv"
    done = rk.analyze_file(source, target, plan=True)
    seconds = time.perf_counter() - started

    table = pd.read_csv(target, dtype=str, keep_default_na=False)
    read = table[table["status"] == "ok"].copy()
    for column in ("complaint_types", "cues"):
        read[column] = read[column].map(json.loads)
    read["severity"] = read["severity"].astype(int)
    read["priority"] = read["priority"].astype(int)
    others = ", ".join(
        f"{n} {status.replace('_', ' ')}" for status, n in done.statuses.items() if status != "ok"
    )
    print(f"\nSESTO: {done.rows} reviews, {len(read)} read, {others}")
    counts("Languages", read["language"].map(NAMES).value_counts().to_dict())
    counts("Sentiment", read["sentiment"].value_counts().to_dict())
    names = {key: kind.names["en"] for key, kind in load_taxonomy().items()}
    complaints = read["complaint_types"].explode().dropna().map(names)
    counts("What customers complain about", complaints.value_counts().to_dict())
    levels = read["severity"].map(SEVERITY).value_counts()
    counts("How bad it is", {level: int(levels.get(level, 0)) for level in SEVERITY.values()})

    print("\nAnswer these first")
    queue = read.sort_values("priority", ascending=False, kind="stable")
    for row in queue.head(5).itertuples():
        print(f"  {row.priority:>3}  {row.order_id}  {row.shop}  ({row.language})")
        print(f"       {short(row.review)}")
        print(f"       {', '.join(row.complaint_types) or 'unspecified'}; severity {row.severity}")
        if row.cues:
            print(f"       says: {', '.join(row.cues)}")

    first = queue.iloc[0]
    plan = rk.plan_recovery(rk.analyze(first["review"]))
    print(f"\nThe plan for {first['order_id']}")
    print(f"  apology: {plan.apology}   compensation: {plan.compensation.rung}")
    if plan.escalate:
        print(f"  hand over to a {plan.escalate.to} {plan.escalate.when.replace('_', ' ')}:")
        print(f"  {plan.escalate.reason}")
    hours = plan.deadlines
    print(f"  acknowledge within {hours.acknowledge_hours} h, answer within {hours.answer_hours} h")
    for number, step in enumerate(plan.steps, start=1):
        head = f"  {number:>2}. [{step.audience}] "
        print(textwrap.fill(step.instruction, 96, initial_indent=head, subsequent_indent="      "))
        cited = f"«{step.sources[0].quote}» ({step.sources[0].file})"
        print(textwrap.fill(cited, 96, initial_indent="      ", subsequent_indent="      "))
    print(f"\nThe full table: examples/{target.name}, {seconds:.1f} s")


if __name__ == "__main__":
    main()
