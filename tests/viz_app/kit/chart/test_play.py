"""A chart that plays: every frame is in its data, and one of them is shown."""

from typing import Any

import pytest

from viz_app.kit.chart import play

SPEC: dict[str, Any] = {
    "vconcat": [
        {
            "layer": [
                {"data": {"name": "image"}, "mark": {"type": "image"}, "encoding": {}},
                {"data": {"name": "cells"}, "mark": {"type": "line"},
                 "transform": [{"filter": "datum.unit == 1"}]},
                {"data": {"name": "marks"}, "mark": {"type": "rule"}},
            ]
        }
    ],
    "config": {
        "signals": [
            {"name": "numbers", "update": "data('told')[0]"},
            {"name": "pick", "on": [{"events": {"source": "view", "type": "click"}, "update": "1"},
                                    play.key("event.key == 'PageDown'")
                                    and {"events": play.key("event.key == 'PageDown'"),
                                         "update": "2"}]},
        ]
    },
}  # fmt: skip
REEL = play.Reel(("zero", "one", "two"), 1, 500, "Training step", "Play")


def test_what_differs_says_of_which_frame_it_is() -> None:
    """What is the same in all frames is sent once."""
    frames = [{"image": [{"url": n}], "marks": [{"step": 3}]} for n in range(3)]
    rows, moving = play.merged(frames)
    assert moving == {"image"}
    assert rows == {
        "image": [{"url": n, "frame": n} for n in range(3)], "marks": [{"step": 3}],
    }  # fmt: skip


def test_marks_show_one_frame_and_the_shared_spec_stays() -> None:
    """Pictures stay and turn visible, rows are filtered, signals read the frame's row."""
    before = repr(SPEC)
    made = play.by_frame(SPEC, {"image", "cells", "told"})
    picture, line, rule = made["vconcat"][0]["layer"]
    assert picture["encoding"]["opacity"]["condition"]["test"] == "datum.frame == frame"
    assert [each["filter"] for each in line["transform"]] == [
        "datum.frame == frame", "datum.unit == 1",
    ]  # fmt: skip
    assert "transform" not in rule
    assert made["config"]["signals"][0]["update"] == "data('told')[frame]"
    assert repr(SPEC) == before


def test_the_page_is_told_only_while_nothing_plays() -> None:
    """A page that ran again would stop the chart."""
    made = {signal["name"]: signal for signal in play.signals(REEL)}
    (told,) = made["played"]["on"]
    assert told["update"].startswith("playing ? played : ")
    assert made["frame"]["bind"]["max"] == 2
    assert made["frame"]["value"] == 1


def test_a_time_step_after_another_is_picked_by_the_clock_alone() -> None:
    """The clicker's keys belong to the clock then; every panel has the rule and the veil."""
    made = play.over_time(SPEC, 10, "light")
    pick = made["config"]["signals"][1]
    assert [on["events"].get("signal", on["events"].get("type")) for on in pick["on"]] == [
        "click", "frame",
    ]  # fmt: skip
    assert "time: [10 + frame]" in pick["on"][-1]["update"]
    assert len(made["vconcat"][0]["layer"]) == 5


@pytest.mark.parametrize(
    ("count", "least", "most"), [(2, 1000, 1000), (50, 500, 700), (784, 80, 80)]
)
def test_it_plays_slowly_and_not_for_minutes(count: int, least: int, most: int) -> None:
    """A second a frame, or all in about half a minute."""
    assert least <= play.pace(count) <= most
