"""A language that nobody speaks, as a folder of texts: whatever it lacks was not in the texts."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import viz_app.text as texts
from gatescope.errors import SENTENCES
from viz_app.features.lessons.lesson import words_of

LANGUAGE = "qq"
MADE_UP = str.maketrans("abcdefghijklmnopqrstuvwxyz", "αβγδεζηθικλμνξοπρστυφχψωϑϰ")
CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩϴϏ")

SAME = ("app.name",)
"""The product's name is the same in all languages."""


def made_up(text: str) -> str:
    """The same text in letters that are not Latin; what stands in braces stays."""
    parts = re.split(r"(\{[^{}]*\})", text)
    return "".join(
        part if part.startswith("{") else part.translate(MADE_UP).translate(CAPITALS)
        for part in parts
    )


def write(folder: Path) -> None:
    """Add the language to a folder of texts, which has English."""
    files: dict[str, dict[str, str]] = {"error": dict(SENTENCES)}
    for key, text in texts.as_written(texts.DEFAULT).items():
        file, name = key.split(".", 1)
        files.setdefault(file, {})[name] = text if key in SAME else made_up(text)
    files["error"] = {name: made_up(text) for name, text in files["error"].items()}
    (folder / LANGUAGE).mkdir()
    for file, said in files.items():
        lines = [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in said.items()]
        path = folder / LANGUAGE / f"{file}.toml"
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / LANGUAGE / "lessons").mkdir()
    for path in (folder / texts.DEFAULT / "lessons").glob("*.toml"):
        said = words_of(tomllib.loads(path.read_text(encoding="utf-8")))
        lines = [
            f"{name} = {json.dumps(made_up(text), ensure_ascii=False)}"
            for name, text in said.items()
        ]
        place = folder / LANGUAGE / "lessons" / path.name
        place.write_text("\n".join([*lines, ""]), encoding="utf-8")


@contextmanager
def spoken(folder: Path) -> Iterator[str]:
    """Within it the made-up language is one more folder beside English."""
    shutil.copytree(texts.FOLDER / texts.DEFAULT, folder / texts.DEFAULT)
    write(folder)
    texts.texts.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "FOLDER", folder)
        yield LANGUAGE
    texts.texts.cache_clear()
