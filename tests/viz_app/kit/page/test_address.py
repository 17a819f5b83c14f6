"""The address: it restores what was chosen, and nonsense in it harms nobody."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from viz_app.kit.page import choices


@pytest.fixture(scope="module")
def usual(open_app: Callable[..., AppTest]) -> dict[str, str]:
    """The address of the page as it opens."""
    found = dict(open_app().query_params)
    assert found["run"] == "adding-lstm"
    return found


@pytest.mark.parametrize(
    "address",
    [
        {"run": "digits-gru", "example": "30", "unit": "36", "step": "63"},
        {"run": "temporal-order-rnn", "example": "1", "unit": "0", "step": "0", "sort": "index"},
        {"run": "adding-lstm", "example": "5", "unit": "15", "step": "49", "checkpoint": "0"},
    ],
)
def test_an_address_restores_what_was_chosen(
    open_app: Callable[..., AppTest], address: dict[str, str]
) -> None:
    """Opened by somebody else it shows the same, and stays as it is."""
    app = open_app(**address)
    assert not app.exception
    assert dict(app.query_params) == address
    for name in ("example", "step"):
        assert app.number_input(key=name).value == int(address[name])
    assert app.selectbox(key="unit").value == int(address["unit"])


@pytest.mark.parametrize(
    "nonsense",
    [
        {"run": "no-such-run"},
        {"run": ""},
        {"run": "../../etc", "layer": "lstm/l9", "sort": "beauty"},
        {"example": "one", "unit": "x", "step": "1.5", "checkpoint": "last"},
        {"example": "-1", "unit": "-3", "step": "+2"},
        {"example": "32", "unit": "16", "step": "50", "checkpoint": "1"},
        {"example": "9" * 30, "unit": "9" * 400, "step": "9" * 5000},
        {"example": "²", "unit": "①", "step": "Ⅷ"},
        {"example": "True", "unit": "[]", "step": "<b>1</b>"},
        {"something": "else"},
    ],
    ids=lambda nonsense: ",".join(f"{k}={v[:9]}" for k, v in nonsense.items()),
)
def test_nonsense_gives_the_page_as_it_opens(
    open_app: Callable[..., AppTest], usual: dict[str, str], nonsense: dict[str, str]
) -> None:
    """No exception, and the address is put right."""
    app = open_app(**nonsense)
    assert not app.exception
    assert dict(app.query_params) == usual


def test_one_wrong_part_leaves_the_others(
    open_app: Callable[..., AppTest], usual: dict[str, str]
) -> None:
    """A run that is there is shown, whatever else is asked."""
    app = open_app(run="adding-gru", example="999", unit="3")
    assert app.query_params["run"] == "adding-gru"
    assert app.query_params["unit"] == "3"
    assert app.query_params["example"] == usual["example"]


def test_an_address_that_changes_is_followed(open_app: Callable[..., AppTest]) -> None:
    """As when a reader goes back; what the page wrote itself is no news."""
    app = open_app(run="adding-lstm", example="2")
    app.number_input(key="example").set_value(6).run()
    app.run()
    assert app.query_params["example"] == "6"
    app.query_params["example"] = "2"
    app.run()
    assert app.number_input(key="example").value == 2
    assert app.query_params["example"] == "2"


def test_what_is_touched_before_the_browser_knows_the_address_counts(
    open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second touch right after a first one comes with the address from before both."""
    monkeypatch.setattr(choices, "goes_back", lambda: False)
    app = open_app(run="adding-lstm", example="2")
    before = dict(app.query_params.items())
    app.number_input(key="example").set_value(6).run()
    for name, value in before.items():
        app.query_params[name] = value
    app.number_input(key="example").set_value(7).run()
    assert app.number_input(key="example").value == 7
    assert app.query_params["example"] == "7"
    monkeypatch.setattr(choices, "LATE", 0.0)
    app.query_params["example"] = "2"  # much later it is a link that was opened
    app.run()
    assert app.number_input(key="example").value == 2


def test_what_a_link_asks_for_in_vain_is_said_above_the_picture(
    open_app: Callable[..., AppTest],
) -> None:
    """Not below all else, where nobody looks."""
    at = open_app("gates", run="adding-lstm", example="999", checkpoint="7")
    assert len(at.warning) == 2
    order = [element.type for element in at.main]
    assert order.index("warning") < order.index("vega_lite_chart")
