"""The drawings of torch's three cells: where each box, circle, wire and word stands."""

from dataclasses import replace

from viz_app.features.step_through.chart_drawing import (
    ADDER,
    BOX_HEIGHT,
    BOX_WIDTH,
    GATE,
    HIDDEN_BUS,
    INPUT_BUS,
    TOP_OF_GATE,
    WIDTH,
    Box,
    Dot,
    Drawing,
    Label,
    Wire,
    buses,
    feed,
    onward,
    upward,
)


def _rnn() -> Drawing:
    """Of torch's RNN: one sum, one tanh, and the whole state is new."""
    cell, line, out, above = 315.0, 150.0, 480.0, 220.0
    return Drawing(
        boxes=(Box("hidden_state", (cell, GATE), "hidden_state"),),
        dots=(Dot("+", (cell, ADDER)),),
        wires=(
            *buses(cell - 22, cell),
            # the one way through U: its number stands on the line below
            *(
                replace(wire, backward="") if wire.backward == "hidden_state_back" else wire
                for wire in feed("hidden_state", cell, "hidden_state")
            ),
            Wire(
                ((cell, TOP_OF_GATE), (cell, line), (out, line)),
                "hidden_state", "grad_hidden_state", (cell + 82, line - 13), "center",
                "hidden_state", arrow=False,
            ),
            onward("hidden_state", out, line),
            upward(out, line, above, 190),
        ),
        labels=(
            Label("hidden_before", (0, HIDDEN_BUS + 13)),
            Label("input", (0, INPUT_BUS + 13)),
            Label("from_hidden", (cell - 82, 352), "right", "forward"),
            Label("from_input", (cell + 62, 335), "left", "forward"),
            Label("hidden_now", (WIDTH, line + 15), "right"),
            Label("above", (out, above + 12), "center"),
        ),
        free=110.0,
    )  # fmt: skip


def _lstm() -> Drawing:
    """Of torch's LSTM: the cell state runs along the top, the four gates stand below."""
    forget, writing, candidate, output = 118.0, 235.0, 352.0, 469.0
    line, write, tanh, show = 40.0, 150.0, 96.0, 160.0
    add, branch = 0.5 * (writing + candidate), 560.0
    split, above = 226.0, 270.0
    return Drawing(
        boxes=(
            Box("forget_gate", (forget, GATE), "forget_gate"),
            Box("input_gate", (writing, GATE), "input_gate"),
            Box("cell_candidate", (candidate, GATE), "cell_candidate"),
            Box("output_gate", (output, GATE), "output_gate"),
            Box("cell_tanh", (branch, tanh), "cell_state"),
        ),
        dots=(
            *(Dot("+", (x, ADDER)) for x in (forget, writing, candidate, output)),
            Dot("×", (forget, line)),
            Dot("×", (add, write)),
            Dot("+", (add, line)),
            Dot("×", (branch, show)),
        ),
        wires=(
            *buses(output - 22, output),
            *feed("forget_gate", forget, "forget_gate"),
            *feed("input_gate", writing, "input_gate"),
            *feed("cell_candidate", candidate, "cell_candidate"),
            *feed("output_gate", output, "output_gate"),
            Wire(
                ((0, line), (forget, line)),
                "cell_state_before", "grad_cell_state_before", (2, line - 13), colour="cell_state",
            ),
            Wire(
                ((forget, TOP_OF_GATE), (forget, line)),
                "forget_gate", "grad_forget_gate", (forget + 7, 178), colour="forget_gate",
            ),
            Wire(
                ((forget, line), (add, line)),
                "kept", "grad_cell_state", (205, line - 13), "center", "cell_state",
            ),
            Wire(
                ((writing, TOP_OF_GATE), (writing, write), (add, write)),
                "input_gate", "grad_input_gate", (writing - 7, 178), "right", "input_gate",
            ),
            Wire(
                ((candidate, TOP_OF_GATE), (candidate, write), (add, write)),
                "cell_candidate", "grad_cell_candidate", (candidate + 7, 178),
                colour="cell_candidate",
            ),
            Wire(
                ((add, write), (add, line)),
                "written", "grad_cell_state", (add + 7, 95), colour="cell_state",
            ),
            Wire(
                ((add, line), (branch, line)),
                "cell_state", "grad_cell_state", (425, line - 13), "center", "cell_state",
                arrow=False,
            ),
            onward("cell_state", branch, line),
            Wire(
                ((branch, line), (branch, tanh - BOX_HEIGHT / 2)),
                "", "grad_cell_state_through", (branch - 7, 59), "right", "cell_state",
                arrow_back=False,
            ),
            Wire(
                ((branch, tanh + BOX_HEIGHT / 2), (branch, show)),
                "cell_tanh", "grad_cell_tanh", (branch + 7, 133), colour="cell_state",
            ),
            Wire(
                ((output, TOP_OF_GATE), (output, show), (branch, show)),
                "output_gate", "grad_output_gate", (output + 7, 182), colour="output_gate",
            ),
            Wire(
                ((branch, show), (branch, split)),
                "hidden_state", "grad_hidden_state", (branch + 7, 197), colour="hidden_state",
                arrow=False,
            ),
            onward("hidden_state", branch, split),
            upward(branch, split, above, 256),
        ),
        labels=(
            Label("cell_before", (0, line + 15)),
            Label("cell_now", (WIDTH, line + 15), "right"),
            Label("hidden_before", (0, HIDDEN_BUS + 13)),
            Label("input", (0, INPUT_BUS + 13)),
            Label("hidden_now", (WIDTH, split + 15), "right"),
            Label("above", (WIDTH, above + 11), "right"),
        ),
    )  # fmt: skip


def _gru() -> Drawing:
    """Of torch's GRU: z keeps the old state, r acts after the recurrent product."""
    update, reset, recurrent, total, candidate = 86.0, 198.0, 302.0, 372.0, 502.0
    line, take, gated = 40.0, 106.0, 164.0
    one_minus, out = 190.0, 572.0
    side = BOX_WIDTH / 2
    return Drawing(
        boxes=(
            Box("update_gate", (update, GATE), "update_gate"),
            Box("reset_gate", (reset, GATE), "reset_gate"),
            Box("candidate", (candidate, GATE), "candidate"),
        ),
        dots=(
            *(Dot("+", (x, ADDER)) for x in (update, reset, recurrent)),
            Dot("×", (update, line)),
            Dot("1−", (one_minus, take)),
            Dot("×", (recurrent, gated)),
            Dot("+", (total, GATE)),
            Dot("×", (candidate, take)),
            Dot("+", (candidate, line)),
        ),
        wires=(
            *buses(recurrent - 22, total),
            *feed("update_gate", update, "update_gate"),
            *feed("reset_gate", reset, "reset_gate"),
            *(
                wire
                for wire in feed("recurrent", recurrent, "")
                if wire.forward in ("recurrent_from_hidden", "recurrent_bias")
            ),
            Wire(
                ((recurrent, ADDER), (recurrent, gated)),
                "recurrent", "grad_recurrent", (recurrent - 7, 190), "right", "hidden_state",
            ),
            Wire(
                ((0, line), (update, line)),
                "hidden_state_before", "kept_back", (2, line - 13), colour="hidden_state",
            ),
            Wire(
                ((update, TOP_OF_GATE), (update, line)),
                "update_gate", "grad_update_gate", (update + 7, 160), colour="update_gate",
            ),
            Wire(
                ((update, take), (one_minus, take)), "", "",
                colour="update_gate", arrow_back=False,
            ),
            Wire(
                ((one_minus, take), (candidate, take)),
                "let_in", "", (340, take - 13), "center", "update_gate", arrow_back=False,
            ),
            Wire(
                ((update, line), (candidate, line)),
                "kept", "grad_hidden_state", (300, line - 13), "center", "hidden_state",
            ),
            Wire(
                ((reset, TOP_OF_GATE), (reset, gated), (recurrent, gated)),
                "reset_gate", "grad_reset_gate", (reset + 46, gated - 13), colour="reset_gate",
            ),
            Wire(
                ((recurrent, gated), (total, gated), (total, GATE)),
                "reset", "grad_candidate_pre", (total + 7, 186), colour="reset_gate",
            ),
            Wire(
                ((total, INPUT_BUS), (total, GATE)),
                "candidate_from_input", "", (total + 7, 335), arrow_back=False,
            ),
            Wire(
                ((total - 44, GATE), (total, GATE)),
                "candidate_bias", "", (total - 48, GATE - 12), arrow_back=False,
            ),
            Wire(
                ((total, GATE), (candidate - side, GATE)),
                "candidate_pre", "grad_candidate_pre", (total + 46, GATE - 12), "center",
                "candidate",
            ),
            Wire(
                ((candidate, TOP_OF_GATE), (candidate, take)),
                "candidate", "grad_candidate", (candidate + 7, 160), colour="candidate",
            ),
            Wire(
                ((candidate, take), (candidate, line)),
                "written", "grad_hidden_state", (candidate - 7, 72), "right", "hidden_state",
            ),
            Wire(
                ((candidate, line), (out, line)),
                "hidden_state", "grad_hidden_state", (537, line - 13), "center",
                "hidden_state", arrow=False,
            ),
            onward("hidden_state", out, line),
            upward(out, line, 130, 104),
        ),
        labels=(
            Label("hidden_before", (0, line + 15)),
            Label("all_before", (0, HIDDEN_BUS + 13)),
            Label("input", (0, INPUT_BUS + 13)),
            Label("recurrent", (recurrent + 7, 262)),
            Label("hidden_now", (WIDTH, line - 31), "right"),
            Label("above", (WIDTH, 144), "right"),
        ),
    )  # fmt: skip


DRAWINGS = {"rnn": _rnn(), "lstm": _lstm(), "gru": _gru()}
