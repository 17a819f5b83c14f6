"""``gatescope sheets``: lessons and plans on paper, as PDF and HTML."""

from collections.abc import Sequence
from pathlib import Path

import typer

from gatescope.files import write_whole
from viz_app.features.lessons import plans, sheets
from viz_app.features.lessons.lesson import names
from viz_app.features.lessons.paper import ENDINGS, file_name, paper
from viz_app.text import say


def write(out: Path, lessons: Sequence[str]) -> None:
    """Write the sheets of some lessons, and with all of them the plans.

    Parameters
    ----------
    out
        The folder.
    lessons
        Their ids; none is all.

    Raises
    ------
    ValueError
        When there is no such lesson.
    """
    there = names()
    if unknown := [name for name in lessons if name not in there]:
        raise ValueError(say("cli.no_lesson", name=unknown[0], names=", ".join(there)))
    made = {
        file_name(name, kind): sheets.sheet(name, kind)
        for name in lessons or there
        for kind in sheets.KINDS
    }
    if not lessons:
        made |= {file_name("plan", name): plans.document(name) for name in plans.PLANS}
    out.mkdir(parents=True, exist_ok=True)
    for name, document in made.items():
        for ending in ENDINGS:
            write_whole(out / f"{name}.{ending}", paper(document, ending))
    typer.echo(say("cli.saved_sheets", count=len(made) * len(ENDINGS), out=out))
