"""Run the notebooks into ``build/notebooks``, for the documentation; what is there stays."""

import hashlib
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "assets" / "notebooks"
MADE = ROOT / "build" / "notebooks"


def made_of(source: Path) -> Path:
    """Where a notebook lies with its outputs, by what it says."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    return MADE / f"{source.stem}-{digest}.ipynb"


def main() -> None:
    """Each in an empty folder of its own."""
    MADE.mkdir(parents=True, exist_ok=True)
    for source in sorted(SOURCES.glob("*.ipynb")):
        made = made_of(source)
        if made.exists():
            continue
        print(f"running {source.name}")
        book = nbformat.read(source, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            place = {"metadata": {"path": folder}}
            NotebookClient(book, timeout=500, kernel_name="python3", resources=place).execute()
        nbformat.write(book, made)


if __name__ == "__main__":
    main()
