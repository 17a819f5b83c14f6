"""The GPU benchmark, run on the CPU: its loop of cells, its comparison, its page."""

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

FOLDER = Path(__file__).parent / "benchmarks"


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(FOLDER)
    yield importlib.import_module("gpu")
    for name in ("gpu", "_parity", "_cells", "_tables"):
        sys.modules.pop(name, None)


@pytest.fixture
def parity(gpu: ModuleType) -> ModuleType:
    return sys.modules["_parity"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_it_says_where_there_is_no_gpu(tmp_path: Path) -> None:
    line = [sys.executable, str(FOLDER / "gpu.py"), "--out", str(tmp_path / "page.md")]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("no GPU here")
    assert not list(tmp_path.iterdir())


def test_the_loop_of_cells_is_what_torch_computes(parity: ModuleType) -> None:
    """Outputs, last states and the gradient that arrives at the inputs, in float64."""
    for kind in parity.KINDS:
        for form in parity.FORMS:
            given = parity.case(kind, form)
            if given is None:
                assert "projected" in form
                continue
            layer = given.layer.double()
            x = given.inputs.double().requires_grad_()
            loop = parity.unrolled(layer, x, given.lengths)
            expected = torch.autograd.grad(parity.weighed(loop.outputs, loop.last), x)
            packed = parity.Case(layer, x, given.lengths).arguments("cpu", torch.float64)
            outputs, states = layer(packed)
            found = torch.autograd.grad(parity.loss_of_layer((outputs, states)), x)
            torch.testing.assert_close(found, expected)
            if isinstance(outputs, PackedSequence):
                outputs = pad_packed_sequence(outputs)[0]
            torch.testing.assert_close(loop.outputs, outputs)
            torch.testing.assert_close(
                loop.last, states[0] if isinstance(states, tuple) else states
            )


@pytest.mark.filterwarnings("ignore:LSTM with projections")  # torch's, of oneDNN
def test_recordings_agree_and_the_page_says_so(
    gpu: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "SIZES", [(2, 10, 2, 4), (1, 5, 2, 4)])
    monkeypatch.setattr(gpu, "MOST", 3)
    page = tmp_path / "new" / "page.md"
    assert gpu.measured("cpu", page, time.monotonic() + 60) == []
    text = page.read_text(encoding="utf-8")
    assert "All 104 recordings are within that." in text
    assert text.count("| 2x10x2x4 | 3 |") == len(gpu.LAYERS)
    assert f"torch {torch.__version__}" in text
    _, rows = gpu.speed("gru", "cpu", time.monotonic() - 1)
    assert [row[1] for row in rows] == ["no time left", "no time left", ""]


def test_what_is_off_is_found(parity: ModuleType) -> None:
    expected = {"l0": {"hidden_state": np.array([[1.0, -4.0], [np.nan, 2.0]])}}

    def against(values: object, name: str = "hidden_state") -> float:
        return float(parity.difference({"l0": {name: np.array(values)}}, expected))

    assert against([[1.0, -4.0], [np.nan, 2.0]]) == 0
    assert against([[1.0, -4.0], [np.nan, 2.4]]) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="NaN elsewhere"):
        against([[1.0, -4.0], [0.0, 2.0]])
    with pytest.raises(ValueError, match="missing or has another shape"):
        against([[1.0, -4.0]])
    with pytest.raises(ValueError, match="l0/hidden_state is missing"):
        against([[1.0, -4.0], [np.nan, 2.0]], "cell_state")


def test_a_recording_that_is_wrong_or_refused_is_told(
    parity: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parity, "KINDS", {"gru": parity.KINDS["gru"]})
    monkeypatch.setattr(parity, "FORMS", {"one layer": parity.FORMS["one layer"]})
    right = parity.recorded

    def wrong(given: object, device: str, dtype: torch.dtype, mode: str) -> object:
        if mode == "eval":
            raise RuntimeError("not in eval mode")
        arrays = right(given, device, dtype, mode)
        arrays["l0"]["grad_update_gate"] = arrays["l0"]["grad_reset_gate"]
        return arrays

    monkeypatch.setattr(parity, "recorded", wrong)
    _, rows, told = parity.parity("cpu")
    assert rows[0][2] == "RuntimeError"
    assert len(told) == 4
    assert "gru, one layer, torch.float32, eval: not in eval mode" in told
    assert sum("off by" in each for each in told) == 2
