"""What `make demo` runs: a shop's reviews in, a table and a summary out.

The table is written next to the reviews (`reviews_analysed.csv`); this file is also a short tour
of the library for those who like to read code.
"""

from __future__ import annotations

import textwrap
import time
from collections import Counter
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
    rk.analyze_file(source, target, plan=True)
    frame = pd.read_csv(source, dtype=str, keep_default_na=False)
    results = rk.ReviewAnalyzer().analyze(frame["review"])
    seconds = time.perf_counter() - started

    read = [r for r in results if r.status == "ok"]
    skipped = Counter(r.status.replace("_", " ") for r in results if r.status != "ok")
    print(f"\nSESTO, {len(results)} reviews, {len(read)} read", end="")
    print("".join(f", {n} {status}" for status, n in skipped.items()))
    languages = Counter(NAMES[r.language] for r in read)
    counts("Languages", dict(languages.most_common()))
    stances = Counter(r.sentiment or "" for r in read)
    counts("Sentiment", dict(stances.most_common()))
    names = {key: kind.names["en"] for key, kind in load_taxonomy().items()}
    complaints = Counter(names[kind] for r in read for kind in r.complaint_types)
    counts("What customers complain about", dict(complaints.most_common()))
    levels = Counter(SEVERITY[r.severity] for r in read if r.severity)
    counts("How bad it is", {level: levels[level] for level in SEVERITY.values()})

    print("\nAnswer these first")
    queue = sorted(range(len(results)), key=lambda i: -(results[i].priority or 0))
    for i in queue[:5]:
        r = results[i]
        print(f"  {r.priority:>3}  {frame['order_id'][i]}  {frame['shop'][i]}  ({r.language})")
        print(f"       {short(frame['review'][i])}")
        print(f"       {', '.join(r.complaint_types) or 'unspecified'}; severity {r.severity}")
        if r.cues:
            print(f"       says: {', '.join(r.cues)}")

    first = queue[0]
    plan = rk.plan_recovery(results[first])
    print(f"\nThe plan for {frame['order_id'][first]}")
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
