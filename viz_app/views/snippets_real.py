"""The few lines of Python that draw what a page on real data shows."""

from collections.abc import Sequence

from viz_app.views.library import folder_of, relative

Parts = Sequence[tuple[int, float, int | None]]
"""How a text was written: so many characters, at which temperature, of how many likeliest."""


def writing(name: str, prompt: str, parts: Parts, seed: int, drawn: str) -> str:
    """A text that a run writes, on the colours of one unit; ``drawn`` are the chart's options."""
    written = "".join(
        f"text = write(model, run.task, text, {count}, temperature={temperature:g}, "
        f"top_k={top_k}, seed={seed})\n"
        for count, temperature, top_k in parts
    )
    return f"""\
import gatescope
from gatescope.writing import write
from viz_app import figures
from viz_app.views import writing

run = gatescope.load_run({relative(folder_of(name))!r})
model, text = run.model(), {prompt!r}
{written}chart = writing.chart(run, text, {drawn})
figures.save(chart, "text.svg")
"""
