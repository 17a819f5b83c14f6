"""Lesson 7 in numbers: against networks that are changed by hand here, and other networks."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.viz_app.features.lessons.test_facts import planted
from viz_app.features.intervene.compared import examples
from viz_app.features.lessons.builds import one_unit
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import lesson
from viz_app.features.lessons.picture import view_at
from viz_app.kit.recordings import HERE

ONE = "adding-lstm-one-unit"


def by_hand(run: str, forced: dict[int, float]) -> float:
    """The accuracy of torch's own LSTM while gates, by their place, are held in all units."""
    found = HERE.run(run)
    own = dict(found.model().recurrent.named_parameters())
    batch = examples(found)
    h = c = torch.zeros(batch.inputs.shape[1], found.config.hidden_size)
    with torch.no_grad():
        for step, x in enumerate(batch.inputs):
            a = x @ own["weight_ih_l0"].T + own["bias_ih_l0"] + own["bias_hh_l0"]
            blocks = list((a + h @ own["weight_hh_l0"].T).chunk(4, dim=1))
            gates = [b.tanh() if k == 2 else b.sigmoid() for k, b in enumerate(blocks)]
            for place, value in forced.items():
                if place != 3 or step < batch.end:  # the output gate: until the answer is due
                    gates[place] = torch.full_like(gates[place], value)
            c = gates[1] * c + gates[0] * gates[2]
            h = gates[3] * c.tanh()
        model: Any = found.model()
        outputs = model.readout(h)
    if batch.targets.dim() == 2:
        return float((outputs.argmax(1) == batch.targets[batch.end]).double().mean())
    apart = (outputs - batch.targets[batch.end]).abs().squeeze(1)
    task: Any = found.task
    return float((apart <= task.tolerance).double().mean())


def test_what_becomes_of_the_answers() -> None:
    """Gates held in a loop of one's own."""
    facts = facts_of("break_it")
    for name, run, forced in (
        ("one_before", ONE, {}), ("one_forget", ONE, {1: 1.0}), ("one_write", ONE, {0: 1.0}),
        ("one_shut", ONE, {3: 0.0}), ("digits_before", "digits-lstm", {}),
        ("digits_forget", "digits-lstm", {1: 1.0}),
    ):  # fmt: skip
        assert facts[name] == pytest.approx(by_hand(run, forced), abs=0.003), name
    assert (facts["forgets"], facts["writes"], facts["kept"]) == ("same", "none", "stays")
    assert facts["digits_percent"] == pytest.approx(100 * facts["digits_forget"])


def test_which_unit_is_needed() -> None:
    """The one whose silence costs most; the rest are counted; a GRU shares its memory."""
    facts = facts_of("break_it")
    after = [
        one_unit.BUILD.checked((float(unit), 0.0), HERE).numbers["after"]
        for unit in range(one_unit.UNITS)
    ]
    assert after[facts["worst"]] == min(after) == facts["worst_after"]
    needed = [value for value in after if value < 0.95 * facts["before"]]
    assert facts["harmless"] == len(after) - len(needed)
    assert all(value < facts["harmless_least"] for value in needed)
    assert facts["goal"] < facts["worst_after"] < min(v for v in after if v > facts["worst_after"])
    assert facts["loud"] != facts["worst"]
    assert facts["loud_after"] == after[facts["loud"]] >= facts["harmless_least"]
    assert facts["follows"] == "shared"
    assert facts["shared_least"] > 0.95
    assert facts["shared_all"] < 0.4


@pytest.mark.long
def test_other_networks_give_other_answers() -> None:
    """A network of 16 units needs to forget; one with a needed unit is no shared memory."""
    here = planted(
        adding_lstm_one_unit=HERE.run("adding-lstm"), temporal_order_gru=HERE.run(one_unit.RUN)
    )
    facts, told = facts_of("break_it", here), lesson("break_it")
    assert (facts["forgets"], facts["follows"]) == ("part", "needed")
    for name in ("cannot_forget", "closing.shared", "closing.shut"):
        assert told.questions[name].reason(facts)
    run = HERE.run("temporal-order-gru")
    empty = {
        name: torch.zeros_like(value) for name, value in run.checkpoints[run.steps[-1]].items()
    }
    useless = replace(run, checkpoints=run.checkpoints | {run.steps[-1]: empty})
    assert facts_of("break_it", planted(temporal_order_gru=useless))["follows"] == "useless"


def test_the_picture_does_not_point_at_the_unit() -> None:
    """Before it is guessed another row is framed, and rows stand in the order of their numbers."""
    step = lesson("break_it").step("unit")
    assert step is not None
    assert step.before is not None
    view = view_at(step.before)
    seen = view.data(HERE)  # type: ignore[attr-defined]
    units = list(seen.data.shape.units)
    assert units == sorted(units)
    assert view.picked(HERE)[0] != facts_of("break_it")["worst"]  # type: ignore[attr-defined]
