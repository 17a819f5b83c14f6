"""The drawing of torch's RNN: one sum, one tanh, and the whole state is new."""

from dataclasses import replace

from viz_app.features.step_through.chart_drawing import (
    ADDER,
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

CELL, LINE, OUT, ABOVE = 315.0, 150.0, 480.0, 220.0

RNN = Drawing(
    boxes=(Box("hidden_state", (CELL, GATE), "hidden_state"),),
    dots=(Dot("+", (CELL, ADDER)),),
    wires=(
        *buses(CELL - 22, CELL),
        # the one way through U: its number stands on the line below
        *(
            replace(wire, backward="") if wire.backward == "hidden_state_back" else wire
            for wire in feed("hidden_state", CELL, "hidden_state")
        ),
        Wire(
            ((CELL, TOP_OF_GATE), (CELL, LINE), (OUT, LINE)),
            "hidden_state", "grad_hidden_state", (CELL + 82, LINE - 13), "center",
            "hidden_state", arrow=False,
        ),
        Wire(
            ((OUT, LINE), (WIDTH, LINE)),
            "", "grad_hidden_state_later", (WIDTH, LINE - 13), "right", "hidden_state",
            arrow_back=False,
        ),
        Wire(
            ((OUT, LINE), (OUT, ABOVE)),
            "", "grad_hidden_state_above", (OUT + 7, 190), colour="hidden_state",
            arrow_back=False,
        ),
    ),
    labels=(
        Label("hidden_before", (0, HIDDEN_BUS + 13)),
        Label("input", (0, INPUT_BUS + 13)),
        Label("hidden_now", (WIDTH, LINE + 15), "right"),
        Label("above", (OUT, ABOVE + 12), "center"),
    ),
    free=110.0,
)  # fmt: skip
