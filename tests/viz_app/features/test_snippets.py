"""'The same in Python' is run, and draws the very file that the page's button gives."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from viz_app.kit import export
from viz_app.kit.page import blocks
from viz_app.text import say

ROOT = Path(__file__).parents[3]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], Any]]:
    """The charts that the download buttons would draw, by the file's name."""
    found: dict[str, Callable[[], Any]] = {}
    real = blocks.downloads

    def noted(name: str, chart: Callable[[], Any], table: Callable[[], Any]) -> None:
        found[name] = chart
        real(name, chart, table)

    monkeypatch.setattr(blocks, "downloads", noted)
    return found


def same(svg: str) -> str:
    """Without the numbers that Vega counts up over all charts of a process."""
    return re.sub(r"(gradient|clip)_?\d+", r"\1", svg)


def executed(code: str, kind: str, target: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the lines as they stand, at the project's root; only the figure's file differs."""
    monkeypatch.chdir(ROOT)
    moved, count = re.subn(
        r'"([\w-]+)\.svg"', lambda found: repr(str(target / f"{found[1]}.{kind}")), code
    )
    assert count == 1
    exec(compile(moved, "snippet", "exec"), {})
    (written,) = target.iterdir()
    return written.read_text()


@pytest.mark.parametrize(
    ("run", "changed"),
    [
        ("adding-lstm", {"example": "3", "unit": "2", "step": "30", "checkpoint": "290"}),
        ("digits-gru", {"sort": "open"}),
        ("temporal-order-rnn", {"example": "1"}),
    ],
)
def test_the_gates_page(
    open_app: Callable[..., AppTest],
    offered: dict[str, Callable[[], Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: str,
    changed: dict[str, str],
) -> None:
    """Run, checkpoint, example, order, unit, step and fading are all in the lines."""
    app = open_app(run=run, **changed)
    if run == "adding-lstm":
        app.toggle(key="fade").set_value(True).run()
    assert not app.exception
    (chart,) = offered.values()
    (code,) = app.code
    # where the specs are the same bytes, so are the pictures: one is drawn, for all
    kind = "svg" if run == "adding-lstm" else "json"
    downloaded = export.render(chart(), kind).decode()
    assert same(executed(code.value, kind, tmp_path, monkeypatch)) == same(downloaded)


def test_the_gradient_page(
    open_app: Callable[..., AppTest],
    offered: dict[str, Callable[[], Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Flow, learning and exploding: three charts, three pieces of code."""
    app = open_app("gradient_flow", run="adding-gru")
    codes = {"gradients": app.code[0].value}
    for tab, name in (("learning", "gradients-learning"), ("explode", "gradients-scaled")):
        app.session_state["tab_flow"] = say(f"flow.tab_{tab}")
        app.run()
        if tab == "explode":
            app.select_slider(key="gain").set_value(3.0).run()
        assert not app.exception
        codes[name] = app.code[0].value
    assert set(codes) <= set(offered)
    drawn = []
    for number, (name, code) in enumerate(codes.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        kind = "svg" if name == "gradients" else "json"
        downloaded = export.render(offered[name](), kind).decode()
        drawn.append(same(executed(code, kind, folder, monkeypatch)))
        assert drawn[-1] == same(downloaded), name
    assert len(set(drawn)) == 3


@pytest.mark.parametrize(
    ("page", "address", "number"),
    [
        ("aids", {"aid": "plateau"}, 0),
        ("architectures", {"run": "both-ways-last", "example": "2"}, 0),
        ("architectures", {"tab": "halves"}, 0),
        ("forecasting", {"series": "weather", "cell": "rnn", "forecast": "11"}, 0),
        ("sentiment", {"run": "reviews-rnn", "sentence": 'it\'s never "dull"'}, 0),
        ("sentiment", {"run": "reviews-gru", "tab": "scores"}, 0),
    ],
)
def test_the_pages_of_aids_architectures_and_real_data(
    page: str, address: dict[str, str], number: int, open_app: Callable[..., AppTest],
    offered: dict[str, Callable[[], Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Curves of a pair; all layers on one example; both halves; a series; a sentence; scores."""
    app = open_app(page, **address)
    assert not app.exception
    chart = list(offered.values())[number]
    assert same(executed(app.code[number].value, "svg", tmp_path, monkeypatch)) == same(
        export.render(chart(), "svg").decode()
    )
