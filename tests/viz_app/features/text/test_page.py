"""The page Text: what it opens on, what it refuses, and its lines of Python."""

import json
import math
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gatescope import load_run
from gatescope.writing import write
from viz_app.kit.library import folder_of

PAGE = "writing"


def texts(app: AppTest) -> str:
    """All that is said on a page."""
    assert not app.exception, [error.value for error in app.exception]
    places = (app.markdown, app.caption, app.info, app.error, app.warning)
    return "\n".join(str(each.value) for place in places for each in place)


def rows(app: AppTest, number: int, name: str) -> list[dict[str, Any]]:
    """A dataset of a chart."""
    (data,) = (d for d in app.get("vega_lite_chart")[number].proto.datasets if d.name == name)
    return list(pa.ipc.open_stream(data.data.data).read_pandas().to_dict("records"))


def test_it_opens_on_a_text_that_the_network_wrote(open_app: Callable[..., AppTest]) -> None:
    app = open_app(PAGE, prompt="Alice", seed="7", length="60", temperature="0.5")
    run = load_run(folder_of("characters-lstm"))
    task = run.task
    expected = write(run.model(), task, "Alice", 60, temperature=0.5, seed=7)  # type: ignore[arg-type]
    written = rows(app, 0, "written")
    assert "".join(row["letter"] for row in written if row["step"] < 5) == "Alice"
    assert len(written) == len(expected) == 65
    assert [row["letter"] for row in written] == list(expected.replace("\n", "⏎"))
    rule = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert rule["height"] > 0


def test_its_bits_are_the_runs_and_the_n_grams(open_app: Callable[..., AppTest]) -> None:
    app = open_app(PAGE)
    run = load_run(folder_of("characters-lstm"))
    codes = run.task.held_out("test").codes  # type: ignore[attr-defined]
    rows_ = torch.nn.functional.one_hot(codes, run.task.input_size).float().unsqueeze(1)
    with torch.no_grad():
        logits = run.model()(rows_[:-1])[:, 0]
    bits = float(torch.nn.functional.cross_entropy(logits, codes[1:])) / math.log(2)
    assert f"{bits:.2f} bits per character" in texts(app)


@pytest.mark.parametrize(("prompt", "said"), [("café", "“é”"), ("Alice 8", "“8”")])
def test_what_is_not_of_the_book_is_named(
    open_app: Callable[..., AppTest], prompt: str, said: str
) -> None:
    assert said in texts(open_app(PAGE, prompt=prompt))


def test_a_text_that_went_on_otherwise_stands_in_the_address(
    open_app: Callable[..., AppTest],
) -> None:
    """From a character on at another temperature, of fewer characters; a unit of one's own."""
    link = {"run": "characters-gru", "prompt": "Alice", "length": "60", "then": "40@1.2@5"}
    app = open_app(PAGE, **link, signal="reset_gate", unit="3")
    run = load_run(folder_of("characters-gru"))
    text = write(run.model(), run.task, "Alice", 40, temperature=0.6, seed=45)  # type: ignore[arg-type]
    text = write(run.model(), run.task, text, 20, temperature=1.2, top_k=5, seed=45)  # type: ignore[arg-type]
    assert not app.warning
    assert [row["letter"] for row in rows(app, 0, "written")] == list(text.replace("\n", "⏎"))
    said = {name: app.query_params[name] for name in app.query_params}
    assert said == link | {"temperature": "0.6", "seed": "45", "signal": "reset_gate", "unit": "3"}
    app = open_app(PAGE, **link | {"then": "70@1.2"})
    assert len(app.warning) == 1
