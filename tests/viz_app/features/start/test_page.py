"""Start: one scene, four variants, marks that can be moved, three doors."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.viz_app.conftest import go

MOVED = "6to20,20=0.57"


def told(app: AppTest) -> str:
    """All that stands on the page as text."""
    texts = [part.value for part in [*app.markdown, *app.caption]]
    return " ".join(texts).replace("**", "")


def test_it_opens_without_an_address(open_app: Callable[..., AppTest]) -> None:
    """The trained network, playing; no network of other pages is named."""
    app = open_app("")
    assert not app.exception
    assert not app.query_params
    assert app.button_group(key="start_variant").value == "trained"
    assert "It answers 1.66, the correct answer is 1.66." in told(app)
    (chart,) = app.get("vega_lite_chart")
    assert '"type":"animationstart"' in chart.proto.spec.replace(" ", "")
    assert "the target, 1.66" in chart.proto.alt


def test_a_variant_is_in_the_address(open_app: Callable[..., AppTest]) -> None:
    """And read from it."""
    app = open_app("")
    app.button_group(key="start_variant").set_value("leaky").run()
    assert dict(app.query_params) == {"variant": "leaky"}
    assert "Keep leaks" in told(app)
    again = open_app("", variant="leaky")
    assert told(again) == told(app)


def test_marks_are_moved_by_number(open_app: Callable[..., AppTest]) -> None:
    """Fields for who does not drag; the network answers, and it goes back as it was."""
    app = open_app("")
    app.number_input(key="start_step_1").set_value(20).run()
    app.number_input(key="start_number_1").set_value(0.57).run()
    assert dict(app.query_params) == {"own": MOVED}
    assert "the correct answer is 1.46" in told(app)
    spec = app.get("vega_lite_chart")[0].proto.spec
    assert '"name":"mark1","value":20' in spec.replace(" ", "")
    again = open_app("", own=MOVED)
    assert again.number_input(key="start_step_1").value == 20
    assert told(again) == told(app)
    (back,) = (button for button in again.button if button.label == "As it was")
    back.click().run()
    assert not again.query_params


def test_who_comes_back_sees_the_marks_that_they_dragged(open_app: Callable[..., AppTest]) -> None:
    """The chart has them by itself while it stands there; anew it is drawn with them."""
    app = open_app("")
    app.session_state["start_own"] = MOVED
    go(app, "gates")
    app = go(app, "start")
    assert "the correct answer is 1.46" in told(app)
    spec = app.get("vega_lite_chart")[0].proto.spec
    assert '"name":"mark1","value":20' in spec.replace(" ", "")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"own": "6to99"}, "The link asks for other numbers, which cannot be"),
        ({"own": "nonsense"}, "The link asks for other numbers, which cannot be"),
        ({"variant": "nonsense"}, "nonsense"),
    ],
)
def test_a_bad_link_is_said(
    open_app: Callable[..., AppTest], address: dict[str, str], said: str
) -> None:
    """And the scene is shown as it was."""
    app = open_app("", **address)
    assert not app.exception
    (warning,) = app.warning
    assert said in warning.value
    assert "the correct answer is 1.66" in told(app)
    assert not app.query_params


@pytest.mark.parametrize(
    ("door", "title"), [("new", "Lessons"), ("teach", "Class"), ("mine", "Your model")]
)
def test_doors_lead_on(open_app: Callable[..., AppTest], door: str, title: str) -> None:
    """To the lessons, to a class, and to one's own network."""
    app = open_app("")
    app.button(key=f"door_{door}").click().run()
    assert not app.exception
    assert f"# {title}" in told(app)
