"""What is zoomed into stays when the network changes; what is picked is chosen anew."""

from typing import Any


def test_a_zoomed_window_stays_for_the_next_cell(open_app: Any) -> None:
    """So that cells can be compared in it; the units too, those that there are."""
    app = open_app(run="adding-lstm", window="10-24", units="3.7", unit="7", step="12")
    app.button_group(key="run").set_value("adding-gru").run()
    assert app.query_params["window"] == "10-24"
    assert app.query_params["units"] == "3.7"
    assert app.query_params["unit"] in ("3", "7")
    app.button_group(key="run").set_value("adding-rnn").run()
    assert app.query_params["window"] == "10-24"


def test_a_window_that_does_not_fit_is_the_whole(open_app: Any) -> None:
    """A shorter sequence has no such steps."""
    app = open_app(run="temporal-order-lstm", window="60-90")
    app.query_params["run"] = "adding-lstm"
    app.run()
    assert not app.exception
    assert "window" not in app.query_params
