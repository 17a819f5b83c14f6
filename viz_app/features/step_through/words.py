"""The words of the step-through chart: names, equations, and what happens at a step."""

import re
from collections.abc import Callable

import numpy as np
import xarray as xr

from viz_app.features.step_through.chart_cells import DRAWINGS
from viz_app.features.step_through.chart_controls import ACTIONS
from viz_app.features.step_through.chart_data import Cases, StepWords
from viz_app.features.step_through.chart_drawing import Way
from viz_app.features.step_through.chart_text import Slot, slots
from viz_app.features.step_through.chart_upright import UPRIGHT
from viz_app.kit.words import brief, joined, some, two_digits
from viz_app.text import language, name_of, say, texts

OPEN, SHUT = 0.8, 0.2
"""At least, and at most, what a gate may be called open, or shut."""

EQUATIONS: dict[tuple[str, Way], tuple[str, ...]] = {
    ("lstm", "forward"): (
        "forget_gate", "input_gate", "cell_candidate", "output_gate", "cell_state", "hidden_state",
    ),
    ("lstm", "backward"): (
        "hidden_state", "cell_state", "output_gate", "forget_gate", "input_gate",
        "cell_candidate", "cell_before", "hidden_before",
    ),
    ("gru", "forward"): ("update_gate", "reset_gate", "recurrent", "candidate", "hidden_state"),
    ("gru", "backward"): (
        "hidden_state", "update_gate", "candidate", "reset_gate", "recurrent", "kept",
        "hidden_before",
    ),
    ("rnn", "forward"): ("pre", "hidden_state"),
    ("rnn", "backward"): ("hidden_state", "pre", "hidden_before"),
}  # fmt: skip
"""In the order in which they are worked out."""

SIGNALS = (
    "forget_gate", "input_gate", "output_gate", "update_gate", "reset_gate", "cell_state",
    "hidden_state",
)  # fmt: skip
"""Those whose ranges are told, in that order."""

NO_GRADIENT = {
    "lstm": "now.grad_cell_state == 0 && now.grad_hidden_state == 0",
    "gru": "now.grad_hidden_state == 0",
    "rnn": "now.grad_hidden_state == 0",
}


def words(cell: str, way: Way, *, reverse: bool = False) -> StepWords:
    """Everything on the chart that is read.

    A layer that reads from the end, in ``reverse``, has t + 1 before a step.
    """
    turn = _turned if reverse else str
    return StepWords(
        drawing=tuple(_drawing(cell, way, turn).items()),
        sentences=_backward(cell, turn) if way == "backward" else _forward(cell),
        equations=tuple(
            (turn(say(f"step.{cell}_{way}_{name}")), template(f"{cell}_{way}_{name}_filled"))
            for name in EQUATIONS[cell, way]
        ),
    )


def alternative(terms: xr.Dataset, way: Way) -> str:
    """What the drawing of an example's ``terms`` shows: its values, or how its gradient runs."""
    cell = name_of("cell", terms.attrs["cell"])
    if way == "backward":
        norms = np.linalg.norm(terms["grad_hidden_state"].values, axis=1)
        ends = {"first": two_digits(float(norms[0])), "last": two_digits(float(norms[-1]))}
        return say("step.alt_backward", cell=cell, **ends, step=len(norms) - 1)
    shown = [name for name in SIGNALS if name in terms]
    ranges = [
        say(
            "step.alt_range", signal=name_of("signal", name),
            low=brief(float(terms[name].min())), high=brief(float(terms[name].max())),
        )
        for name in shown
    ]  # fmt: skip
    return say(
        "step.alt_forward", cell=cell, units=some("units", terms.sizes["unit"]),
        steps=some("time_steps", terms.sizes["time"]), ranges=joined(ranges),
    )  # fmt: skip


def template(key: str) -> str:
    """A text whose slots are still empty."""
    full = f"step.{key}"
    return say(full, **{name: Slot(name) for name in slots(texts(language())[full])})


def _drawing(cell: str, way: Way, turn: Callable[[str], str]) -> dict[str, str]:
    drawing = DRAWINGS[cell]
    boxes = {
        name: say(f"step.box_{name}")
        for box in drawing.boxes
        for name in (box.name, f"{box.name}_formula")
    }
    both = (*drawing.labels, *UPRIGHT[cell].labels)
    labels = {label.name: turn(say(f"step.{way}_{label.name}")) for label in both}
    buttons = {action: say(f"step.{action}") for action in ACTIONS}
    others = {"time": say("step.time")}
    return boxes | labels | buttons | others


def _forward(cell: str) -> tuple[Cases, ...]:
    """What is written, and what is kept."""
    if cell == "rnn":
        return (
            (("", template("said_rnn_forward_write_any")),),
            (("", template("said_rnn_forward_keep_any")),),
        )
    gate = "now.input_gate" if cell == "lstm" else "(1 - now.update_gate)"
    before = "cell_state_before" if cell == "lstm" else "hidden_state_before"
    kind = f"said_{cell}_forward"
    return (
        (
            (f"{gate} >= {OPEN}", template(f"{kind}_write_open")),
            (f"{gate} <= {SHUT}", template(f"{kind}_write_shut")),
            ("", template(f"{kind}_write_partly")),
        ),
        (
            (f"now.{before} == 0", template(f"{kind}_keep_nothing")),
            ("", template(f"{kind}_keep_some")),
        ),
    )


def _backward(cell: str, turn: Callable[[str], str]) -> tuple[Cases, ...]:
    """What arrives and is let through, and in which units."""
    kind = f"said_{cell}_backward_write"
    plain = "now.power == ''"
    return (
        (
            (NO_GRADIENT[cell], template(f"{kind}_none")),
            (plain, template(f"{kind}_plain")),
            ("", template(f"{kind}_scaled")),
        ),
        (
            (plain, turn(template("said_backward_power_plain"))),
            ("", turn(template("said_backward_power_scaled"))),
        ),
    )


def _turned(text: str) -> str:
    """The same where time runs backwards."""
    return re.sub("ₜ([₊₋])₁", lambda found: "ₜ" + {"₊": "₋", "₋": "₊"}[found[1]] + "₁", text)
