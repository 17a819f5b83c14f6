"""The drawing of torch's GRU: z keeps the old state, r acts after the recurrent product."""

from viz_app.features.step_through.chart_drawing import (
    ADDER,
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
)

UPDATE, RESET, RECURRENT, SUM, CANDIDATE = 86.0, 198.0, 302.0, 372.0, 502.0
LINE, TAKE, GATED = 40.0, 106.0, 164.0
ONE_MINUS, OUT = 190.0, 572.0
SIDE = BOX_WIDTH / 2

GRU = Drawing(
    boxes=(
        Box("update_gate", (UPDATE, GATE), "update_gate"),
        Box("reset_gate", (RESET, GATE), "reset_gate"),
        Box("candidate", (CANDIDATE, GATE), "candidate"),
    ),
    dots=(
        *(Dot("+", (x, ADDER)) for x in (UPDATE, RESET, RECURRENT)),
        Dot("×", (UPDATE, LINE)),
        Dot("1−", (ONE_MINUS, TAKE)),
        Dot("×", (RECURRENT, GATED)),
        Dot("+", (SUM, GATE)),
        Dot("×", (CANDIDATE, TAKE)),
        Dot("+", (CANDIDATE, LINE)),
    ),
    wires=(
        *buses(RECURRENT - 22, SUM),
        *feed("update_gate", UPDATE, "update_gate"),
        *feed("reset_gate", RESET, "reset_gate"),
        *(
            wire
            for wire in feed("recurrent", RECURRENT, "")
            if wire.forward in ("recurrent_from_hidden", "recurrent_bias")
        ),
        Wire(
            ((RECURRENT, ADDER), (RECURRENT, GATED)),
            "recurrent", "grad_recurrent", (RECURRENT - 7, 190), "right", "hidden_state",
        ),
        Wire(
            ((0, LINE), (UPDATE, LINE)),
            "hidden_state_before", "kept_back", (2, LINE - 13), colour="hidden_state",
        ),
        Wire(
            ((UPDATE, TOP_OF_GATE), (UPDATE, LINE)),
            "update_gate", "grad_update_gate", (UPDATE + 7, 160), colour="update_gate",
        ),
        Wire(
            ((UPDATE, TAKE), (ONE_MINUS, TAKE)), "", "",
            colour="update_gate", arrow_back=False,
        ),
        Wire(
            ((ONE_MINUS, TAKE), (CANDIDATE, TAKE)),
            "let_in", "", (340, TAKE - 13), "center", "update_gate", arrow_back=False,
        ),
        Wire(
            ((UPDATE, LINE), (CANDIDATE, LINE)),
            "kept", "grad_hidden_state", (300, LINE - 13), "center", "hidden_state",
        ),
        Wire(
            ((RESET, TOP_OF_GATE), (RESET, GATED), (RECURRENT, GATED)),
            "reset_gate", "grad_reset_gate", (RESET + 46, GATED - 13), colour="reset_gate",
        ),
        Wire(
            ((RECURRENT, GATED), (SUM, GATED), (SUM, GATE)),
            "reset", "grad_candidate_pre", (SUM + 7, 186), colour="reset_gate",
        ),
        Wire(
            ((SUM, INPUT_BUS), (SUM, GATE)),
            "candidate_from_input", "", (SUM + 7, 335), arrow_back=False,
        ),
        Wire(
            ((SUM - 44, GATE), (SUM, GATE)),
            "candidate_bias", "", (SUM - 48, GATE - 12), arrow_back=False,
        ),
        Wire(
            ((SUM, GATE), (CANDIDATE - SIDE, GATE)),
            "candidate_pre", "grad_candidate_pre", (SUM + 46, GATE - 12), "center", "candidate",
        ),
        Wire(
            ((CANDIDATE, TOP_OF_GATE), (CANDIDATE, TAKE)),
            "candidate", "grad_candidate", (CANDIDATE + 7, 160), colour="candidate",
        ),
        Wire(
            ((CANDIDATE, TAKE), (CANDIDATE, LINE)),
            "written", "grad_hidden_state", (CANDIDATE - 7, 72), "right", "hidden_state",
        ),
        Wire(
            ((CANDIDATE, LINE), (OUT, LINE)),
            "hidden_state", "grad_hidden_state", (537, LINE - 13), "center",
            "hidden_state", arrow=False,
        ),
        Wire(
            ((OUT, LINE), (WIDTH, LINE)),
            "", "grad_hidden_state_later", (WIDTH, LINE - 13), "right", "hidden_state",
            arrow_back=False,
        ),
        Wire(
            ((OUT, LINE), (OUT, 130)),
            "", "grad_hidden_state_above", (OUT + 7, 104), colour="hidden_state",
            arrow_back=False,
        ),
    ),
    labels=(
        Label("hidden_before", (0, LINE + 15)),
        Label("all_before", (0, HIDDEN_BUS + 13)),
        Label("input", (0, INPUT_BUS + 13)),
        Label("recurrent", (RECURRENT + 7, 262)),
        Label("hidden_now", (WIDTH, LINE - 31), "right"),
        Label("above", (WIDTH, 144), "right"),
    ),
)  # fmt: skip
