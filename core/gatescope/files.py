"""Files that appear whole or not at all, and those that come with the package."""

import os
import secrets
from pathlib import Path

ASSETS = next(
    (
        folder
        for folder in (Path(__file__).parent / "assets", Path(__file__).parents[2] / "assets")
        if (folder / "runs").is_dir()
    ),
    Path(__file__).parent / "assets",
)
"""Prepared runs, data and results: inside the package once it is installed, in a checkout at its
root."""


def fresh_name(path: Path) -> Path:
    """A name of its own beside another, in the same folder, that nothing has yet."""
    return path.with_name(f".{path.name}-{secrets.token_hex(4)}")


def fresh_file(path: Path) -> Path:
    """An empty file beside another; whoever may read a new file of this process may read it."""
    fresh = fresh_name(path)
    fresh.touch(exist_ok=False)
    return fresh


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads it meanwhile sees the old one or the new one, whole."""
    fresh = fresh_file(path)
    try:
        fresh.write_bytes(data)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
