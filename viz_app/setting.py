"""Set a figure at the terminal, as the page Figures does."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from gatescope import Run, load_run
from viz_app import figures
from viz_app.layout import Layout
from viz_app.terminal import require_file
from viz_app.text import say
from viz_app.views import catalogue
from viz_app.views.library import folder_of


def set_view(given: Mapping[str, Any]) -> None:
    """Draw a view of runs and save it.

    Parameters
    ----------
    given
        The command line's values by name; None where nothing was said.
    """
    out = Path(given["out"])
    figures.require_format(out)
    require_file(out)
    runs = {name: opened(name) for name in given["runs"] or ()}
    layout = Layout(
        **{
            part.name: str(given[part.name]) if part.name == "theme" else given[part.name]
            for part in fields(Layout)
            if given[part.name] is not None
        }
    )
    choice = catalogue.Choice(**{part.name: given[part.name] for part in fields(catalogue.Choice)})
    found = catalogue.figure(given["view"], runs, choice)
    figures.save(found.set(layout), out, found.about, given["dots"])
    print(say("cli.saved_figure", path=out))


def opened(name: str) -> Run:
    """A run by its folder, or by its name in the library."""
    folder = Path(name)
    return load_run(folder if folder.exists() else folder_of(name))
