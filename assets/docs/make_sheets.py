"""Write the sheets of lessons and plans into ``build``, for the documentation, where none lie."""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = (
    "viz_app/text/*/lessons/*.toml", "viz_app/text/*/sheets.toml",
    "viz_app/features/lessons/**/*.py", "viz_app/kit/document*.py", "assets/runs/*/run.json",
)  # fmt: skip
"""What sheets are made of."""


def folder() -> Path:
    """Where the sheets lie, by what they are made of."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return ROOT / "build" / f"sheets-{digest.hexdigest()[:16]}"


def name_of(what: str, kind: str, language: str) -> str:
    """A sheet's file."""
    return f"{what}-{kind}-{language}.html"


def main() -> None:
    """Each in both languages; a folder that is there is whole."""
    sys.path[:0] = [str(ROOT / "core"), str(ROOT)]
    from viz_app.features.lessons.lesson import names
    from viz_app.features.lessons.plans import PLANS, document
    from viz_app.features.lessons.sheets import KINDS, sheet
    from viz_app.kit.document_html import html
    from viz_app.text import speaking

    there = folder()
    if there.exists():
        return
    made = there.with_name(f"{there.name}-half")
    made.mkdir(parents=True, exist_ok=True)
    print("making the sheets of the lessons")
    for language in ("en", "zh"):
        with speaking(language):
            for kind in KINDS:
                for lesson in names():
                    page = html(sheet(lesson, kind))
                    (made / name_of(lesson, kind, language)).write_bytes(page)
            for plan in PLANS:
                (made / name_of(plan, "plan", language)).write_bytes(html(document(plan)))
    made.rename(there)


if __name__ == "__main__":
    main()
