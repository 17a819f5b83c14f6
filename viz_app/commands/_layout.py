"""Set a figure at the terminal, as the page Figures does."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from viz_app import features
from viz_app.commands._terminal import require_file
from viz_app.kit import export
from viz_app.kit.choice import KINDS
from viz_app.kit.figure_layout import Layout
from viz_app.text import say


def set_view(given: Mapping[str, Any]) -> None:
    """Draw a view of runs and save it.

    Parameters
    ----------
    given
        The command line's values by name; None where nothing was said.
    """
    out = Path(given["out"])
    export.require_format(out)
    require_file(out)
    layout = Layout(
        **{
            part.name: str(given[part.name]) if part.name == "theme" else given[part.name]
            for part in fields(Layout)
            if given[part.name] is not None
        }
    )
    asked = {name: given[name] for name in KINDS if name in given}
    found = features.view(given["view"], tuple(given["runs"] or ()), asked).figure()
    export.save(found.set(layout), out, found.about, given["dots"])
    print(say("cli.saved_figure", path=out))
