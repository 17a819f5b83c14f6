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


def test_a_chart_shows_the_frame_that_the_clock_tells() -> None:
    """At first the one that is asked for; the keys that step are the clock's, a click is not."""
    made = play.playing(SPEC, 2)
    frame, numbers, pick = made["config"]["signals"]
    assert (frame["name"], frame["value"]) == ("frame", 2)
    (told,) = frame["on"]
    assert told["events"] == {"source": "window", "type": play.EVENT}
    assert numbers == SPEC["config"]["signals"][0]
    assert [on["events"]["type"] for on in pick["on"]] == ["click"]
    assert len(SPEC["config"]["signals"][1]["on"]) == 2


def test_specs_that_differ_in_rows_become_one() -> None:
    """Rows inside a part or in a named table; what is the same is sent once."""

    def frame(number: int) -> dict[str, Any]:
        return {
            "layer": [
                {"data": {"values": [{"url": number}]}, "mark": {"type": "image"}, "encoding": {}},
                {"data": {"name": f"hash{number}"}, "mark": {"type": "bar"}},
                {"data": {"name": "same"}, "mark": {"type": "rule"}},
                {"mark": {"type": "text"}},
            ],
            "datasets": {f"hash{number}": [{"x": number}], "same": [{"y": 1}]},
        }

    made = play.of_specs([frame(0), frame(1)])
    image, bar, rule, text = made["layer"]
    assert [made["datasets"][part["data"]["name"]] for part in (image, bar, rule)] == [
        [{"url": 0, "frame": 0}, {"url": 1, "frame": 1}],
        [{"x": 0, "frame": 0}, {"x": 1, "frame": 1}],
        [{"y": 1}],
    ]
    assert bar["transform"] == [{"filter": "datum.frame == frame"}]
    assert "opacity" in image["encoding"]
    assert "transform" not in rule
    assert "data" not in text


def test_a_time_step_after_another_is_picked_by_the_clock() -> None:
    """Every panel has the rule and the veil."""
    made = play.over_time(SPEC, 10, "light")
    pick = made["config"]["signals"][1]
    assert pick["on"][-1]["events"] == {"signal": "frame"}
    assert "time: [10 + frame]" in pick["on"][-1]["update"]
    assert len(made["vconcat"][0]["layer"]) == 5


@pytest.mark.parametrize(
    ("count", "least", "most"), [(2, 1000, 1000), (50, 500, 700), (784, 80, 80)]
)
def test_it_plays_slowly_and_not_for_minutes(count: int, least: int, most: int) -> None:
    """A second a frame, or all in about half a minute."""
    assert least <= play.pace(count) <= most
