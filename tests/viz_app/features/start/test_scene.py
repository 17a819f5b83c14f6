"""Start's scene: the browser computes what torch does, and what is said of it is true."""

import json
import re
from typing import Any

import numpy as np
import pytest

from gatescope.tasks import EditError
from viz_app.features import Start
from viz_app.features.start import chart_network
from viz_app.features.start.chart_scene import Scene
from viz_app.features.start.scene import VARIANTS
from viz_app.kit import drawing, export
from viz_app.kit.recordings import HERE

MOVED = "6to20,20=0.57"
ROWS = [None, MOVED, "6to49,46to0,0=0.01,49=1"]


def computed(scene: Scene, shown: str) -> np.ndarray:
    """What Vega makes of one of the signals, a number a step."""
    first, second = scene.marks
    given = {
        "mark1": first, "number1": float(scene.values[first]),
        "mark2": second, "number2": float(scene.values[second]),
    }  # fmt: skip
    signals = [{"name": name, "value": value} for name, value in given.items()]
    rows = [{"step": step} for step in range(len(scene.values))]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": {"signals": signals + chart_network.signals(scene)},
        "data": {"values": rows},
        "mark": {"type": "text", "text": {"expr": f"format({shown}, '.9f') + '|'"}},
    }
    found = re.findall(r">([−\d.]+)\|<", drawing.svg(json.dumps(spec)))
    return np.array([float(text.replace("−", "-")) for text in found])


@pytest.mark.parametrize("own", ROWS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_browser_computes_what_torch_does(variant: str, own: str | None) -> None:
    """Gates, state and answer at every step; torch computes in single precision."""
    scene = Start(variant, own).data()
    shown = {"states[datum.step]": scene.state, "answers[datum.step]": scene.answers}
    if scene.gates is not None:
        shown |= {f"gates[datum.step][{k}]": scene.gates[:, k] for k in range(3)}
    for signal, expected in shown.items():
        found = computed(scene, signal)
        assert found.shape == (50,)
        assert np.abs(found - expected).max() < 3e-6
    assert np.allclose(computed(scene, "target"), scene.target, atol=1e-6)


def test_the_shown_example_lifts_the_answer_twice() -> None:
    """And it is right: each marked number moves the answer, nothing else does."""
    scene = Start().data()
    lifts = np.diff(scene.answers)
    first, second = scene.marks
    assert abs(scene.answers[-1] - scene.target) < 0.01
    assert sorted(np.argsort(lifts)[-2:] + 1) == [first, second]
    assert min(lifts[first - 1], lifts[second - 1]) > 0.2
    assert abs(np.delete(lifts, [first - 1, second - 1])).max() < 0.01


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ("trained", "Write opens at the marks (0.98 and 0.97), else stays shut (0.01). Keep stays"),
        ("untrained", "Write is half open at every step (0."),
        ("leaky", "Keep leaks: 1% of the first number is left."),
        ("rnn", "A plain RNN has no doors: every step overwrites its state."),
    ],
)
def test_what_is_said_is_true(variant: str, said: str) -> None:
    """Each variant by what its doors do, and the answer beside the right one."""
    view = Start(variant)
    text = view.words().headline.replace("**", "")
    scene = view.data()
    assert said in text
    answer = f"{scene.answers[-1]:.2f}".replace("-", "−")
    assert text.endswith(f"It answers {answer}, the correct answer is {scene.target:.2f}.")
    if variant == "leaky":
        assert 0.9 ** (49 - scene.marks[0]) == pytest.approx(0.0108, abs=1e-3)
        assert np.allclose(scene.gates[:, 1], 0.9)  # type: ignore[index]


@pytest.mark.parametrize(
    "marks", [{20: 0.57, 46: 0.8853}, {6: 0.77, 7: 0.3}, {0: 0.0, 49: 1.0}, {46: 0.1, 6: 0.2}]
)
def test_marks_that_are_moved_are_an_edit_of_the_row(marks: dict[int, float]) -> None:
    """As an address has it: the row that it gives has those marks and numbers."""
    own = Start().moved(marks)
    scene = Start(own=own).data()
    assert sorted(scene.marks) == sorted(marks)
    assert np.allclose([scene.values[step] for step in sorted(marks)],
                       [marks[step] for step in sorted(marks)], atol=6e-3)  # fmt: skip
    assert scene.target == pytest.approx(sum(marks.values()), abs=0.012)


def test_marks_as_they_were_are_no_edit() -> None:
    """Nothing is in the address then."""
    scene = Start().data()
    assert Start().moved({step: float(scene.values[step]) for step in scene.marks}) is None


@pytest.mark.parametrize("own", ["6to99", "5to9", "6to46", "nonsense", "9=two"])
def test_a_row_that_cannot_be_is_refused(own: str) -> None:
    """With a sentence of the task's own."""
    with pytest.raises(EditError):
        Start(own=own).data()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_a_file(variant: str, theme: Any) -> None:
    """With its words as text; as HTML one file that plays, without a network."""
    chart = Start(variant).chart(theme)
    text = re.sub(r"base64,[^)\"]*", "", export.render(chart, "svg").decode())  # a font's letters
    assert all(f">{word}" in text for word in ("write", "keep", "show", "answer"))
    assert "NaN" not in text
    page = export.render(chart, "html").decode()
    assert "timer{" in page
    assert not re.search(r'(src|href)="https?:', page)


def test_the_table_has_a_row_a_step() -> None:
    """The numbers of the picture; a plain RNN has no gates."""
    table = Start().table()
    assert len(table) == 50
    assert table["marked"].sum() == 2
    assert {"input_gate", "forget_gate", "output_gate"} <= set(table)
    assert "input_gate" not in Start("rnn").table()
    assert HERE.run("adding-lstm-one-unit").parameters == 22


@pytest.mark.parametrize(
    ("pictures", "said", "labels"),
    [
        (("none",), "", []),
        (("input_gate",), "Write opens at the marks (0.98 and 0.97)", ["write"]),
        (("answer", "forget_gate"), "Keep stays open. It answers", ["keep", "answer"]),
    ],
)
def test_a_part_of_it_gives_no_more_away(
    pictures: tuple[str, ...], said: str, labels: list[str]
) -> None:
    """Neither in the picture, nor in what is said of it."""
    view = Start(pictures=pictures)
    text = drawing.svg(json.dumps(export.spec(view.chart())))
    names = ["write", "keep", "show", "answer", "target"]
    found = [name for name in names if f">{name}<" in text]
    assert found == labels
    headline = view.words().headline.replace("**", "")
    assert headline.startswith(said)
    assert headline if labels else not headline
    assert ("opens" in view.alternative()) is ("input_gate" in pictures)
    assert ("0.98" in view.alternative()) is ("input_gate" in pictures)
