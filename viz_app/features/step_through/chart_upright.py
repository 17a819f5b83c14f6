"""The same three cells drawn upright, for a window that is narrow: time runs down on the left.

Every gate stands on a row of its own; what its pre-activation is summed from comes in on the right.
"""

from viz_app.features.step_through.chart_drawing import Box, Dot, Drawing, Label, Wire

WIDTH = 330.0
LINE, GATE, TAKE = 44.0, 172.0, 100.0
"""Where the state runs, where the gates stand, and where what they let through is taken."""

BOX = (92.0, 40.0)
LEFT, RIGHT = GATE - BOX[0] / 2, GATE + BOX[0] / 2
APART = 15.0


def terms(gate: str, y: float, back: str = "") -> tuple[Wire, ...]:
    """What a pre-activation is summed from: the input, the states before, the bias.

    ``back`` is the number that goes back to the states, where it has a name of its own.
    """
    return (
        _term(y - APART, f"{gate}_from_input", "", back=False),
        _term(y, f"{gate}_from_hidden", back or f"{gate}_back", colour="hidden_state"),
        _term(y + APART, f"{gate}_bias", f"grad_{gate}_pre", back=False),
    )


def names(y: float) -> tuple[Label, ...]:
    """What they are called."""
    return (
        Label("from_input", (WIDTH, y - APART), "right"),
        Label("from_hidden", (WIDTH, y), "right"),
        Label("bias", (WIDTH, y + APART), "right"),
    )


def _term(y: float, forward: str, backward: str, *, back: bool = True, colour: str = "") -> Wire:
    return Wire(
        ((RIGHT + 24, y), (RIGHT, y)), forward, backward, (RIGHT + 28, y), "left", colour,
        arrow_back=back,
    )  # fmt: skip


def _rnn() -> Drawing:
    """One row, and the state."""
    y, out, end = 32.0, 74.0, 124.0
    return Drawing(
        boxes=(Box("hidden_state", (GATE, y), "hidden_state"),),
        dots=(),
        wires=(
            *terms("hidden_state", y, "grad_hidden_state_before"),
            Wire(
                ((LEFT, y), (LINE, y), (LINE, out)), "hidden_state", "grad_hidden_state",
                (LINE + 41, y - 12), "center", "hidden_state", arrow=False,
            ),
            *_leaves("hidden_state", out, end),
        ),
        labels=(*names(y), *_left("hidden_now", out, end)),
        width=WIDTH, height=134.0, box=BOX,
    )  # fmt: skip


def _leaves(state: str, out: float, end: float) -> tuple[Wire, ...]:
    """A state on its way to the next step, and to what reads it."""
    return (
        Wire(
            ((LINE, out), (LINE, end)), "", f"grad_{state}_later", (LINE + 7, end - 22),
            colour=state, arrow_back=False,
        ),
        Wire(
            ((LINE, out), (LINE + 56, out)), "", "grad_hidden_state_above", (LINE + 62, out),
            colour="hidden_state", arrow_back=False,
        ),
    )  # fmt: skip


def _left(now: str, out: float, end: float) -> tuple[Label, ...]:
    return (Label("above", (LINE + 14, out + 14)), Label(now, (LINE + 7, end - 6)))


def _lstm() -> Drawing:
    """The cell state runs down on the left; each gate has its row."""
    keep, writing, candidate = 48.0, 114.0, 176.0
    add, branch, show, output, end = 145.0, 232.0, 286.0, 340.0, 372.0
    split = GATE + 70
    return Drawing(
        boxes=(
            Box("forget_gate", (GATE, keep), "forget_gate"),
            Box("input_gate", (GATE, writing), "input_gate"),
            Box("cell_candidate", (GATE, candidate), "cell_candidate"),
            Box("cell_tanh", (GATE, branch), "cell_state"),
            Box("output_gate", (GATE, output), "output_gate"),
        ),
        dots=(
            Dot("×", (LINE, keep)), Dot("×", (TAKE, add)), Dot("+", (LINE, add)),
            Dot("×", (GATE, show)),
        ),
        wires=(
            *(
                wire
                for gate, y in (
                    ("forget_gate", keep), ("input_gate", writing),
                    ("cell_candidate", candidate), ("output_gate", output),
                )
                for wire in terms(gate, y)
            ),
            Wire(
                ((LINE, 0), (LINE, keep)), "cell_state_before", "grad_cell_state_before",
                (LINE + 7, 14), colour="cell_state",
            ),
            Wire(
                ((LEFT, keep), (LINE, keep)), "forget_gate", "grad_forget_gate",
                (LINE + 46, keep - 12), "center", "forget_gate",
            ),
            Wire(
                ((LINE, keep), (LINE, add)), "kept", "grad_cell_state", (LINE + 7, 88),
                colour="cell_state",
            ),
            Wire(
                ((LEFT, writing), (TAKE, writing), (TAKE, add)), "input_gate", "grad_input_gate",
                (TAKE - 6, writing + 6), "right", "input_gate",
            ),
            Wire(
                ((LEFT, candidate), (TAKE, candidate), (TAKE, add)),
                "cell_candidate", "grad_cell_candidate", (TAKE - 6, candidate + 2), "right",
                "cell_candidate",
            ),
            Wire(
                ((TAKE, add), (LINE, add)), "written", "", (LINE + 28, add - 12), "center",
                "cell_state",
            ),
            Wire(
                ((LINE, add), (LINE, branch)), "cell_state", "grad_cell_state",
                (LINE + 7, 190), colour="cell_state", arrow=False,
            ),
            Wire(
                ((LINE, branch), (LINE, end)), "", "grad_cell_state_later",
                (LINE + 7, end - 22), colour="cell_state", arrow_back=False,
            ),
            Wire(
                ((LINE, branch), (LEFT, branch)), "", "grad_cell_state_through",
                (LINE + 41, branch - 12), "center", "cell_state", arrow_back=False,
            ),
            Wire(
                ((GATE, branch + BOX[1] / 2), (GATE, show)), "cell_tanh", "grad_cell_tanh",
                (GATE - 7, branch + 31), "right", "cell_state",
            ),
            Wire(
                ((GATE, output - BOX[1] / 2), (GATE, show)), "output_gate", "grad_output_gate",
                (GATE - 7, show + 23), "right", "output_gate",
            ),
            Wire(
                ((GATE, show), (split, show)), "hidden_state", "grad_hidden_state",
                (GATE + 42, show - 12), "center", "hidden_state", arrow=False,
            ),
            Wire(
                ((split, show), (WIDTH, show)), "", "grad_hidden_state_later",
                (WIDTH, show + 13), "right", "hidden_state", arrow_back=False,
            ),
            Wire(
                ((split, show), (split, branch + 8)), "", "grad_hidden_state_above",
                (split + 7, branch + 26), colour="hidden_state", arrow_back=False,
            ),
        ),
        labels=(
            *(each for y in (keep, writing, candidate, output) for each in names(y)),
            Label("cell_before", (LINE - 6, 14), "right"),
            Label("cell_now", (LINE + 7, end - 6)),
            Label("hidden_now", (WIDTH, show - 13), "right"),
            Label("above", (WIDTH, branch - 4), "right"),
        ),
        width=WIDTH, height=382.0, box=BOX,
    )  # fmt: skip


def _gru() -> Drawing:
    """The state runs down on the left; r acts on q before the candidate takes it."""
    update, candidate, times, reset, out, end = 48.0, 146.0, 204.0, 266.0, 206.0, 286.0
    one_minus, by = 94.0, 250.0
    return Drawing(
        boxes=(
            Box("update_gate", (GATE, update), "update_gate"),
            Box("candidate", (GATE, candidate), "candidate"),
            Box("reset_gate", (GATE, reset), "reset_gate"),
        ),
        dots=(
            Dot("×", (LINE, update)), Dot("1−", (TAKE, one_minus)), Dot("×", (TAKE, candidate)),
            Dot("+", (LINE, candidate)), Dot("×", (by, times)),
        ),
        wires=(
            *terms("update_gate", update),
            *terms("reset_gate", reset),
            _term(candidate - APART, "candidate_from_input", "", back=False),
            _term(candidate, "candidate_bias", "grad_candidate_pre", back=False),
            Wire(
                ((LINE, 0), (LINE, update)), "hidden_state_before", "kept_back", (LINE + 7, 14),
                colour="hidden_state",
            ),
            Wire(
                ((LEFT, update), (LINE, update)), "update_gate", "grad_update_gate",
                (LINE + 46, update - 12), "center", "update_gate",
            ),
            Wire(
                ((TAKE, update), (TAKE, one_minus)), "", "", colour="update_gate",
                arrow_back=False,
            ),
            Wire(
                ((TAKE, one_minus), (TAKE, candidate)), "let_in", "", (TAKE - 6, 120), "right",
                "update_gate", arrow_back=False,
            ),
            Wire(
                ((LINE, update), (LINE, candidate)), "kept", "grad_hidden_state",
                (LINE + 7, 74), colour="hidden_state",
            ),
            Wire(
                ((LEFT, candidate), (TAKE, candidate)), "candidate", "grad_candidate",
                (LEFT - 4, candidate + 27), "right", "candidate",
            ),
            Wire(
                ((TAKE, candidate), (LINE, candidate)), "written", "",
                (LINE + 28, candidate - 12), "center", "hidden_state",
            ),
            Wire(
                ((WIDTH - 34, times), (by, times)), "recurrent", "grad_recurrent",
                (by + 38, times - 12), "center", "hidden_state",
            ),
            Wire(
                ((by, times), (GATE + 24, times), (GATE + 24, candidate + BOX[1] / 2)),
                "reset", "grad_candidate_pre", (GATE + 17, times - 10), "right", "reset_gate",
            ),
            Wire(
                ((GATE + 10, reset - BOX[1] / 2), (GATE + 10, times + 26), (by, times + 26),
                 (by, times)),
                "reset_gate", "grad_reset_gate", (by + 7, times + 24), colour="reset_gate",
            ),
            Wire(
                ((LINE, candidate), (LINE, out)), "hidden_state", "grad_hidden_state",
                (LINE + 7, 186), colour="hidden_state", arrow=False,
            ),
            *_leaves("hidden_state", out, end),
        ),
        labels=(
            *names(update), *names(reset),
            Label("from_input", (WIDTH, candidate - APART), "right"),
            Label("bias", (WIDTH, candidate), "right"),
            Label("hidden_before_now", (LINE - 6, 14), "right"),
            Label("recurrent", (WIDTH, times), "right"),
            *_left("hidden_now", out, end),
        ),
        width=WIDTH, height=298.0, box=BOX,
    )  # fmt: skip


UPRIGHT = {"rnn": _rnn(), "lstm": _lstm(), "gru": _gru()}
