"""Start-up time and memory, latency of one review, throughput: `speed.py [--data DIR] [--rows N]`.

The texts are our own reviews, all different. Times are wall-clock on an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

FIRST = (
    "import reviewkit as rk, resource; rk.analyze('Pakken kom tre uker for sent.');"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
)


def seconds_of(code: str) -> tuple[float, str]:
    """Run code in a process of its own."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return time.perf_counter() - started, done.stdout.strip()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--rows", type=int, default=1000)
    args = parser.parse_args()
    bare = min(seconds_of("pass")[0] for _ in range(5))
    imported = min(seconds_of("import reviewkit")[0] for _ in range(5))
    runs = sorted(seconds_of(FIRST) for _ in range(5))
    print(f"import reviewkit             {imported - bare:.3f} s over a bare interpreter")
    print(f"process start to first label {runs[2][0]:.2f} s (median of 5), {runs[2][1]} MB")

    from reviewkit.analyzer import default_analyzer

    texts = [
        json.loads(line)["text"]
        for path in sorted((args.data / "authored").glob("??.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    texts = texts[:: max(1, len(texts) // args.rows)][: args.rows]
    analyzer = default_analyzer()
    analyzer.analyze(texts[:20])
    single = []
    for text in texts[:200]:
        started = time.perf_counter()
        analyzer.analyze(text)
        single.append(1000 * (time.perf_counter() - started))
    print(
        f"one review                   p50 {statistics.median(single):.1f} ms, "
        f"p99 {sorted(single)[int(0.99 * len(single))]:.1f} ms"
    )
    started = time.perf_counter()
    results = analyzer.analyze(texts)
    took = time.perf_counter() - started
    tokens = sum(result.n_tokens for result in results)
    print(
        f"{len(texts)} different reviews       {len(texts) / took:.0f} reviews/s, "
        f"{tokens / took:.0f} tokens/s"
    )


if __name__ == "__main__":
    main()
