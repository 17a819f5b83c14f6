"""Lesson 1: the best constant answer to the adding problem, the no-memory baseline."""

import numpy as np
import torch

from gatescope import Batch, SequenceModel, Task, make_task
from viz_app.features.lessons.builds import Verdict
from viz_app.features.lessons.builds.numbers import Knob, Numbers, State
from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.lines import Line, Panel, Style
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import decimals, percent
from viz_app.text import say

LENGTH, ROWS, SEED = 50, 4000, 4
"""Of the rows on which an answer is judged."""

SUMS = Style("#5b6270", "#aab2c0", (1, 0))
YOURS = Style("#c2185b", "#ff6fa5", (6, 3))

DRAWN = 60
"""So many of their sums are drawn, evenly from the smallest to the largest."""

SLACK = 1.01
"""The loss of the best constant times this still counts as the best."""


class BestConstant(Numbers):
    """One number that answers every row: a network whose weights are all 0 says its last bias."""

    def panels(self, state: State, recordings: Recordings = HERE) -> list[Panel]:
        """Each row's sum beside the one answer; the area between is the error."""
        sums = np.sort(_sums(recordings))
        drawn = sums[np.linspace(0, len(sums) - 1, DRAWN).round().astype(int)]
        answer = np.full(DRAWN, _answer(state[0], recordings))
        rows = np.arange(1.0, DRAWN + 1)
        low, high = np.minimum(drawn, answer), np.maximum(drawn, answer)
        named = say("builds.constant_sums", count=DRAWN)
        lines = [
            Line(named, rows, drawn, low, high, style=SUMS, dots=True),
            Line(say("builds.constant_answer"), rows, answer, style=YOURS),
        ]
        across = Axis(say("builds.constant_rows"), (1, DRAWN), look={"tickMinStep": 1})
        return [Panel("", lines, across, Axis(say("builds.constant_height"), (0.0, 2.0)))]

    def check(self, state: State, recordings: Recordings = HERE) -> Verdict:
        """The mean squared error is that of the best constant."""
        (constant,) = state
        loss, sums = loss_of(constant, recordings), _sums(recordings)
        best = float(sums.var())
        above = float((sums - constant).mean())
        numbers = {"loss": loss, "best": best, "above": above}
        told = {"loss": decimals(loss, 3), "rows": f"{len(sums):,}"}
        if loss <= SLACK * best:
            slack = percent(SLACK - 1)
            return Verdict(True, numbers, say("builds.constant_reached", slack=slack, **told))
        key = "builds.constant_low" if above > 0 else "builds.constant_high"
        return Verdict(False, numbers, say(key, gap=decimals(abs(above)), **told))


def mean(recordings: Recordings = HERE) -> float:
    """The best constant: the mean of the sums."""
    return float(_sums(recordings).mean())


def _rows(recordings: Recordings) -> tuple[Task, Batch]:
    task = make_task("adding", length=LENGTH)
    return task, recordings.get(("build rows", LENGTH, ROWS), lambda: task.sample(ROWS, SEED))


def _sums(recordings: Recordings) -> np.ndarray:
    """What is right on each row."""
    _, batch = _rows(recordings)
    return batch.targets[batch.end, :, 0].double().numpy()


def _outputs(constant: float, batch: Batch) -> torch.Tensor:
    """What a network says of which every weight is 0 but the last bias."""
    model = SequenceModel("lstm", batch.inputs.shape[-1], 1, 1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        assert model.readout.bias is not None
        model.readout.bias.fill_(constant)
        outputs: torch.Tensor = model(batch.inputs)
    return outputs


def _answer(constant: float, recordings: Recordings) -> float:
    _, batch = _rows(recordings)
    return float(_outputs(constant, batch)[batch.end, 0, 0])


def loss_of(constant: float, recordings: Recordings) -> float:
    """The task's own loss of that network."""
    task, batch = _rows(recordings)
    return float(task.loss(_outputs(constant, batch), batch))


BUILD = BestConstant(
    "constant", (Knob("answer", 0, 2, 0.05, 0.3, "constant_answer"),), {"answer": 1.0}
)
