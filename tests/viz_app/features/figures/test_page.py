"""Figures from the page, the terminal and Python: the same file, byte for byte."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xarray as xr
from streamlit.testing.v1 import AppTest
from typer.main import get_command
from typer.testing import CliRunner

from tests.long import but_some_long
from viz_app import features
from viz_app.commands.main import app as commands
from viz_app.features import OF_ANY_RUN, Gates
from viz_app.kit import export
from viz_app.kit.chart.window import Look
from viz_app.kit.figure_layout import Layout, preset
from viz_app.kit.library import Library
from viz_app.text import has

PAGE = "figures"
ROOT = Path(__file__).parents[4]


def test_one_figure_one_file(
    open_app: Callable[..., AppTest],
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lines of the page, its command line, and the view itself make the same SVG."""
    app = open_app(PAGE, run="adding-gru", example="3")
    app.text_input(key="figures_heading").set_value("A GRU").run()
    assert not app.exception
    python, command = (part.value for part in app.code)
    monkeypatch.chdir(ROOT)
    fresh = [tmp_path / "python.svg", tmp_path / "command.svg"]
    lines = python.replace('"gates.svg"', repr(str(fresh[0])))
    lines = lines.replace('"gates.nc"', repr(str(tmp_path / "gates.nc")))
    exec(compile(lines, "snippet", "exec"), {})
    words = command.replace("'A GRU'", "A_GRU").replace("gates.svg", str(fresh[1])).split()[1:]
    words[words.index("A_GRU")] = "A GRU"
    result = CliRunner().invoke(commands, words)
    assert result.exit_code == 0, result.output
    figure = Gates("adding-gru", example=3).figure()
    expected = export.render(figure.set(preset("slide", title="A GRU")), "svg", figure.about)
    assert [path.read_bytes() for path in fresh] == [expected, expected]
    arrays = xr.load_dataset(tmp_path / "gates.nc", engine="h5netcdf")
    assert arrays.attrs["run"] == "adding-gru"
    assert arrays.attrs["shown_example"] == "3"
    assert arrays["update_gate"].size == len(figure.table())


@pytest.mark.parametrize("view", but_some_long(OF_ANY_RUN, ("gates", "training", "retention")))
def test_every_view_is_a_figure_with_numbers(view: str) -> None:
    """Drawn at a page's width in both themes; its numbers and where they come from beside it."""
    found = features.view(view, ["adding-lstm", "adding-rnn"], {}).figure()
    for theme in ("light", "dark"):
        assert export.spec(found.draw(200, Look(theme)))["config"]["background"]
    table = found.table()
    assert len(table) > 10
    kept = xr.load_dataset(io.BytesIO(bytes(found.arrays().to_netcdf(engine="h5netcdf"))))
    assert kept.sizes["row"] == len(table)
    assert kept.attrs["view"] == view
    assert "config" in kept.attrs
    assert has(f"figures.view_{view}")
    with pytest.raises(export.FigureError, match="there is no view"):
        features.view(f"{view}?", [], {})
    if view != "retention":
        with pytest.raises(export.FigureError, match="needs a value for run"):
            features.view(view, [], {})


@pytest.mark.parametrize("view", but_some_long(OF_ANY_RUN, ("training",)))
def test_the_page_shows_each_view(open_app: Callable[..., AppTest], view: str) -> None:
    """Without an error, whole on the first screen."""
    app = open_app(PAGE, run="temporal-order-rnn")
    app.session_state["figures_view"] = view
    app.run()
    assert not app.exception
    assert not app.error
    assert len(app.get("image")) == 1
    (said,) = (part.value for part in app.markdown if "mm" in part.value)
    assert said.startswith("338 mm wide and ")


def test_a_figure_of_any_size(open_app: Callable[..., AppTest]) -> None:
    """One that is too small for its type says so."""
    app = open_app(PAGE, run="temporal-order-rnn")
    app.session_state["figures_preset"] = "own"
    app.session_state["figures_millimetres"] = 40.0
    app.session_state["figures_height"] = 50.0
    app.run()
    assert not app.exception
    assert not app.error
    said = next(part.value for part in app.markdown if "mm wide" in part.value)
    assert re.fullmatch(r"40 mm wide and [1-5]\d mm high\. Type of 9 points does not fit.*", said)


def test_the_gates_are_those_of_the_table(library: Library) -> None:
    """The numbers beside the figure are the recording's."""
    figure = Gates("adding-lstm", checkpoint=0, example=2).figure()
    run = library.runs["adding-lstm"]
    from gatescope import record

    (leaf,) = record(run.model(0), run.probe().inputs).leaves
    table = figure.table()
    row = table[(table["time"] == 7) & (table["unit"] == 3)]
    expected = float(leaf["forget_gate"].sel(time=7, unit=3).isel(batch=2))
    assert float(row["forget_gate"].iloc[0]) == pytest.approx(expected)
    assert figure.about["step"] == "0"
    assert isinstance(table, pd.DataFrame)


def test_the_commands_options_are_the_layouts() -> None:
    """Nothing that a layout has is missing at the terminal."""
    command: Any = get_command(commands)
    names = {part.name for part in command.commands["figure"].commands["view"].params}
    assert set(Layout.__dataclass_fields__) <= names
