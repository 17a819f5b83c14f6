"""Every word that a person reads, by key; one folder a language."""

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DEFAULT = "en"


def language() -> str:
    """The language in use: ``GATESCOPE_LANGUAGE`` where there are texts for it, else English."""
    asked = os.environ.get("GATESCOPE_LANGUAGE", DEFAULT)
    return asked if asked == DEFAULT or _is_there(FOLDER, asked) else DEFAULT


def say(key: str, **values: Any) -> str:
    """The text of a key with its values filled in.

    Parameters
    ----------
    key
        ``file.name``, as ``gates.title``.
    values
        What stands in braces in the text; format specifications work, as in ``{loss:.4f}``.

    Raises
    ------
    KeyError
        When there is no such key: a fault of the program, found by the tests.
    """
    return texts(language())[key].format(**values)


def has(key: str) -> bool:
    """Whether there is a text of that key."""
    return key in texts(language())


def name_of(kind: str, name: str) -> str:
    """A known thing's name in the reader's language, else its own, underscores as spaces."""
    key = f"{kind}.{name}"
    if "+" in name:
        return " + ".join(name_of(kind, part) for part in name.split("+"))
    return say(key) if has(key) else name.replace("_", " ")


@cache
def _is_there(folder: Path, asked: str) -> bool:
    return asked.isalnum() and (folder / asked).is_dir()


@cache
def texts(chosen: str) -> dict[str, str]:
    """All texts of a language by key; what it lacks is English."""
    folder = FOLDER / chosen
    if not folder.is_dir():
        raise ValueError(f"there are no texts in language {chosen!r}: no folder {folder.name}")
    found = {} if chosen == DEFAULT else dict(texts(DEFAULT))
    for path in sorted(folder.glob("*.toml")):
        for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}.{name}"] = text
    return found
