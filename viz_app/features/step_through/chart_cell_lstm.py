"""The drawing of torch's LSTM: the cell state runs along the top, the four gates stand below."""

from viz_app.features.step_through.chart_drawing import (
    ADDER,
    BOX_HEIGHT,
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
)

FORGET, INPUT, CANDIDATE, OUTPUT = 118.0, 235.0, 352.0, 469.0
LINE, WRITE, TANH, SHOW = 40.0, 150.0, 96.0, 160.0
ADD, BRANCH = 0.5 * (INPUT + CANDIDATE), 560.0
SPLIT, ABOVE = 226.0, 270.0
"""Where h goes on to the next step, and how far down it goes to the output."""

LSTM = Drawing(
    boxes=(
        Box("forget_gate", (FORGET, GATE), "forget_gate"),
        Box("input_gate", (INPUT, GATE), "input_gate"),
        Box("cell_candidate", (CANDIDATE, GATE), "cell_candidate"),
        Box("output_gate", (OUTPUT, GATE), "output_gate"),
        Box("cell_tanh", (BRANCH, TANH), "cell_state"),
    ),
    dots=(
        *(Dot("+", (x, ADDER)) for x in (FORGET, INPUT, CANDIDATE, OUTPUT)),
        Dot("×", (FORGET, LINE)),
        Dot("×", (ADD, WRITE)),
        Dot("+", (ADD, LINE)),
        Dot("×", (BRANCH, SHOW)),
    ),
    wires=(
        *buses(OUTPUT - 22, OUTPUT),
        *feed("forget_gate", FORGET, "forget_gate"),
        *feed("input_gate", INPUT, "input_gate"),
        *feed("cell_candidate", CANDIDATE, "cell_candidate"),
        *feed("output_gate", OUTPUT, "output_gate"),
        Wire(
            ((0, LINE), (FORGET, LINE)),
            "cell_state_before", "grad_cell_state_before", (2, LINE - 13), colour="cell_state",
        ),
        Wire(
            ((FORGET, TOP_OF_GATE), (FORGET, LINE)),
            "forget_gate", "grad_forget_gate", (FORGET + 7, 178), colour="forget_gate",
        ),
        Wire(
            ((FORGET, LINE), (ADD, LINE)),
            "kept", "grad_cell_state", (205, LINE - 13), "center", "cell_state",
        ),
        Wire(
            ((INPUT, TOP_OF_GATE), (INPUT, WRITE), (ADD, WRITE)),
            "input_gate", "grad_input_gate", (INPUT - 7, 178), "right", "input_gate",
        ),
        Wire(
            ((CANDIDATE, TOP_OF_GATE), (CANDIDATE, WRITE), (ADD, WRITE)),
            "cell_candidate", "grad_cell_candidate", (CANDIDATE + 7, 178),
            colour="cell_candidate",
        ),
        Wire(
            ((ADD, WRITE), (ADD, LINE)),
            "written", "grad_cell_state", (ADD + 7, 95), colour="cell_state",
        ),
        Wire(
            ((ADD, LINE), (BRANCH, LINE)),
            "cell_state", "grad_cell_state", (425, LINE - 13), "center", "cell_state",
            arrow=False,
        ),
        Wire(
            ((BRANCH, LINE), (WIDTH, LINE)),
            "", "grad_cell_state_later", (WIDTH, LINE - 13), "right", "cell_state",
            arrow_back=False,
        ),
        Wire(
            ((BRANCH, LINE), (BRANCH, TANH - BOX_HEIGHT / 2)),
            "", "grad_cell_state_through", (BRANCH - 7, 59), "right", "cell_state",
            arrow_back=False,
        ),
        Wire(
            ((BRANCH, TANH + BOX_HEIGHT / 2), (BRANCH, SHOW)),
            "cell_tanh", "grad_cell_tanh", (BRANCH + 7, 133), colour="cell_state",
        ),
        Wire(
            ((OUTPUT, TOP_OF_GATE), (OUTPUT, SHOW), (BRANCH, SHOW)),
            "output_gate", "grad_output_gate", (OUTPUT + 7, 182), colour="output_gate",
        ),
        Wire(
            ((BRANCH, SHOW), (BRANCH, SPLIT)),
            "hidden_state", "grad_hidden_state", (BRANCH + 7, 197), colour="hidden_state",
            arrow=False,
        ),
        Wire(
            ((BRANCH, SPLIT), (WIDTH, SPLIT)),
            "", "grad_hidden_state_later", (WIDTH, SPLIT - 13), "right", "hidden_state",
            arrow_back=False,
        ),
        Wire(
            ((BRANCH, SPLIT), (BRANCH, ABOVE)),
            "", "grad_hidden_state_above", (BRANCH + 7, 256), colour="hidden_state",
            arrow_back=False,
        ),
    ),
    labels=(
        Label("cell_before", (0, LINE + 15)),
        Label("cell_now", (WIDTH, LINE + 15), "right"),
        Label("hidden_before", (0, HIDDEN_BUS + 13)),
        Label("input", (0, INPUT_BUS + 13)),
        Label("hidden_now", (WIDTH, SPLIT + 15), "right"),
        Label("above", (WIDTH, ABOVE + 11), "right"),
    ),
)  # fmt: skip
