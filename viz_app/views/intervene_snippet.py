"""The few lines of Python that draw what the intervene page shows."""

from collections.abc import Sequence

from gatescope.intervention import Intervention
from viz_app.charts.gates_data import GatesLook
from viz_app.views.intervene import InterveneView
from viz_app.views.library import folder_of, relative


def code(
    name: str,
    node: str,
    what: str | tuple[Intervention, ...],
    done: Sequence[Intervention],
    example: int,
    view: InterveneView,
    picked: tuple[int, int],
    look: GatesLook,
    *,
    scored: bool,
) -> str:
    """Both runs of a network, their scores where something is asked, and the chart."""
    asked = isinstance(what, str)
    kinds = ", ".join(sorted({type(each).__name__ for each in done}))
    imports = (
        "from viz_app.views import intervene, intervene_measure, intervene_questions"
        if asked
        else f"from gatescope.intervention import {kinds}\n"
        "from viz_app.views import intervene, intervene_measure"
    )
    made = (
        f"intervene_questions.interventions(run, {what!r}, node={node!r})"
        if asked
        else f"[{', '.join(map(repr, done))}]"
    )
    scores = (
        f"kept = intervene_measure.measure(run, {repr(what) if asked else 'changes'}, {node!r})\n"
        "for answers in (kept.before, kept.after):\n"
        "    print(answers.accuracy, answers.loss)\n"
        "print(kept.outcome)\n"
        if scored
        else ""
    )
    signals = [pair.name for pair in view.pairs]
    styles = {style.name: style for style in view.data.shape.signals}
    bounds = {name: styles[name].bound for name in signals if styles[name].kind == "state"}
    return f"""\
import gatescope
from viz_app import figures
{imports}

run = gatescope.load_run({relative(folder_of(name))!r})
changes = {made}
{scores}chart = intervene.chart(
    run, changes, node={node!r}, example={example}, unit={picked[0]},
    signals={signals},
    order={list(view.data.shape.units)},
    bounds={bounds},
    look=intervene.GatesLook(theme={look.theme!r}, hover=False),
)
figures.save(chart, "intervene.svg")
"""
