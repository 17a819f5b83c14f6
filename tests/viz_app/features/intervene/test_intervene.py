"""Views of an intervention: what questions do, what is measured, and what is drawn."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr
from streamlit.testing.v1 import AppTest

import gatescope
from gatescope import Batch, Mark
from gatescope.experiments.lead import Kept, Scored, kept_lead
from gatescope.intervention import Clamp, Scale, ZeroUnit
from viz_app.features import Intervene
from viz_app.features.intervene import compared as intervene_compare
from viz_app.features.intervene import data as intervene
from viz_app.features.intervene import questions
from viz_app.features.intervene import words as intervene_words
from viz_app.kit.answers import answer
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.library import Library, folder_of
from viz_app.kit.recordings import HERE
from viz_app.kit.units import order_units
from viz_app.kit.view import ViewError
from viz_app.kit.words import digits
from viz_app.pages import script

LSTM = ["cannot_forget", "forgets_all", "always_writes", "output_closed", "forget_bias"]
GRU = ["takes_half", "overwrites", "takes_nothing", "past_hidden", "update_bias"]
MARKED = {"forgets_all", "overwrites", "takes_nothing", "silenced"}


def scene_of(library: Library, recorded: Callable[..., xr.Dataset], name: str) -> questions.Scene:
    """The only layer of a prepared run."""
    return questions.Scene("recurrent/l0", recorded(name), library.runs[name].probe())


def test_the_questions_fit_the_cell_and_the_task(
    library: Library, recorded: Callable[..., xr.Dataset], name: str
) -> None:
    """Gates that are not there are not asked about, nor marks; three questions at least.

    Half the units of one are not silenced.
    """
    cell = library.runs[name].config.cell
    gated = {"lstm": LSTM, "gru": GRU, "rnn": []}[cell]
    keys = [*gated, "silenced", "wiped", "halved", "leaks"]
    if name.startswith("digits"):
        keys = [key for key in keys if key not in MARKED]
    elif cell != "rnn" or library.runs[name].config.hidden_size == 1:
        keys.remove("halved")
    if cell != "rnn":
        keys.remove("leaks")
    assert questions.offered(scene_of(library, recorded, name)) == keys
    assert len(keys) >= 3


def checks(scene: questions.Scene) -> dict[str, Callable[[xr.Dataset, xr.Dataset], bool]]:
    """What the text of each question says, of the untouched and the changed recording."""
    last, half = scene.steps - 1, scene.steps // 2
    first = np.array([marks[0].step if marks else 0 for marks in scene.batch.marks])
    after = np.arange(scene.steps)[:, None] > first
    same = {"rtol": 0, "atol": 1e-5}

    def held_after(signal: str, value: float) -> Callable[[xr.Dataset, xr.Dataset], bool]:
        return lambda a, b: bool(
            (b[signal].values[after] == value).all()
            and np.allclose(b[signal].values[~after], a[signal].values[~after], **same)
        )

    def zero(a: xr.Dataset, units: Any) -> bool:
        states = [name for name in ("cell_state", "hidden_state") if name in a]
        return all((a[name].values[..., units] == 0).all() for name in states)

    def logit(gate: xr.DataArray) -> np.ndarray:
        return np.log(gate.values[0] / (1 - gate.values[0]))

    def less_bias(signal: str) -> Callable[[xr.Dataset, xr.Dataset], bool]:
        return lambda a, b: np.allclose(logit(b[signal]), logit(a[signal]) - 2, atol=1e-3)

    def until_the_end(a: xr.Dataset, b: xr.Dataset) -> bool:
        gate = b["output_gate"].values
        return bool((gate[:last] == 0).all() and (gate[last] > 0).any())

    def wiped(a: xr.Dataset, b: xr.Dataset) -> bool:
        before = np.allclose(b["hidden_state"][:half], a["hidden_state"][:half], **same)
        later = float(abs(b["hidden_state"][half + 1]).max())
        return before and zero(b.isel(time=half), slice(None)) and later > 0

    return {
        "cannot_forget": lambda a, b: bool((b["forget_gate"] == 1).all()),
        "forgets_all": held_after("forget_gate", 0.0),
        "always_writes": lambda a, b: bool((b["input_gate"] == 1).all()),
        "output_closed": until_the_end,
        "forget_bias": less_bias("forget_gate"),
        "takes_half": lambda a, b: bool((b["update_gate"] == 0.5).all()),
        "overwrites": held_after("update_gate", 0.0),
        "takes_nothing": held_after("update_gate", 1.0),
        "past_hidden": lambda a, b: bool((b["reset_gate"] == 0).all()),
        "update_bias": less_bias("update_gate"),
        "silenced": lambda a, b: zero(b, questions.holder(scene)[0]),
        "wiped": wiped,
        "halved": lambda a, b: zero(b, slice(0, None, 2)) and float(abs(b).to_array().max()) > 0,
        "leaks": lambda a, b: np.allclose(b["hidden_state"][0], 0.9 * a["hidden_state"][0], **same),
    }


def test_a_question_does_what_it_says(
    library: Library, recorded: Callable[..., xr.Dataset], name: str
) -> None:
    """Every question that is offered; scores are those of the model's own output."""
    run = library.runs[name]
    scene = scene_of(library, recorded, name)
    probe = run.probe()
    for key in questions.offered(scene):
        done = Intervene(name, ask=key).done()
        compared = intervene_compare.compare(run, done)
        assert checks(scene)[key](compared.untouched, compared.changed), key
        assert compared.before == answer(run, run.steps[-1])
        hidden = torch.from_numpy(compared.changed["hidden_state"].values)
        with torch.no_grad():
            outputs = run.model().readout(hidden)
        assert compared.after.loss == pytest.approx(float(run.task.loss(outputs, probe)), rel=1e-4)
        assert compared.after.accuracy == run.task.accuracy(outputs, probe)
    assert set(checks(scene)) == set(questions.QUESTIONS)


def test_a_question_that_does_not_fit_is_refused() -> None:
    """Its error lists those that do."""
    with pytest.raises(ViewError, match=r"ask must be takes_half, .*, got 'cannot_forget'"):
        Intervene("adding-gru", ask="cannot_forget").done()


@pytest.mark.parametrize(
    ("labels", "held"),
    [
        (["0.10", "0.50", "0.20", "0.90"], [0.1, 0.5, 0.2, 0.9]),
        (["X", "Y", "Y", "X"], [1, 5, 5, 1]),
    ],
)
def test_the_unit_that_holds_the_first_mark(
    layer: Callable[..., xr.Dataset], labels: list[str], held: list[float]
) -> None:
    """Just before the second mark, wherever that is; a unit that knows it afterwards does not."""
    noise = np.random.default_rng(0).normal(size=(8, 4, 3))
    marks, first, second = [], [0, 2, 1, 3], [4, 7, 5, 6]
    for example, label in enumerate(labels):
        marks.append((Mark(second[example], "0.7"), Mark(first[example], label)))
        noise[second[example] - 1, example, 1] = 3 - 2 * held[example]
        noise[second[example], example, 2] = held[example]
    batch = Batch(torch.zeros(8, 4, 1), torch.zeros(8, 4), torch.ones(8, 4).bool(), tuple(marks))
    scene = questions.Scene("x/l0", layer("rnn", hidden_state=noise), batch)
    unit, share = questions.holder(scene)
    assert unit == 1
    assert share == pytest.approx(1.0)
    if labels[0] == "X":
        return
    scene.layer["hidden_state"].values[[s - 1 for s in second], range(4), 1] += [0.4, -0.4, 0.4, 0]
    values = scene.layer["hidden_state"].values[[s - 1 for s in second], range(4)]
    squares = [np.corrcoef(held, values[:, k])[0, 1] ** 2 for k in range(3)]
    unit, share = questions.holder(scene)
    assert unit == int(np.argmax(squares))
    assert share == pytest.approx(max(squares))


def test_what_is_measured_is_the_score(library: Library, name: str) -> None:
    """As it is, on the examples of the run's own score; a batch at a time gives the same."""
    run = library.runs[name]
    key = "silenced" if not name.startswith("digits") else "wiped"
    kept = intervene_compare.measure(run, key, "recurrent/l0")
    assert kept.before.loss == pytest.approx(run.test_loss, rel=1e-4)
    assert kept.before.accuracy == pytest.approx(run.test_accuracy)
    done = Intervene(name, ask=key).done()
    batch = intervene_compare.examples(run)
    outputs = gatescope.intervene(run.model(), batch.inputs, done).changed_output
    assert kept.after.loss == pytest.approx(float(run.task.loss(outputs, batch)), rel=1e-4)
    assert kept.after.accuracy == pytest.approx(run.task.accuracy(outputs, batch))


def test_a_batch_at_a_time_gives_the_same(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each example keeps its own first mark."""
    run = library.runs["temporal-order-gru"]
    whole = intervene_compare.measure(run, "overwrites", "recurrent/l0")
    size = intervene_compare.values_per_example(run.config)
    monkeypatch.setattr(intervene_compare, "PROBE_VALUES", 64 * size)
    parts = intervene_compare.measure(run, "overwrites", "recurrent/l0")
    np.testing.assert_allclose(parts.after.losses, whole.after.losses, rtol=1e-3, atol=1e-5)
    assert parts.outcome == whole.outcome


def kept_of(loss: float, accuracy: float | None = None, kind: str = "classification") -> Kept:
    """A network that keeps those fractions of its lead, by 400 examples."""
    task: Any = SimpleNamespace(kind=kind, baseline_accuracy=0.2, baseline_loss=1.0)
    many = np.arange(400)
    right = 0.2 + 0.8 * (loss if accuracy is None else accuracy)
    one = np.ones(400)
    before = Scored(0 * one, one, one)
    return kept_lead(before, Scored((1 - loss) * one, 1.0 * (many < 400 * right), one), task)


@pytest.mark.parametrize(
    ("kept", "guess", "right", "said"),
    [
        (kept_of(1.0), "same", True, "It hardly matters: 100% of its lead is left."),
        (kept_of(0.6), "part", True, "still better than the no-memory baseline: 60% of its lead"),
        (kept_of(0.6), "none", False, "still better than the no-memory baseline: 60% of its lead"),
        (kept_of(-0.6, -0.25), "worse", True, "accuracy 0%, baseline 20%."),
        (kept_of(0.0), "none", True, "no better than the no-memory baseline: accuracy 20%"),
        (kept_of(-0.6, 0.5), "part", True, "still better than the no-memory baseline: 50%"),
        (kept_of(0.6, 0.15), "part", None, "Undecided between “It does worse, but"),
        (kept_of(0.6, 0.15), "same", False, "no better than the no-memory baseline”: 15% of its"),
        (kept_of(0.4, 0.0, "regression"), "part", True, "40% of its lead is left."),
        (kept_of(-0.2, 0.0, "regression"), "worse", True, "loss 1.20, baseline 1.00."),
        (kept_of(0.98, 0.5, "regression"), "part", True, "accuracy falls from 100% to 60% (no-"),
    ],
)
def test_the_verdict_of_a_guess(kept: Kept, guess: Any, right: bool | None, said: str) -> None:
    """By the measure that decides; an interval over several outcomes leaves those open alone."""
    task: Any = SimpleNamespace(baseline_accuracy=0.2, baseline_loss=1.0)
    judged, text = intervene_words.judged(kept, guess)
    assert judged is right
    assert text
    assert said in intervene_words.headline(kept, task)
    assert "On 400 test examples" in intervene_words.measured(kept, task)
    told = intervene_words.answered("wiped", kept, guess).splitlines()
    assert len(told) == 4
    assert sum("your guess" in line for line in told) == 1
    happened = [line for line in told if "what happened" in line]
    assert len(happened) == (kept.outcome != "undecided")
    possible = [line for line in told if "← *possible" in line]
    assert len(possible) == (2 if kept.outcome == "undecided" else 0)


def test_a_gate_with_another_bias_is_not_called_untouched(
    open_app: Callable[..., AppTest],
) -> None:
    """A bias is the gate's: what follows of itself is told of other gates."""
    for ask, gate in (("forget_bias", "forget gate"), ("update_bias", "update gate")):
        run = "adding-lstm" if gate == "forget gate" else "adding-gru"
        app = open_app("intervene", run=run, ask=ask)
        app.radio[0].set_value("part").run()
        next(button for button in app.button if button.label == "Reveal").click().run()
        told = " ".join(str(each.value) for each in app.markdown)
        assert "largest cell state" in told or "largest hidden state" in told
        assert f"The {gate} was not touched" not in told


def test_sure_of_wrong_answers_is_told() -> None:
    """Where classes are right more often than by guessing, and the loss is above the baseline's."""
    task: Any = SimpleNamespace(baseline_accuracy=0.2, baseline_loss=1.0)
    for kept, sure in (
        (kept_of(-0.6, 0.5), True),
        (kept_of(0.6, 0.5), False),
        (kept_of(-0.6, -0.25), False),  # worse by both: nothing to add
        (kept_of(-0.2, 0.5, "regression"), False),
    ):
        assert ("sure of it" in intervene_words.measured(kept, task)) is sure


def test_the_rule_names_the_measure_that_decides() -> None:
    """With the ends of its bands, of the table of rules."""
    task: Any = SimpleNamespace(baseline_accuracy=0.2, baseline_loss=1.0)
    told = intervene_words.rule(kept_of(0.6), task)
    assert "In a classification the accuracy decides" in told
    for text in ("400 test examples", "95% to 105%", "under −10%", "baseline (20%)", "than 25%"):
        assert text in told
    told = intervene_words.rule(kept_of(0.6, 0.5, "regression"), task)
    assert "In a regression the loss decides" in told
    assert "baseline (1.00)" in told


def test_nothing_to_lose_judges_no_guess() -> None:
    """And names no fraction of a lead that is not there."""
    one = np.ones(400)
    task: Any = SimpleNamespace(kind="classification", baseline_accuracy=0.2, baseline_loss=1.0)
    nothing = kept_lead(Scored(one, 0.3 * one, one), Scored(one, one, one), task)
    assert intervene_words.judged(nothing, "same") == (
        None,
        "No guess counts here: the original has no lead to lose.",
    )
    told = intervene_words.headline(nothing, task)
    assert "no lead to lose: its accuracy is 30%, that of the no-memory baseline 20%" in told
    assert "is left" not in intervene_words.measured(nothing, task)
    assert "what happened" not in intervene_words.answered("wiped", nothing, "same")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.67, 0.97, "grows from 0.67 to 0.97"),
        (7.76, 5.53, "shrinks from 7.76 to 5.53"),
        (1.0, 1.04, "stays about the same"),
        (1.0, 0.96, "stays about the same"),
        (1.0, 1.06, "grows"),
        (1.0, 0.95, "shrinks"),
    ],
)
def test_what_stays_as_large_is_within_a_twentieth(
    layer: Callable[..., xr.Dataset], before: float, after: float, said: str
) -> None:
    """By the largest size over all examples."""
    compared: Any = SimpleNamespace(
        untouched=layer("rnn", hidden_state=np.full((2, 1, 1), -before)),
        changed=layer("rnn", hidden_state=np.full((2, 1, 1), after)),
    )
    assert said in intervene_words._range(compared, "hidden_state")


def coloured(values: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
    """The colours of a legend's scale at some values."""
    colours = np.array([list(bytes.fromhex(c[1:])) for c in scale["range"]], dtype=float)
    return np.stack([np.interp(values, scale["domain"], colours[:, k]) for k in range(3)], -1)


@pytest.mark.parametrize("run", ["adding-lstm", "temporal-order-gru", "digits-rnn"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pictures_are_the_two_runs_and_their_difference(
    library: Library, spec_of: Any, run: str, theme: Any
) -> None:
    """Pixel by pixel, by the legend beside them; both runs have one scale."""
    chosen = library.runs[run]
    compared = intervene_compare.compare(chosen, ZeroUnit([0, 3]))
    signals = [n for n in ("forget_gate", "update_gate", "hidden_state") if n in compared.changed]
    seen = intervene.view(compared, chosen.probe(), chosen.task, example=5, signals=signals)
    order = order_units(compared.untouched, chosen.probe())
    chart = seen.chart(GatesLook(theme=theme, hover=False), seen.picked(3))
    spec = spec_of(chart.to_dict())
    page = spec_of(seen.spec(GatesLook(theme=theme), seen.picked(3)))
    assert spec.picked() == page.picked()
    for signal in signals:
        before, after = (
            each[signal].values[:, 5][:, order].T for each in (compared.untouched, compared.changed)
        )
        label = signal.replace("_", " ")
        titles = [f"{label}: {end}" for end in ("original", "with intervention", "difference")]
        scales = [spec.scale(title) for title in titles]
        assert scales[0] == scales[1]
        assert scales[2]["domain"][0] == -scales[2]["domain"][-1]
        assert np.abs(after - before).max() <= scales[2]["domain"][-1] * (1 + 1e-9)
        for title, values, scale in zip(
            titles, (before, after, after - before), scales, strict=True
        ):
            found = spec.pixels(title)[..., :3].astype(float)
            assert np.abs(found - coloured(values, scale)).max() < 1.01, title
            assert (spec.pixels(title) == page.pixels(title)).all()


def test_one_axis_and_the_lines_of_one_unit(library: Library, spec_of: Any) -> None:
    """Only the last heatmap has time labels; the lines' rows are both runs of every unit."""
    run = library.runs["adding-lstm"]
    compared = intervene_compare.compare(run, Scale("forget_gate", 0.5, units=2, steps=range(9)))
    signals = ["forget_gate", "cell_state"]
    seen = intervene.view(compared, run.probe(), run.task, example=1, signals=signals)
    spec = spec_of(seen.spec(GatesLook(), seen.picked()))
    labelled = [
        panel["title"] for panel in spec.found["vconcat"]
        for part in panel["layer"][:1]
        if (part.get("encoding", {}).get("x", {}).get("axis") or {}).get("labels")
    ]  # fmt: skip
    assert labelled == ["cell state: difference"]
    order = [row["unit"] for row in spec.rows({"name": "rows"})]
    for name in signals:
        for prefix, layer in (("", compared.untouched), ("changed_", compared.changed)):
            values = layer[name].values[:, 1, order].ravel()
            np.testing.assert_allclose(spec.told(prefix + name), values, atol=6e-5)
    gap = spec.told("changed_forget_gate") - spec.told("forget_gate")
    np.testing.assert_allclose(spec.told("difference_forget_gate"), gap, atol=2e-4)
    folds = [part["fold"] for node in spec.nodes() for part in node.get("transform", [])
             if "fold" in part]  # fmt: skip
    assert folds == [[name, f"changed_{name}"] for name in signals]


def test_before_it_is_revealed_there_is_one_run(library: Library, spec_of: Any) -> None:
    """No picture, line, column or sentence gives the changed one away."""
    run = library.runs["adding-lstm"]
    compared = intervene_compare.compare(run, Clamp("forget_gate", 1.0))
    seen = intervene.view(
        compared, run.probe(), run.task, example=0, signals=["cell_state"], revealed=False
    )
    spec = spec_of(seen.spec(GatesLook(), (0, 0)))
    titles = [str(panel["title"]) for panel in spec.found["vconcat"]]
    assert [title for title in titles if ":" in title and "text" not in title] == [
        "cell state: original"
    ]
    (told,) = spec.found["datasets"]["told"]
    assert "cell_state" in told
    assert not [name for name in told if "changed" in name]
    assert "changed_cell_state" not in seen.table()
    shown = seen.table()["cell_state"].to_numpy().reshape(50, 16)
    np.testing.assert_array_equal(shown, compared.untouched["cell_state"].values[:, 0])


def test_the_table_has_both_runs(library: Library) -> None:
    """One row a unit and step, both runs in columns."""
    run = library.runs["temporal-order-rnn"]
    compared = intervene_compare.compare(run, ZeroUnit(1))
    seen = intervene.view(compared, run.probe(), run.task, example=2, signals=["hidden_state"])
    table = seen.table().set_index(["time", "unit"])
    for (time, unit), row in table.iloc[::97].iterrows():
        assert row["hidden_state"] == compared.untouched["hidden_state"].values[time, 2, unit]
        assert row["changed_hidden_state"] == compared.changed["hidden_state"].values[time, 2, unit]
    assert len(table) == 100 * 34


def test_the_unit_that_changes_most_is_picked(library: Library) -> None:
    """Signals are compared by the bounds of their colours."""
    run = library.runs["adding-gru"]
    compared = intervene_compare.compare(
        run, Clamp("update_gate", 0.0, units=7, steps=range(20, 22))
    )
    seen = intervene.view(
        compared, run.probe(), run.task, example=3, signals=["update_gate", "hidden_state"],
        bounds={"hidden_state": 100.0},
    )  # fmt: skip
    unit, step, signal = intervene.most_changed(seen)
    assert (unit, signal) == (7, "update_gate")
    assert step in (20, 21)
    assert seen.picked()[0] == 7
    assert seen.picked(4)[0] == 4
    same = intervene_compare.compare(run, Scale("update_gate", 1.0))
    seen = intervene.view(same, run.probe(), run.task, example=3, signals=["update_gate"])
    assert np.abs(seen.data.gates.values[2]).max() < 1e-5


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, 1.0), (float("nan"), 1.0), (0.3, 0.5), (0.5, 0.5), (0.51, 1.0), (1.2, 2), (45.0, 50.0)],
)
def test_a_bound_takes_its_values_in(value: float, expected: float) -> None:
    """1, 2 or 5 times a power of ten."""
    assert intervene.rounded_up(value) == pytest.approx(expected)


def test_the_chart_in_one_call(library: Library) -> None:
    """Of the signals that a change is about, unless some are named."""
    run = library.runs["adding-rnn"]
    chart = Intervene("adding-rnn", example=4, does=(ZeroUnit(3),)).chart()
    compared = intervene_compare.compare(run, ZeroUnit(3))
    compared = replace(compared, untouched=HERE.layer("adding-rnn", None, None))
    seen = intervene.view(compared, run.probe(), run.task, example=4, signals=["hidden_state"])
    alone = seen.chart(GatesLook(hover=False), seen.picked())
    assert chart.to_dict() == alone.to_dict()
    assert gatescope.intervene is not intervene


def measured(run: str, key: str) -> Kept:
    """What a question costs a prepared network."""
    return intervene_compare.measure(gatescope.load_run(folder_of(run)), key, "recurrent/l0")


def run_python(code: str, folder: Path) -> str:
    """What lines of Python print; their picture goes to a folder."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code.replace("intervene.svg", str(folder / "intervene.json")), {})
    return out.getvalue()


@pytest.mark.parametrize(
    ("run", "key", "guess", "said"),
    [
        ("adding-lstm", "wiped", "part", "Your guess was right"),
        ("temporal-order-gru", "wiped", "worse", "You guessed: *It does worse than"),
        ("adding-rnn", "wiped", "same", "No guess counts"),
    ],
)
def test_the_page_judges_a_guess_and_states_its_rule(
    open_app: Callable[..., AppTest], tmp_path: Path, run: str, key: str, guess: str, said: str
) -> None:
    """Right before: the accuracy in the header; the table's rows are of the same examples."""
    app = open_app("intervene", run=run, ask=key)
    (radio,) = app.radio
    radio.set_value(guess).run()
    next(button for button in app.button if button.label == "Reveal").click().run()
    assert not app.exception
    told = " ".join(str(each.value) for each in (*app.success, *app.info))
    assert said in told
    assert any("The lead is how far the" in str(each.value) for each in app.markdown)
    (code,) = (str(block.value) for block in app.code if "intervene" in block.value)
    printed = run_python(code, tmp_path)
    assert (tmp_path / "intervene.json").is_file()
    assert printed.splitlines()[-1] == str(measured(run, key).outcome)
    assert float(printed.split()[0]) == pytest.approx(
        gatescope.load_run(folder_of(run)).test_accuracy
    )
    table = app.table[0].value
    chosen = gatescope.load_run(folder_of(run))
    assert table.iloc[0, 0] == f"{chosen.test_accuracy:.0%}"
    assert table.iloc[2, 1] == digits(chosen.task.held_out("test").baseline_loss)


def test_what_one_does_oneself_stands_in_the_address(open_app: Callable[..., AppTest]) -> None:
    """The widgets open with it; what the layer does not have is said."""
    does = "clamp:update_gate:0.25:units=3.7:steps=4-9"
    app = open_app("intervene", run="adding-gru", does=does, pictures="update_gate")
    assert not app.exception
    assert not app.warning
    assert app.multiselect(key="intervene_units").value == [3, 7]
    assert app.slider(key="intervene_steps").value == (4, 9)
    assert app.query_params["does"] == does
    assert app.query_params["pictures"] == "update_gate"
    app.slider(key="intervene_value_clamp").set_value(0.5).run()
    assert app.query_params["does"] == does.replace("0.25", "0.5")
    for wrong in ("clamp:forget_gate:0.25", "sing:update_gate:1", f"{does},zero:units=1"):
        app = open_app("intervene", run="adding-gru", does=wrong)
        (warning,) = app.warning
        assert "intervention" in warning.value


def test_nothing_is_done_as_it_is() -> None:
    """And interventions are the same however their units are named."""
    seen = Intervene("adding-lstm", does=()).data()
    assert seen.changed is None
    signals = Intervene("adding-lstm", does=()).signals()
    assert tuple(name for name, _ in seen.data.lines) == signals
    one = Intervene("adding-lstm", does=ZeroUnit(range(3)))  # type: ignore[arg-type]
    assert one == Intervene("adding-lstm", does=(ZeroUnit([2, 0, 1]),))
    with pytest.raises(ViewError, match="one number each"):
        Intervene("adding-lstm", does=(Clamp("forget_gate", np.zeros(3)),))
    with pytest.raises(ViewError, match="unit must be 0 to 15"):
        Intervene("adding-lstm", unit=16).picked()
    with pytest.raises(ViewError, match="pictures must be"):
        Intervene("adding-lstm", pictures=("gates",)).data()


def test_an_example_that_stays_right_names_one_that_does_not() -> None:
    """Counted from the outputs themselves: an answer of the adding task is right within 0.04."""
    view = Intervene("adding-lstm", ask="cannot_forget").complete()
    seen, run = view.compared(), HERE.run("adding-lstm")
    probe = run.probe()
    both = gatescope.intervene(run.model(), probe.inputs, Clamp("forget_gate", 1.0))
    ends = probe.targets.abs().amax(-1).cumsum(0).argmax(0)  # the one step that has a target
    rows = np.arange(len(ends))
    before, after = (
        abs(said[ends, rows] - probe.targets[ends, rows]).amax(-1) < 0.04
        for said in (both.untouched_output, both.changed_output)
    )
    assert seen.right == tuple(np.flatnonzero(before & after))
    assert seen.spoilt == tuple(np.flatnonzero(before & ~after))
    right, wrong = seen.right[0], seen.spoilt[0]
    told = intervene_words.said_to(seen, right, "example", revealed=True)
    assert told.endswith(
        f"It still counts as right, as do {len(seen.right) - 1} of the other {len(rows) - 1} here; "
        f"in example {wrong} the answer becomes wrong."
    )
    assert "counts as right" not in intervene_words.said_to(seen, wrong, "x", revealed=True)
    assert "counts as right" not in intervene_words.said_to(seen, right, "x", revealed=False)


def test_hardly_any_difference_is_pale() -> None:
    """Its colours reach a fifth of its signal's, however small it is; a large one sets its own."""
    before = np.zeros((4, 1))
    for gap, expected in ((0.001, 0.2), (0.9, 1.0)):
        assert intervene._styles("forget_gate", 2.0, before, before + gap)[2].bound == expected
    assert intervene._styles("cell_state", 2.5, before, before + 0.01)[2].bound == 0.5


def test_a_question_opens_with_an_example_that_it_spoils() -> None:
    """The usual one where it is spoilt too, or hardly any is; asked for, another one stays."""
    forgets = Intervene("adding-lstm", ask="cannot_forget")
    opened = forgets.complete().example
    usual = Intervene("adding-lstm", does=()).complete().example
    assert usual in forgets.compared().right
    assert opened in forgets.compared().spoilt
    assert Intervene("adding-lstm", ask="forgets_all").complete().example == usual
    assert usual in Intervene("adding-lstm", ask="forgets_all").compared().spoilt
    rare = Intervene("digits-rnn", ask="leaks")
    assert len(rare.compared().spoilt) == 1
    assert rare.complete().example == Intervene("digits-rnn", does=()).complete().example
    assert forgets.but(example=usual).complete().example == usual


def test_the_page_opens_each_question_with_its_own_example(
    open_app: Callable[..., AppTest],
) -> None:
    """Unless one was chosen: also the one that other pages open with."""
    app = open_app("gates", run="adding-lstm")
    usual = app.number_input[0].value
    app.switch_page(script("intervene")).run()
    assert not app.exception
    own = Intervene("adding-lstm", ask="cannot_forget").complete().example
    assert app.number_input[0].value == own != usual
    app.selectbox(key="ask").set_value("forgets_all").run()
    assert app.number_input[0].value == usual
    app.selectbox(key="ask").set_value("cannot_forget").run()
    assert app.number_input[0].value == own
    app.number_input[0].set_value(usual).run()
    assert app.number_input[0].value == usual
    assert app.run().number_input[0].value == usual
    linked = open_app("intervene", run="adding-lstm", ask="cannot_forget", example=str(usual))
    assert linked.number_input[0].value == usual
