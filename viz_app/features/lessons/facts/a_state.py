"""What lesson 2 says in numbers: the first steps of a plain RNN of one unit, what it forgets."""

import math
from typing import Any

from viz_app.features import Start, StepThrough
from viz_app.features.lessons.builds import count_one, count_two
from viz_app.features.lessons.builds.counting import Counting
from viz_app.features.lessons.facts.what_is_asked import facts as of_the_task
from viz_app.kit.recordings import Recordings

RUN = "adding-rnn-one-unit"

PARTS = {
    "in": "hidden_state_from_input", "back": "hidden_state_from_hidden", "a": "hidden_state_pre",
    "h": "hidden_state",
}  # fmt: skip
"""The parts of a step by the columns of Step through."""

WRITTEN = 3
"""So many steps are taken apart."""

NOTHING, ALL = 0.05, 0.9
"""Of a number less, or more, is left at the end than these."""

SMALL, LARGE = 0.01, 0.5
"""What two counters write."""

HALFWAY = 0.5


def facts(recordings: Recordings) -> dict[str, Any]:
    """See `viz_app.features.lessons.facts`."""
    table = StepThrough(RUN).table(recordings=recordings)
    steps = {
        f"{name}{step}": float(table[column][step])
        for step in range(WRITTEN)
        for name, column in PARTS.items()
    }
    weights = recordings.run(RUN).model().state_dict()
    state, left = Start("rnn").data(recordings).state, _left(recordings)
    counters = {
        name: Counting(name, {"write": write, "keep": 1.0, "read": 1 / write}, ())
        for name, write in (("small", SMALL), ("large", LARGE))
    }
    right = {name: made.check((), recordings).numbers["right"] for name, made in counters.items()}
    leaked = math.tanh(HALFWAY)
    lesson_1 = of_the_task(recordings)
    return steps | {
        "bias": float(table["hidden_state_bias"][0]),
        "u": float(weights["recurrent.weight_hh_l0"]),
        "low": float(state.min()), "high": float(state.max()),
        "unweighted": steps["in2"] + steps["h1"] + float(table["hidden_state_bias"][0]),
        "tanh1": math.tanh(1.0), "tanh2": math.tanh(2.0), "tanh3": math.tanh(3.0),
        "left": left, "tells": _tells(left), "halfway": HALFWAY, "leaked": leaked,
        "leak": "less" if leaked < HALFWAY else "more" if leaked > HALFWAY else "same",
        "small": SMALL, "large": LARGE, "small_read": round(1 / SMALL),
        "one_write": f"{count_one.BUILD.given['write']:g}",
        "two_read": f"{count_two.BUILD.given['read']:g}", "small_right": int(right["small"]),
        "large_right": int(right["large"]),
        "counts": "same" if len(set(right.values())) == 1 else max(right, key=right.__getitem__),
        "baseline": lesson_1["baseline"], "best": lesson_1["best"],
    }  # fmt: skip


def _left(recordings: Recordings) -> float:
    """How far the last answer moves where the first marked number goes from 0 to 1."""
    view = Start("rnn")
    scene = view.data(recordings)
    first, second = sorted(scene.marks)
    ends = []
    for number in (0.0, 1.0):
        own = view.moved({first: number, second: float(scene.values[second])}, recordings)
        ends.append(float(view.but(own=own).data(recordings).answers[-1]))
    return abs(ends[1] - ends[0])


def _tells(left: float) -> str:
    """How much of a number the state still tells."""
    return "nothing" if left < NOTHING else "all" if left > ALL else "some"
