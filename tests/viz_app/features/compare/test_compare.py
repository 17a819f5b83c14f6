"""Views of a comparison: what corresponds, what is drawn, and each number's recording."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr

from gatescope import Run, TrainConfig, record, train
from gatescope.training import build
from viz_app.features.compare import data as compare
from viz_app.features.compare import sides as compare_sides
from viz_app.features.compare.data import Side
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.library import Library, open_library
from viz_app.kit.units import order_units

Places = list[tuple[str, int | None]]
COURSE: Places = [("adding-lstm", 0), ("adding-lstm", 290), ("adding-lstm", None)]
CELLS: Places = [("adding-lstm", None), ("adding-gru", None)]


def sides(library: Library, places: Places) -> list[Side]:
    """Prepared runs; each side is called by its place."""
    found = []
    for number, (name, step) in enumerate(places):
        run = library.runs[name]
        found.append(Side(run, run.steps[-1] if step is None else step, f"side {number}"))
    return found


def coloured(values: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
    """The colours of a legend's scale at some values."""
    colours = np.array([list(bytes.fromhex(c[1:])) for c in scale["range"]], dtype=float)
    return np.stack([np.interp(values, scale["domain"], colours[:, k]) for k in range(3)], -1)


def legends(spec: Any) -> dict[str, str]:
    """The title of each panel's colour legend, of those that have one."""
    found = {}
    for panel in spec.found["vconcat"]:
        for layer in panel["layer"]:
            legend = layer.get("encoding", {}).get("color", {}).get("legend")
            if legend and "title" in legend:
                found[str(panel["title"])] = legend["title"]
    return {title: said for title, said in found.items() if said is not None}


def layers_of(spec: Any) -> list[dict[str, Any]]:
    """Every layer of every panel."""
    return [layer for panel in spec.found["vconcat"] for layer in panel["layer"]]


@pytest.fixture(scope="module")
def briefly() -> Callable[..., Run]:
    """A small run, hardly trained."""

    def trained(**settings: Any) -> Run:
        usual = {"task": "adding", "task_options": {"length": 10}, "hidden_size": 3}
        return train(TrainConfig(**usual | {"max_steps": 2, "batch_size": 2} | settings))

    return trained


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"learning_rate": 0.1}, True),
        ({"initialization": "forget_bias", "forget_bias": 2.0}, True),
        ({"initialization": "chrono", "max_steps": 3}, True),
        ({"seed": 1}, False),
        ({"hidden_size": 4}, False),
        ({"cell": "gru"}, False),
        ({"cell": "lstm_peephole"}, False),
        ({"num_layers": 2}, False),
    ],
)
def test_units_correspond_where_the_weights_began_the_same(
    briefly: Callable[..., Run], settings: dict[str, Any], expected: bool
) -> None:
    """Biases may differ; anything else makes another network."""
    one, other = briefly(), briefly(**settings)
    assert compare_sides.units_correspond(one, one)
    assert compare_sides.units_correspond(one, other) is expected
    assert compare_sides.units_correspond(other, one) is expected


@pytest.mark.parametrize(
    ("cells", "keys", "first"),
    [
        (
            ("lstm", "lstm"),
            ["input_gate", "forget_gate", "output_gate", "cell_state", "hidden_state"],
            ["input_gate", "cell_state"],
        ),
        (("gru", "gru"), ["reset_gate", "update_gate", "candidate", "hidden_state"],
         ["update_gate", "hidden_state"]),
        (("rnn", "rnn"), ["hidden_state"], ["hidden_state"]),
        (("lstm", "gru"), ["written", "kept", "memory", "hidden_state"], ["written", "kept"]),
        (("gru", "rnn"), ["hidden_state"], ["hidden_state"]),
        (("lstm", "gru", "rnn"), ["memory", "hidden_state"], ["memory"]),
    ],
)  # fmt: skip
def test_what_can_be_compared(
    library: Library,
    recorded: Callable[..., xr.Dataset],
    cells: tuple[str, ...],
    keys: list[str],
    first: list[str],
) -> None:
    """Signals of one name, and those that do the same, on one scale."""
    layers = [recorded(f"adding-{cell}") for cell in cells]
    found = compare_sides.aspects(layers)
    assert [aspect.key for aspect in found] == keys
    assert compare_sides.first_aspects(found) == first
    for aspect in found:
        for side, layer in enumerate(layers):
            values = aspect.of(layer, side)
            signal = layer[aspect.signals[side]].values
            expected = {
                ("written", "update_gate"): 1 - signal,
                ("memory", "cell_state"): np.tanh(signal),
            }.get((aspect.key, aspect.signals[side]), signal)
            np.testing.assert_array_equal(values, expected)
            if aspect.is_gate:
                assert 0 <= values.min() <= values.max() <= 1
    if "written" in keys:
        written, kept, memory, _ = found
        assert [written.named(k) for k in (0, 1)] == ["input gate", "1 − update gate"]
        assert [kept.named(k) for k in (0, 1)] == ["forget gate", "update gate"]
        assert [memory.named(k) for k in (0, 1)] == ["tanh(cell state)", "hidden state"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("places", [COURSE[::2], COURSE, [("temporal-order-gru", 15)] * 2])
def test_sides_of_one_network_and_their_differences(
    library: Library,
    recorded: Callable[..., xr.Dataset],
    spec_of: Any,
    theme: Any,
    places: Places,
) -> None:
    """Pixel by pixel, by the one legend of a signal's sides and the one of its differences."""
    name = places[0][0]
    seen = compare.view(compare_sides.compare(sides(library, places)), example=5)
    spec = spec_of(seen.chart(GatesLook(theme=theme), seen.picked(2)).to_dict())
    page = spec_of(seen.spec(GatesLook(theme=theme), seen.picked(2)))
    run = library.runs[name]
    order = order_units(recorded(name), run.probe())
    seen_legends = legends(spec)
    for number, key in enumerate(aspect.key for aspect in seen.aspects):
        label = key.replace("_", " ")
        layers = [recorded(name, run.steps[-1] if step is None else step) for _, step in places]
        values = [layer[key].values[:, 5][:, order].T for layer in layers]
        first = f"{label}: side 0"
        gate = key.endswith("_gate")
        assert (first in seen_legends) == (not gate or number == 0)
        scale = spec.scale(first if not gate else f"{seen.aspects[0].label}: side 0")
        assert gate == (scale["domain"][0] == 0)
        gaps = f"{label}: side 1 minus side 0"
        gap = spec.scale(gaps)
        assert gap["domain"][0] == -gap["domain"][-1]
        for side, found in enumerate(values):
            title = f"{label}: side {side}"
            assert np.abs(spec.pixels(title)[..., :3] - coloured(found, scale)).max() < 1.01
            assert (title in seen_legends) <= (side == 0)
            assert (spec.pixels(title) == page.pixels(title)).all()
            if side:
                title, difference = f"{title} minus side 0", found - values[0]
                assert np.abs(difference).max() <= gap["domain"][-1] * (1 + 1e-9)
                assert np.abs(spec.pixels(title)[..., :3] - coloured(difference, gap)).max() < 1.01
                assert (title in seen_legends) == (side == 1)
    order = [row["unit"] for row in page.rows({"name": "rows"})]
    for table, aspect in zip(("", "_1"), seen.aspects, strict=True):
        for number, (_, step) in enumerate(places):
            now = recorded(name, run.steps[-1] if step is None else step)
            found = now[aspect.key].values[:, 5, order].ravel()
            sent = page.told(f"{aspect.key}_{number}", f"told{table}")
            np.testing.assert_allclose(sent, found, atol=6e-5)
        folds = [
            layer["transform"][-1]["fold"] for layer in layers_of(page)
            if layer.get("data") == {"name": f"cells{table}"}
        ]  # fmt: skip
        assert folds == [[f"{aspect.key}_{number}" for number in range(len(places))]]


TAKEN: dict[str, dict[str, Callable[[xr.Dataset], xr.DataArray]]] = {
    "written": {
        "adding-lstm": lambda layer: layer["input_gate"],
        "adding-gru": lambda layer: 1 - layer["update_gate"],
    },
    "kept": {
        "adding-lstm": lambda layer: layer["forget_gate"],
        "adding-gru": lambda layer: layer["update_gate"],
    },
    "memory": {
        "adding-lstm": lambda layer: np.tanh(layer["cell_state"]),
        "adding-gru": lambda layer: layer["hidden_state"],
        "adding-rnn": lambda layer: layer["hidden_state"],
    },
}
"""What stands for an aspect in each network."""


def mean_rows(spec: Any) -> list[dict[str, float]]:
    """The rows that all panels of lines draw: the same in each."""
    found = [
        spec.rows(layer["data"])
        for panel in spec.found["vconcat"]
        for layer in panel["layer"]
        if "fold" in (layer.get("transform") or [{}])[0]
    ]
    assert all(rows == found[0] for rows in found)
    return found[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("places", [CELLS, [*CELLS, ("adding-rnn", 48)]])
def test_sides_of_different_networks(
    library: Library, recorded: Callable[..., xr.Dataset], spec_of: Any, places: Places
) -> None:
    """Each has its own order and labels; one scale; no difference but of the means over units."""
    seen = compare.view(compare_sides.compare(sides(library, places)), example=3)
    page = spec_of(seen.spec(GatesLook(), seen.picked()))
    still = spec_of(seen.chart(GatesLook(), seen.picked()).to_dict())
    titles = [str(panel["title"]) for panel in page.found["vconcat"]]
    assert all("difference of the averages" in title for title in titles if " minus " in title)
    rows = mean_rows(page)
    legend = f"{seen.aspects[0].named(0)}: side 0"
    assert [title for title, said in legends(page).items() if said != "difference"] == [legend]
    for aspect in seen.aspects:
        averages = []
        for side, (name, step) in enumerate(places):
            values = TAKEN[aspect.key][name](recorded(name, step)).values[:, 3]
            order = order_units(recorded(name), library.runs[name].probe())
            title = f"{aspect.named(side)}: side {side}"
            expected = coloured(values[:, order].T, page.scale(legend))
            for spec in (page, still):
                assert np.abs(spec.pixels(title)[..., :3] - expected).max() < 1.01
            axis = str(page.panel(title)["layer"][0]["encoding"]["y"]["axis"]["labelExpr"])
            assert axis == f"{order}[datum.value]"
            size = values if aspect.is_gate else np.abs(values)
            averages.append(size.mean(axis=1))
            found = [row[f"{aspect.key}_{side}"] for row in rows]
            np.testing.assert_allclose(found, averages[side], atol=1e-6)
            if side:
                gap = [row[f"{aspect.key}_difference_{side}"] for row in rows]
                np.testing.assert_allclose(gap, averages[side] - averages[0], atol=1e-6)
    names = {"told", *(f"told_{k}" for k in range(1, len(places)))}
    assert names <= set(page.found["datasets"])
    assert not names & set(still.found["datasets"])
    assert not {"cells", "cells_1"} & set(page.found["datasets"])


@pytest.mark.parametrize("places", [COURSE, CELLS])
def test_one_axis_of_time(library: Library, spec_of: Any, places: Places) -> None:
    """At the bottom, with its name; every panel has its scale."""
    seen = compare.view(compare_sides.compare(sides(library, places)), example=1)
    spec = spec_of(seen.spec(GatesLook(), seen.picked()))
    titled = [
        number for number, panel in enumerate(spec.found["vconcat"])
        for layer in panel["layer"]
        if (layer.get("encoding", {}).get("x", {}).get("axis") or {}).get("title") == "time step"
    ]  # fmt: skip
    assert titled == [len(spec.found["vconcat"]) - 1]
    domains = {
        tuple(layer["encoding"]["x"]["scale"]["domain"])
        for panel in spec.found["vconcat"] for layer in panel["layer"]
        if "domain" in layer.get("encoding", {}).get("x", {}).get("scale", {})
    }  # fmt: skip
    assert domains == {(-0.5, 49.5)}


@pytest.mark.parametrize("places", [COURSE, CELLS])
def test_the_largest_difference(
    library: Library, recorded: Callable[..., xr.Dataset], places: Places
) -> None:
    """Found again by going through all of them; differences are over the bounds of the colours."""
    seen = compare.view(compare_sides.compare(sides(library, places)), example=2)
    found = seen.largest()
    alike, best = places is COURSE, 0.0
    for number, aspect in enumerate(seen.aspects):
        first, *others = [
            aspect.of(recorded(name, step), side)[:, 2] for side, (name, step) in enumerate(places)
        ]
        for side, other in enumerate(others, start=1):
            pair = (first, other) if alike else (first.mean(1), other.mean(1))
            sizes = np.abs(pair[1] - pair[0]) / seen.bounds[number]
            if sizes.max() > best:
                best = float(sizes.max())
                place = np.unravel_index(int(sizes.argmax()), sizes.shape)
                expected = (aspect.key, side, int(place[0]), int(place[1]) if alike else None)
                numbers = [float(values[place]) for values in pair]
    assert (found.aspect.key, found.side, found.step, found.unit) == expected
    assert [found.before, found.after] == pytest.approx(numbers, abs=1e-6)
    assert seen.picked()[0] == (found.unit if alike else 0)
    assert seen.picked(3)[0] == 3


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_large_networks_answer_the_pointer_in_blocks(
    briefly: Callable[..., Run], spec_of: Any, cell: str
) -> None:
    """Only the picked unit's cells are sent, where there is one; blocks for each table."""
    large = {"hidden_size": 64, "task_options": {"length": 210}}
    one, other = briefly(**large), briefly(**large, cell=cell)
    seen = compare.view(compare_sides.compare([Side(one, 0, "a"), Side(other, 2, "b")]), example=0)
    page = spec_of(seen.spec(GatesLook(), seen.picked(5)))
    sets = page.found["datasets"]
    signals = {s["name"]: s.get("update") for s in page.found["config"]["signals"]}
    drawn = {layer.get("data", {}).get("name") for layer in layers_of(page)}
    assert {"told", "told_1"} <= drawn
    for number, table in enumerate(("", "_1")):
        assert signals[f"numbers{table}"] == f"data('told{table}')[0]"
        assert f"numbers{table}[" in signals["told"]
        aspect = ("input_gate", "cell_state")[number] if cell == "lstm" else "written"
        blocks = [
            page.told(f"{aspect}_{number}_{kind}", f"told{table}") for kind in ("low", "high")
        ]
        assert 1000 < len(blocks[0]) <= 3000
        assert (blocks[0] <= blocks[1]).all()
    if cell == "gru":  # no unit is picked of other networks
        return
    for name, side, aspect in (("cells", 0, "input_gate"), ("cells_1", 1, "cell_state")):
        assert sets[name]["unit"].unique().tolist() == [5]
        values = seen.values[int(name == "cells_1")][side][sets[name]["time"], 5]
        np.testing.assert_allclose(sets[name][f"{aspect}_{side}"], values, atol=6e-5)


def test_the_table_has_every_side(library: Library, recorded: Callable[..., xr.Dataset]) -> None:
    """One row a side, unit and step."""
    seen = compare.view(compare_sides.compare(sides(library, CELLS)), example=4, keys=["written"])
    table = seen.table()
    assert len(table) == 50 * (16 + 19)
    rows = table.set_index(["side", "time", "unit"])["written"]
    gate = recorded("adding-gru")["update_gate"].values
    assert rows["side 1", 7, 18] == 1 - gate[7, 4, 18]
    assert rows["side 0", 7, 15] == recorded("adding-lstm")["input_gate"].values[7, 4, 15]


def test_all_are_shown_the_examples_of_the_one_that_has_fewest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other numbers of examples are other examples: they are never mixed."""
    monkeypatch.setattr(build, "PROBE_VALUES", 50 * 33 * 5)
    library = open_library()  # a run draws its examples once: those of others' are drawn
    places: Places = [("adding-lstm", None), ("adding-rnn", 0)]
    compared = compare_sides.compare(sides(library, places))
    lstm, rnn = (library.runs[name] for name, _ in places)
    assert [len(run.probe().marks) for run in (lstm, rnn)] == [10, 5]
    assert torch.equal(compared.batch.inputs, rnn.probe().inputs)
    (leaf,) = record(lstm.model(), rnn.probe().inputs).leaves
    xr.testing.assert_allclose(compared.layers[0], leaf.to_dataset())
    assert [len(found.answers) for found in compared.answers] == [5, 5]
    with torch.no_grad():
        outputs = rnn.model(0)(rnn.probe().inputs)
    assert compared.answers[1].loss == pytest.approx(float(rnn.task.loss(outputs, rnn.probe())))


def test_ways_to_sort(library: Library) -> None:
    """Numbers only where they mean something, or there is nothing else."""

    def ways(*names: str) -> list[str]:
        places: Places = [(name, None) for name in names]
        return compare_sides.common_sorts(compare_sides.compare(sides(library, places)))

    assert ways("adding-lstm", "adding-lstm") == ["response", "half_life", "open", "index"]
    assert ways("adding-lstm", "adding-gru") == ["response", "half_life", "open"]
    assert ways("adding-gru", "adding-rnn") == ["response"]
    assert ways("digits-gru", "digits-rnn") == ["index"]


def test_what_cannot_be_compared_is_refused(library: Library) -> None:
    """Each error says what was expected."""
    with pytest.raises(ValueError, match="compare 2 or 3 sides, got 1"):
        compare_sides.compare(sides(library, CELLS[:1]))
    with pytest.raises(ValueError, match="runs of one task, got adding, digits"):
        compare_sides.compare(sides(library, [CELLS[0], ("digits-gru", None)]))
    with pytest.raises(ValueError, match="no layer 'x/l0'"):
        compare_sides.compare(sides(library, CELLS), node="x/l0")
    compared = compare_sides.compare(sides(library, CELLS))
    with pytest.raises(ValueError, match="example must be 0 to 31, got 32"):
        compare.view(compared, example=32)
    with pytest.raises(ValueError, match="keys must be of written, kept, memory, hidden_state"):
        compare.view(compared, keys=["input_gate"])
    with pytest.raises(ValueError, match="cannot be sorted by 'index'"):
        compare.view(compared, sort="index")


def test_the_chart_in_one_call(library: Library) -> None:
    """``chart`` is the view's."""
    found = sides(library, CELLS)
    alone = compare.view(compare_sides.compare(found), example=3, sort="open")
    chart = compare.chart(found, example=3, sort="open")
    assert chart.to_dict() == alone.chart(GatesLook(), alone.picked()).to_dict()
