"""Libraries that not everybody needs; each comes with one of the extras in pyproject.toml."""

import importlib
from typing import Any

from gatescope.errors import GatescopeError, say

EXTRA_OF = {
    "PIL": "app",
    "altair": "app",
    "distributed": "cluster",
    "fontTools": "app",
    "itsdangerous": "app",
    "pyarrow": "app",
    "pypdf": "app",
    "reportlab": "app",
    "rich": "app",
    "scipy": "experiments",
    "segno": "app",
    "sklearn": "experiments",
    "starlette": "app",
    "streamlit": "app",
    "typer": "app",
    "uvicorn": "app",
    "vl_convert": "app",
    "websockets": "app",
}
"""The extra that brings a library, by the name under which it is imported."""


class MissingLibraryError(GatescopeError, ImportError):
    """A library that is not installed; the message names it and the extra that brings it."""


def library(module: str) -> Any:
    """Import a module of an optional library, when it is needed and not before.

    Raises
    ------
    MissingLibraryError
        When the library is not installed.

    Examples
    --------
    >>> from gatescope.extras import library
    >>> float(library("scipy.special").expit(0.0))
    0.5
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise missing(error) or error from None


def missing(error: ImportError) -> MissingLibraryError | None:
    """The same failure with the extra that mends it; None where no extra does."""
    if isinstance(error, MissingLibraryError):
        return error
    name = (error.name or "").split(".")[0]
    if name not in EXTRA_OF:
        return None
    return MissingLibraryError(say("library_missing", name=name, extra=EXTRA_OF[name]), name=name)
