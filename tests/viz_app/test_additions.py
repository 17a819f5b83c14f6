"""A cell or a task that is added needs its class and its line in the table: all else follows.

`CONTRIBUTING.md` says how; what is added here has no words of its own, so it goes by its name.
"""

import json
import math
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
import torch
from annotated_types import Ge
from streamlit.testing.v1 import AppTest
from torch import Tensor
from typer.testing import CliRunner

from gatescope import CELLS, TASKS, Batch, Cell, Mark, Task, load_run, record, signal
from gatescope.cells import Signals
from gatescope.experiments import RetentionConfig
from gatescope.tasks.base import at_end, require_batch_size, scored_at_end
from viz_app.commands.main import app as command_line
from viz_app.kit.environment import OWN_RUNS


class Leaky(Cell):
    """A gate mixes the old state with a candidate."""

    equations = """
        k = σ(W x + U h + b)
        n = tanh(W x + U h + b)
        hₜ = k·h + (1 − k)·n
    """
    source = "written for this test"
    blocks = ("keep_gate", "candidate")
    retention_gate = "keep_gate"

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        h = state["hidden_state"]
        a = self.pre_activations(x, h)
        k = signal("keep_gate", torch.sigmoid(a["keep_gate"]))
        n = signal("candidate", torch.tanh(a["candidate"]))
        h = signal("hidden_state", k * h + (1 - k) * n)
        return {"keep_gate": k, "candidate": n, "hidden_state": h}


class Echo(Task):
    """Say at the end which of two symbols came first; zeros lie between."""

    kind = "classification"
    input_kind = "symbols"
    symbols = classes = ("x", "y")
    input_size = output_size = 2
    baseline_loss = math.log(2)
    baseline_accuracy = 0.5

    def __init__(self, delay: Annotated[int, Ge(1)] = 6) -> None:
        self.require_options(delay=delay)
        self.delay, self.length = delay, delay + 1

    def sample(self, batch_size: int, seed: int) -> Batch:
        """Draw rows as the class describes."""
        require_batch_size(batch_size)
        first = torch.randint(0, 2, (batch_size,), generator=torch.Generator().manual_seed(seed))
        inputs = torch.zeros(self.length, batch_size, 2)
        inputs[0] = torch.nn.functional.one_hot(first, 2)
        marks = tuple((Mark(0, self.symbols[code]),) for code in first.tolist())
        scored = scored_at_end(self.length, batch_size)
        return Batch(inputs, at_end(first, self.length), scored, marks)


def ran(line: str) -> Any:
    """What a command line does."""
    result = CliRunner().invoke(command_line, shlex.split(line))
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_caches: None) -> Path:
    """Both in their tables, and a folder of runs of one's own."""
    monkeypatch.setitem(CELLS, "leaky", Leaky)
    monkeypatch.setitem(TASKS, "echo", Echo)
    monkeypatch.setenv(OWN_RUNS, str(tmp_path))
    return tmp_path


def test_a_cell_is_trained_recorded_offered_and_drawn(
    added: Path, open_app: Callable[..., AppTest]
) -> None:
    """At the terminal, in the forms, and with its equations on Step through."""
    ran(f"train adding --length 8 --cell leaky --hidden-size 3 --steps 1 --out {added / 'mine'}")
    run = load_run(added / "mine")
    trace = record(run.model(), run.probe().inputs)["recurrent/l0"]
    assert set(Leaky.blocks) < set(trace.data_vars)
    assert "leaky" in open_app("train").selectbox("train_cell").options
    page = open_app("step_through", run="mine", unit="1", step="3")
    assert not page.exception
    assert next(code.value for code in page.code) == Leaky.equations
    assert any(Leaky.source in caption.value for caption in page.caption)
    assert "hₜ = k·h + (1 − k)·n" in (Leaky.__doc__ or "")


def test_a_task_is_trained_offered_drawn_and_asked_at_several_delays(
    added: Path, open_app: Callable[..., AppTest]
) -> None:
    """At the terminal, in the forms, on Tasks, and in a retention experiment."""
    ran(f"train echo --delay 4 --hidden-size 3 --steps 1 --out {added / 'mine'}")
    assert load_run(added / "mine").task.length == 5
    form = open_app("train")
    form.selectbox("train_task").set_value("echo").run()
    assert not form.exception
    assert form.number_input("train_delay").value == 6
    page = open_app("tasks", made="echo", delay="3")
    assert not page.exception
    spec = json.loads(page.get("vega_lite_chart")[0].proto.spec)
    assert len(spec["vconcat"]) == 4
    assert page.number_input("tasks_delay").value == 3
    told = " ".join(text.value for text in page.markdown)
    assert "0.6931 nats and an accuracy of 50.0%" in told
    configs = RetentionConfig.of(
        task="echo", variants=("rnn",), delays=(2, 3), seeds=(0,)
    ).configs()
    assert [config.make_task().length for config in configs.values()] == [3, 4]
    with pytest.raises(ValueError, match=r"delay must be at least 1.*got 0"):
        RetentionConfig.of(task="echo", delays=(0,))
