"""``gatescope sheets``: lessons and plans on paper, as PDF and HTML."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import typer

from gatescope.files import write_whole
from viz_app.features.lessons import plans, sheets, standalone
from viz_app.features.lessons.lesson import names
from viz_app.features.lessons.paper import ENDINGS, file_name, paper
from viz_app.text import say


def chosen(lessons: Sequence[str]) -> list[str]:
    """The ids of lessons that are named by id or by number.

    Raises
    ------
    ValueError
        When there is no such lesson.
    """
    there = names()
    numbered = {str(number): name for number, name in enumerate(there, start=1)}
    ids = [numbered.get(name, name) for name in lessons]
    if unknown := [name for name in ids if name not in there]:
        listed = ", ".join(f"{number} {name}" for number, name in numbered.items())
        raise ValueError(say("cli.no_lesson", name=unknown[0], names=listed))
    return ids


def write(out: Path, lessons: Sequence[str]) -> None:
    """Write lessons as sheets and as files that play, and with all of them the plans.

    Parameters
    ----------
    out
        The folder.
    lessons
        Their ids, or their numbers from 1 on; none is all.

    Raises
    ------
    ValueError
        When there is no such lesson.
    """
    there, lessons = names(), chosen(lessons)
    made = {
        file_name(name, kind): sheets.sheet(name, kind)
        for name in lessons or there
        for kind in sheets.KINDS
    }
    if not lessons:
        made |= {file_name("plan", name): plans.document(name) for name in plans.PLANS}
    files = {
        f"{name}.{ending}": partial(paper, document, ending)
        for name, document in made.items()
        for ending in ENDINGS
    }
    files |= {
        f"{file_name(name, 'lesson')}.html": partial(standalone.html, name)
        for name in lessons or there
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_whole(out / name, content())
    typer.echo(say("cli.saved_sheets", count=len(files), out=out))
