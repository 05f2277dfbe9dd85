"""A model bundle: a folder with `model.onnx`, `tokenizer.json`, `manifest.json` and `card.md`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reviewkit.errors import BundleError, OptionError
from reviewkit.model.locate import models_dir

__all__ = ["FORMAT", "Bundle", "load_bundle", "sha256", "shipped_bundles"]

FORMAT = 1
_FILES = ("model.onnx", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What `manifest.json` says.

    Attributes:
        outputs: names of the model's logits, in order.
        temperatures: language -> head (`sentiment`, `types`, `severity`, `flags`) -> divisor of
            the logits; the key `*` serves languages without their own.
        thresholds: language -> output -> probability from which a label is given; `*` likewise.
        chunk_tokens: longer texts are read in chunks of at most so many tokens.
        max_chunks: chunks beyond are not read and the result says `truncated`.
        scores: what the model measured, as the card prints it.
    """

    folder: Path
    name: str
    version: str
    outputs: tuple[str, ...]
    temperatures: Mapping[str, Mapping[str, float]]
    thresholds: Mapping[str, Mapping[str, float]]
    chunk_tokens: int
    max_chunks: int
    files: Mapping[str, Mapping[str, Any]]
    sources: tuple[Mapping[str, str], ...] = ()
    scores: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name, version and the first digits of the weights' checksum."""
        return f"{self.name}-{self.version}-{self.files['model.onnx']['sha256'][:8]}"


def shipped_bundles() -> tuple[str, ...]:
    """Return the names of the bundles that ship with the package."""
    return tuple(sorted(p.parent.name for p in models_dir().glob("*/model.onnx")))


def load_bundle(model: str | Path = "default") -> Bundle:
    """Read and verify a bundle by its shipped name or its folder.

    Raises:
        OptionError: no shipped bundle has this name, and no such folder exists.
        BundleError: the folder lacks a file, or a file does not have the checksum of the manifest.
    """
    folder = models_dir() / model if str(model) in shipped_bundles() else Path(model)
    if not folder.is_dir():
        raise OptionError("model", str(model), (*shipped_bundles(), "the folder of a bundle"))
    path = folder / "manifest.json"
    if not path.exists():
        raise BundleError(f"{path} is missing: {folder} is not a model bundle.")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        bundle = Bundle(
            folder=folder,
            name=manifest["name"],
            version=manifest["version"],
            outputs=tuple(manifest["outputs"]),
            temperatures=manifest["temperatures"],
            thresholds=manifest["thresholds"],
            chunk_tokens=int(manifest["chunk_tokens"]),
            max_chunks=int(manifest["max_chunks"]),
            files=manifest["files"],
            sources=tuple(manifest.get("sources", ())),
            scores=manifest.get("scores", {}),
        )
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{path} is damaged ({type(error).__name__}: {error}).") from error
    if manifest.get("format") != FORMAT:
        raise BundleError(
            f"{path} has format {manifest.get('format')!r}, this version reads {FORMAT}. "
            "Update reviewkit or export the bundle again."
        )
    _verify(bundle)
    return bundle


def _verify(bundle: Bundle) -> None:
    for name in _FILES:
        path = bundle.folder / name
        if name not in bundle.files:
            raise BundleError(f"{bundle.folder / 'manifest.json'} lists no checksum of {name}.")
        if not path.exists():
            raise BundleError(f"{path} is missing. Install the package again.")
        expected, found = bundle.files[name]["sha256"], sha256(path)
        if found != expected:
            raise BundleError(
                f"{path} is damaged: its SHA-256 is {found}, expected {expected}. "
                "Install the package again."
            )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
