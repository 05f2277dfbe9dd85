"""The command line: `reviewkit analyze | detect | plan | info`.

Exit status: 0 fine; 1 some rows have the status `error`; 2 nothing could be done.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reviewkit.errors import ReviewkitError

if TYPE_CHECKING:
    from reviewkit.files import FileSummary

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except ReviewkitError as error:
        print(f"reviewkit {options.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of standard output has gone, e.g. `| head`
        sys.stderr.close()
        return 2
    except KeyboardInterrupt:
        print(f"reviewkit {options.command}: interrupted, nothing was written", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"reviewkit {options.command}: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reviewkit",
        description="Customer reviews in Romanian, Russian, Norwegian, Estonian and English: "
        "language, sentiment, complaint types, severity and a cited recovery plan. Offline.",
    )
    from importlib.metadata import version

    parser.add_argument("--version", action="version", version=version("reviewkit-nlp"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    analyze = commands.add_parser("analyze", help="analyse a table of reviews into a table")
    _table_options(analyze)
    analyze.add_argument("--model", default="default", help="a shipped model or a bundle's folder")
    analyze.add_argument("--detector", help="builtin (default), langdetect or lingua")
    analyze.add_argument("--plan", action="store_true", help="add recovery steps and compensation")
    analyze.set_defaults(run=_analyze)

    detect = commands.add_parser("detect", help="add the language of each row")
    _table_options(detect)
    detect.add_argument("--detector", help="builtin (default), langdetect or lingua")
    detect.set_defaults(run=_detect)

    plan = commands.add_parser("plan", help="recovery plans: a JSON line in, a JSON line out")
    plan.add_argument("input", help="jsonl with text or analysis, and case; - is standard input")
    plan.add_argument("-o", "--output", required=True, help="jsonl; - is standard output")
    plan.add_argument("--policy", help="compensation policy (TOML)")
    plan.add_argument("--model", default="default", help="a shipped model or a bundle's folder")
    plan.set_defaults(run=_plan)

    info = commands.add_parser("info", help="versions, models, languages and what they score")
    info.add_argument("--json", action="store_true", help="as JSON")
    info.set_defaults(run=_info)
    return parser


def _table_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", help="csv, tsv, jsonl or parquet (.gz too); - is stdin (jsonl)")
    command.add_argument(
        "-o", "--output", required=True, help="csv, tsv, jsonl or parquet; - is stdout"
    )
    command.add_argument("--text", metavar="COLUMN", help="the column of the reviews")
    command.add_argument("--format", help="of the output: csv, tsv, jsonl or parquet")
    command.add_argument("--input-format", help="of the input, where its suffix does not tell")
    command.add_argument("--encoding", help="of the input, e.g. cp1251 (default: UTF-8)")
    command.add_argument("--quiet", action="store_true", help="no progress, no summary")


def _analyze(options: argparse.Namespace) -> int:
    from reviewkit.analyzer import ReviewAnalyzer
    from reviewkit.files import analyze_file

    summary = analyze_file(
        options.input,
        options.output,
        text=options.text,
        analyzer=ReviewAnalyzer(options.model, detector=options.detector),
        plan=options.plan,
        format=options.format,
        input_format=options.input_format,
        encoding=options.encoding,
        progress=False if options.quiet else None,
    )
    return _report(summary, options)


def _detect(options: argparse.Namespace) -> int:
    from reviewkit.files import detect_file
    from reviewkit.language import get_detector

    summary = detect_file(
        options.input,
        options.output,
        text=options.text,
        detector=get_detector(options.detector),
        format=options.format,
        input_format=options.input_format,
        encoding=options.encoding,
        progress=False if options.quiet else None,
    )
    return _report(summary, options)


def _report(summary: FileSummary, options: argparse.Namespace) -> int:
    if not options.quiet:
        counts = ", ".join(f"{n} {status}" for status, n in sorted(summary.statuses.items()))
        print(
            f"{summary.rows} rows from column {summary.text_column!r} to {options.output}"
            f"{': ' + counts if counts else ''}",
            file=sys.stderr,
        )
        for row, reason in summary.errors:
            print(f"  row {row}: {reason}", file=sys.stderr)
    return 1 if summary.statuses.get("error") else 0


def _plan(options: argparse.Namespace) -> int:
    from reviewkit.plan_lines import plan_file

    failed = plan_file(options.input, options.output, policy=options.policy, model=options.model)
    if failed:
        print(f'reviewkit plan: {failed} lines have no plan, see their "error"', file=sys.stderr)
    return 1 if failed else 0


def _info(options: argparse.Namespace) -> int:
    from reviewkit.info import describe, describe_text

    print(json.dumps(describe(), indent=1, ensure_ascii=False) if options.json else describe_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
