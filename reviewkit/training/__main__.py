"""`python -m reviewkit.training STAGE`: the recipe of `models/default`, stage by stage.

prepare    cut the vocabulary, start the heads from a linear probe
finetune   train; continues where it was stopped
wide       fit the n-gram term
export     mix and calibrate on dev, quantise, write the bundle and its card
all        the four in a row; a stage whose result exists is left out
"""

from __future__ import annotations

import argparse
import logging
import time
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

STAGES = ("prepare", "finetune", "wide", "export")
log = logging.getLogger("reviewkit.training")


def main() -> None:
    """Run one stage of the recipe, or all."""
    parser = argparse.ArgumentParser(
        prog="python -m reviewkit.training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stage", choices=[*STAGES, "all"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--own", type=Path, default=Path("models/data"), help="our own clauses")
    parser.add_argument("--backbone", type=Path, default=Path("build/backbone"))
    parser.add_argument("--work", type=Path, default=Path("build/model"), help="checkpoints, logs")
    parser.add_argument("--recipe", type=Path, default=None, help="TOML; default: the shipped one")
    parser.add_argument(
        "--licences",
        choices=["all", "permissive"],
        default="all",
        help="permissive: nothing non-commercial, copyleft or unstated (use another --work)",
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("models/default"))
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    args.work.mkdir(parents=True, exist_ok=True)
    stages = STAGES if args.stage == "all" else (args.stage,)
    for stage in stages:
        if args.stage == "all" and _done(stage, args):
            log.info("%s: done already", stage)
            continue
        started = time.time()
        _run(stage, args)
        log.info("%s: %.0f s", stage, time.time() - started)


def _done(stage: str, args: argparse.Namespace) -> bool:
    results = {
        "prepare": args.work / "start.safetensors",
        "finetune": args.work / "network.safetensors",
        "wide": args.work / "wide.npz",
        "export": args.output / "manifest.json",
    }
    return bool(results[stage].exists())


def _recipe(path: Path | None) -> dict[str, Any]:
    shipped = resources.files("reviewkit.training").joinpath("recipe.toml")
    return tomllib.loads((path or shipped).read_text(encoding="utf-8"))


def _run(stage: str, args: argparse.Namespace) -> None:
    import numpy as np
    from safetensors.torch import load_model, save_model

    from reviewkit.training import prepare
    from reviewkit.training.licences import permissive_recipe

    recipe = _recipe(args.recipe)
    permissive = args.licences == "permissive"
    corpus = prepare.collect(args.data, args.own, recipe, permissive=permissive)
    if permissive:
        recipe = permissive_recipe(recipe, args.data)
    start, encoder = args.work / "start.safetensors", args.work / "encoder"
    if stage == "prepare":
        pieces = recipe["vocabulary"]["pieces"]
        prepare.cut_backbone(args.backbone, args.data, corpus, pieces, encoder)
        network, tokenizer = prepare.open_network(encoder)
        prepare.start_heads(network, tokenizer, [*corpus.train, *corpus.clauses])
        save_model(network, str(start))
    elif stage == "finetune":
        from reviewkit.training.finetune import finetune

        network, tokenizer = prepare.open_network(encoder)
        load_model(network, str(start))
        finetune(network, tokenizer, corpus, recipe, args.work)
    elif stage == "wide":
        from reviewkit.training.wide import fit_wide

        table, bias = fit_wide(corpus, recipe)
        np.savez(args.work / "wide.npz", table=table, bias=bias)
    else:
        from reviewkit.training.release import release

        release(corpus, recipe, args.data, args.work, args.output)


if __name__ == "__main__":
    main()
