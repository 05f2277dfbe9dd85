"""The error family: every error says what, which value, where, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "BundleError",
    "DataError",
    "InputError",
    "KnowledgeError",
    "MissingExtraError",
    "OptionError",
    "ReviewkitError",
]


class ReviewkitError(Exception):
    """Base of all errors that reviewkit raises on purpose."""


class OptionError(ReviewkitError, ValueError):
    """An option has a value that is not allowed; the message lists the valid ones."""

    def __init__(self, option: str, value: object, valid: Iterable[object]) -> None:
        self.option, self.value, self.valid = option, value, tuple(valid)
        listed = ", ".join(repr(item) for item in self.valid)
        super().__init__(f"{option}={value!r} is not known. Use one of: {listed}.")


class InputError(ReviewkitError, ValueError):
    """A file, a column or a cell cannot be used as given."""


class DataError(ReviewkitError, ValueError):
    """A data set on disk is missing, incomplete or malformed."""


class BundleError(ReviewkitError, ValueError):
    """A model bundle is missing, incomplete or damaged."""


class KnowledgeError(ReviewkitError, ValueError):
    """A knowledge file breaks its schema or names an id that does not exist."""


class MissingExtraError(ReviewkitError, ImportError):
    """An optional package is needed; the message says which install command brings it."""

    def __init__(self, feature: str, package: str, extra: str) -> None:
        self.feature, self.package, self.extra = feature, package, extra
        super().__init__(
            f"{feature} needs the package {package!r}, which is not installed. "
            f'Fix: pip install "reviewkit-nlp[{extra}]"'
        )
