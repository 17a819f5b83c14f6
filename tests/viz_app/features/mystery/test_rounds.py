"""The rounds of the game: every question can be answered from its picture, and nothing tells it."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from viz_app.features.mystery import evidence as mystery_evidence
from viz_app.features.mystery import served as cached
from viz_app.features.mystery import words as mystery_words
from viz_app.features.mystery.evidence import FITS, evidence
from viz_app.features.mystery.rounds import ANSWERS, MOST_ROUNDS, SETS, Riddle, following
from viz_app.kit.chart.gates import records
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.style import FONT
from viz_app.kit.chart.window import LAPTOP, WINDOWS, Look
from viz_app.kit.library import Library
from viz_app.text import say, texts

ALL = [(kind, answer) for kind, answers in ANSWERS.items() for answer in answers]
OTHERS = {"lstm_gate": "lstm", "lstm_start": "lstm", "gru_gate": "gru", "gru_start": "gru"}
"""Kinds of questions about gates, and the cell whose other gates are the wrong answers."""


def pictures() -> dict[tuple[str, str], list[Riddle]]:
    """All that can be asked."""
    return {key: found for kinds in SETS for key, found in cached.pool(kinds).items()}


@pytest.fixture(scope="module")
def shown(
    library: Library, recorded: Callable[..., xr.Dataset]
) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """A riddle's values (time, unit), or another signal's, and which of its steps are marked."""

    def look(riddle: Riddle, signal: str = "") -> tuple[np.ndarray, np.ndarray]:
        layer = recorded(riddle.run, riddle.step)
        values = layer[signal or riddle.signal].values[:, riddle.example].astype(float)
        if riddle.units:
            values = values[:, sorted(riddle.units)]
        marked = np.zeros(len(values), dtype=bool)
        for step, _ in library.runs[riddle.run].probe().marks[riddle.example]:
            marked[step] = True
        return values, marked

    return look


def rise(values: np.ndarray, marked: np.ndarray) -> float:
    """The largest rise of a unit at the marks."""
    return float((values[marked].mean(0) - values[~marked].mean(0)).max())


def open_share(values: np.ndarray) -> float:
    """Cells that are open."""
    return float((values >= 0.8).mean())


def half_share(values: np.ndarray) -> float:
    """Cells about one half."""
    return float((np.abs(values - 0.5) <= 0.15).mean())


def roughness(values: np.ndarray) -> float:
    """How much of its range a typical unit moves in a step."""
    steps = [np.abs(np.diff(row)).mean() / (row.max() - row.min()) for row in values.T]
    return float(np.median(steps))


def swing(values: np.ndarray) -> float:
    """The widest range of a unit."""
    return max(float(row.max() - row.min()) for row in values.T)


def held(values: np.ndarray, marked: np.ndarray) -> float:
    """How open a gate is, and how far it falls at the marks."""
    return (open_share(values) + rise(-values, marked)) / 2


def test_every_answer_is_asked_for() -> None:
    """Each of each kind, in ten pictures at least, from more than one run where there is one."""
    found = pictures()
    assert set(found) == set(ALL)
    assert min(len(riddles) for riddles in found.values()) >= 10
    for key, riddles in found.items():
        assert len(set(riddles)) == len(riddles)
        assert len({riddle.run for riddle in riddles}) > 1 or key[0] == "lstm_start"


@pytest.mark.parametrize(("kind", "right"), [key for key in ALL if key[0] in OTHERS])
def test_a_gate_has_more_of_its_evidence_than_the_others_have(
    kind: str, right: str, shown: Callable[..., tuple[np.ndarray, np.ndarray]]
) -> None:
    """On the same example: the same measure on the gates that are the wrong answers."""
    measures: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "lstm_gate input_gate": rise,
        "lstm_gate forget_gate": lambda v, m: open_share(v) - max(rise(v, m), 0),
        "lstm_gate output_gate": lambda v, m: -max(open_share(v), rise(v, m)),
        "gru_gate update_gate": held,
        "gru_gate reset_gate": lambda v, m: -held(v, m),
        "lstm_start input_gate": lambda v, _: float((v <= 0.2).mean()),
        "lstm_start forget_gate": lambda v, _: open_share(v),
        "lstm_start output_gate": lambda v, _: half_share(v),
        "gru_start update_gate": lambda v, _: open_share(v),
        "gru_start reset_gate": lambda v, _: half_share(v),
    }
    measure = measures[f"{kind} {right}"]
    for riddle in pictures()[kind, right]:
        mine = measure(*shown(riddle))
        for other in set(ANSWERS[kind]) - {right}:
            assert mine > measure(*shown(riddle, other)) + 0.05, (riddle, other)


@pytest.mark.parametrize(
    ("kind", "right", "low", "high"),
    [
        ("lstm_gate", "input_gate", 0.62, 1.0),
        ("lstm_gate", "forget_gate", 0.6, 1.0),
        ("gru_gate", "update_gate", 0.6, 1.0),
        ("gru_gate", "reset_gate", 0.0, 0.4),
    ],
)
def test_a_trained_gate_does_what_the_textbook_says(
    kind: str, right: str, low: float, high: float,
    shown: Callable[..., tuple[np.ndarray, np.ndarray]],
) -> None:  # fmt: skip
    """Input gates rise at the marks; forget gates are open; update gates are held and fall."""
    measure = {"input_gate": rise, "forget_gate": lambda v, _: open_share(v)}.get(right, held)
    for riddle in pictures()[kind, right]:
        assert low <= measure(*shown(riddle)) <= high, riddle


def test_an_output_gate_does_neither(
    shown: Callable[..., tuple[np.ndarray, np.ndarray]],
) -> None:
    """It does not open at the marks, nor is it open throughout."""
    for riddle in pictures()["lstm_gate", "output_gate"]:
        values, marked = shown(riddle)
        assert max(rise(values, marked), open_share(values)) < 0.4


def test_a_state_is_told_by_its_reach_and_its_restlessness(
    shown: Callable[..., tuple[np.ndarray, np.ndarray]],
) -> None:
    """Only cell states pass 1, and clearly; a plain RNN's rows flicker, the other two's do not."""
    found = pictures()
    for riddle in found["cell", "lstm"]:
        values, _ = shown(riddle)
        assert np.abs(values).max() > 2
        assert roughness(values) < mystery_evidence.SMOOTH
    for answer, low, high in (("rnn", 0.18, 1.0), ("gru", 0.0, mystery_evidence.SMOOTH)):
        for riddle in found["cell", answer]:
            values, _ = shown(riddle)
            assert np.abs(values).max() <= 1
            assert low < roughness(values) < high


def test_untrained_rows_keep_their_level_and_trained_ones_move(
    shown: Callable[..., tuple[np.ndarray, np.ndarray]],
) -> None:
    """One level for all by a forget bias, levels of their own by chrono."""
    found = pictures()
    for riddle in found["weights", "trained"]:
        assert swing(shown(riddle)[0]) > 0.35
    for riddle in found["weights", "bias"]:
        values, _ = shown(riddle)
        assert swing(values) < mystery_evidence.STILL
        assert np.ptp(values.mean(0)) < 0.12
        assert values.mean() == pytest.approx(1 / (1 + np.exp(-1)), abs=0.02)
    for riddle in found["weights", "chrono"]:
        values, _ = shown(riddle)
        assert swing(values) < mystery_evidence.STILL
        assert np.ptp(values.mean(0)) > 0.27


def test_every_round_is_told_by_its_picture(
    library: Library, recorded: Callable[..., xr.Dataset]
) -> None:
    """All of them: the right answer fits, no other nearly as well; the same each time."""
    pool, marks = pictures(), {name: run.probe().marks for name, run in library.runs.items()}
    for number in range(1, MOST_ROUNDS + 1):
        riddle = cached.riddle_of(number)
        assert riddle is not None
        assert riddle in pool[riddle.kind, riddle.right]
        assert riddle == cached.riddle_of(number)
        assert riddle.kind in SETS[(number - 1) % 3]
        values = recorded(riddle.run, riddle.step)[riddle.signal].values[:, riddle.example]
        seen = evidence(values, marks[riddle.run][riddle.example], riddle.units)
        fits = dict(FITS[riddle.kind](seen))
        assert list(fits) == sorted(fits, key=list(ANSWERS[riddle.kind]).index)
        mine = fits.pop(riddle.right)
        assert mine >= 0.5
        assert mine >= max(fits.values()) + 0.25


def test_rounds_differ_and_begin_with_the_input_gate() -> None:
    """The first nine ask for nine different answers; each answer comes often in the long run."""
    found = [cached.riddle_of(number) for number in range(1, MOST_ROUNDS + 1)]
    rounds = [riddle for riddle in found if riddle is not None]
    first = rounds[0]
    assert (first.run, first.kind, first.right) == ("adding-lstm", "lstm_gate", "input_gate")
    assert len({(riddle.kind, riddle.right) for riddle in rounds[:9]}) == 9
    for key in ALL:
        assert sum((riddle.kind, riddle.right) == key for riddle in rounds) > 8
    assert following(1) == 2
    assert following(MOST_ROUNDS) == 1


@pytest.mark.parametrize(
    ("values", "marks", "expected"),
    [
        ([[0.1, 0.5], [0.9, 0.5], [0.1, 0.5], [0.1, 0.5]], [(1, "x")],
         {"open": 1 / 8, "half": 4 / 8, "shut": 3 / 8, "swing": 0.8, "rough": (1.6 / 3 / 0.8) / 2}),
        ([[0.0, -3.0], [0.5, 1.0]], [],
         {"peak": -3.0, "peak_unit": 1, "peak_step": 0, "moves_unit": 1, "moves_low": -3.0,
          "moves_high": 1.0, "low": -1.0, "low_unit": 1, "high": 0.25, "high_unit": 0,
          "rise": 0.0, "fall": 0.0, "spread": 1.25, "rough": 1.0, "mean": -0.375}),
    ],
)  # fmt: skip
def test_the_measures_by_hand(
    values: list[list[float]], marks: list[tuple[int, str]], expected: dict[str, Any]
) -> None:
    """On pictures small enough to be worked out on paper."""
    found = evidence(np.array(values), marks)
    for name, wanted in expected.items():
        assert found[name] == pytest.approx(wanted)
    if marks:
        assert (found["rise_unit"], found["rise_at"]) == (0, 0.9)
        assert (found["rise_off"], found["rise"]) == (pytest.approx(0.1), pytest.approx(0.8))
        assert (found["fall_unit"], found["fall"]) == (1, 0)


TELLING = re.compile(
    "gate|cell|hidden|forget|reset|update|output|candidate|lstm|gru|rnn|chrono|bias|train",
    re.IGNORECASE,
)
VEGAS_OWN = {"cells", "update", "stroke"}
"""Names in every spec: a dataset's, and what Vega calls the parts of a signal."""


def told(node: Any) -> list[str]:
    """Every name and text of a spec in which an answer could stand; pictures and data apart."""
    if isinstance(node, dict):
        keys = [str(key) for key in node]
        return keys + [text for key, part in node.items() if key != "url" for text in told(part)]
    if isinstance(node, list):
        return [text for part in node for text in told(part)]
    return [node] if isinstance(node, str) else []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("number", range(1, 37))
def test_nothing_that_is_sent_tells_the_answer(number: int, theme: Any, spec_of: Any) -> None:
    """Neither labels, nor names of fields and datasets, nor the text for those who cannot see."""
    found = cached.round_of(number)
    assert found is not None
    packed = cached.spec(number, False, Look(theme, LAPTOP))
    sent = spec_of(packed).found
    said = [*told(sent), mystery_words.alternative(found, False)]
    harmless = {say("gates.gate_scale"), str(found.data.shape.strip_label), FONT, *VEGAS_OWN}
    left = [
        text
        for text in said
        if TELLING.search(text.replace("'cells'", "")) and text not in harmless
    ]
    assert left == []
    assert found.riddle.run not in json.dumps(sent)
    assert found.riddle.run.encode() not in b"".join(packed["datasets"].values())
    opened = json.dumps(spec_of(cached.spec(number, True, Look(theme, LAPTOP))).found)
    assert mystery_words.picture(found) in opened


@pytest.mark.parametrize("number", range(1, 10))
def test_hidden_and_shown_are_the_same_pixels(
    number: int, shown: Callable[..., tuple[np.ndarray, np.ndarray]], spec_of: Any
) -> None:
    """Those of the recording, by the legend's own scale; nothing is framed while it is hidden."""
    found = cached.round_of(number)
    assert found is not None
    hidden, opened = (spec_of(cached.spec(number, open_, Look())) for open_ in (False, True))
    title = mystery_words.picture(found)
    pixels = hidden.pixels(say("mystery.hidden"))
    assert (pixels == opened.pixels(title)).all()
    (scale,) = [
        node["color"]["scale"] for node in hidden.nodes() if "scale" in (node.get("color") or {})
        and "legend" in node["color"] and node["color"]["legend"]
    ]  # fmt: skip
    colours = np.array([list(bytes.fromhex(c[1:])) for c in scale["range"]], dtype=float)
    drawn = found.data.shape.units
    rows = [sorted(drawn).index(unit) for unit in drawn]
    values = shown(found.riddle)[0][:, rows].T
    wanted = np.stack([np.interp(values, scale["domain"], colours[:, k]) for k in range(3)], -1)
    assert np.abs(pixels[..., :3] - wanted).max() < 1.01
    assert hidden.picked()[0] == -1
    unit, step = found.telling()
    assert opened.picked() == (-1 if unit is None else unit, step)


def test_the_spec_is_valid() -> None:
    """Altair's schema accepts it, which the page does not spend time on."""
    import altair as alt

    found = cached.round_of(1)
    assert found is not None
    spec = found.spec(GatesLook(hover=True), None)
    spec["datasets"] = {name: records(rows) for name, rows in spec["datasets"].items()}
    spec["config"].pop("signals", None)  # Vega takes them, the schema does not know them
    alt.VConcatChart.from_dict(spec)


@pytest.mark.parametrize(("kind", "right"), ALL)
def test_the_reason_names_numbers_of_this_picture(
    kind: str, right: str, shown: Callable[..., tuple[np.ndarray, np.ndarray]]
) -> None:
    """Every number in it is one that can be worked out from the recording."""
    riddle = pictures()[kind, right][3]
    found = cached.mystery_of(riddle)
    drawn, (values, marked) = sorted(found.data.shape.units), shown(riddle)
    means, ranges = values.mean(0), values.max(0) - values.min(0)
    lively, step_, most = ranges.argmax(), *np.unravel_index(np.abs(values).argmax(), values.shape)
    could = {
        0.8, 0.2, 0.35, 0.65, 0.15, 0, 0.5, 1, round(values.mean(), 2), round(ranges.max(), 2),
        round(means.min(), 2), round(means.max(), 2), drawn[means.argmin()],
        drawn[means.argmax()], drawn[lively],
        round(values[:, lively].min(), 2), round(values[:, lively].max(), 2), step_,
        drawn[most],
        round(values[step_, most], 1), round(values[step_, most], 2), 0.73, 12,
        round(100 * roughness(values)), round(100 * roughness(values), 1),
        *(round(100 * float(share)) for share in
          (open_share(values), half_share(values), (values <= 0.2).mean())),
    }  # fmt: skip
    if marked.any():
        at, off = values[marked].mean(0), values[~marked].mean(0)
        for unit in ((at - off).argmax(), (at - off).argmin()):
            could |= {drawn[unit], round(at[unit], 2), round(off[unit], 2)}
            could |= {round(abs(at[unit] - off[unit]), 2)}
    reason = mystery_words.why(found)
    for ends in ("−1 and 1", "−1 to 1"):  # of any hidden state
        reason = reason.replace(ends, "")
    for share, rounded in (("ver 99%", " 100%"), ("nder 1%", " 0%")):
        reason = reason.replace(share, rounded)
    reason = reason.replace("\N{MINUS SIGN}", "-")
    numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", reason)]
    assert len(numbers) >= 2
    for number in numbers:
        assert any(abs(number - float(each)) < 0.0051 for each in could), (number, reason)
    assert 1 <= len(re.findall(r"[.:]\s|[.]$", reason)) <= 4


def test_the_address_shows_this_very_picture(library: Library) -> None:
    """Run, example, checkpoint, and the unit that the reason names."""
    found = cached.round_of(1)
    assert found is not None
    assert mystery_words.gates_address(found) == "./gates?run=adding-lstm&example=7&unit=7&step=18"
    untrained = cached.round_of(3)
    assert untrained is not None
    assert mystery_words.gates_address(untrained).endswith("&checkpoint=0")


def test_the_number_of_rows_does_not_tell_the_cell() -> None:
    """All networks show as many units; a plain RNN has twice as many as an LSTM."""
    found = pictures()
    sizes = {len(riddle.units) for answer in ANSWERS["cell"] for riddle in found["cell", answer]}
    assert sizes == {16}
    drawn = cached.round_of(5)
    assert drawn is not None
    assert drawn.riddle.kind == "cell"
    assert sorted(drawn.data.shape.units) == sorted(drawn.riddle.units)
    assert f"units={'.'.join(map(str, sorted(drawn.riddle.units)))}" in (
        mystery_words.gates_address(drawn)
    )


def test_answers_and_questions_differ() -> None:
    """No two answers of a question read alike; every kind has its reasons in the texts."""
    for kind, right in ALL:
        found = cached.mystery_of(pictures()[kind, right][0])
        offered = mystery_words.answers(kind, found.run)
        assert len(set(offered)) == len(offered) == len(ANSWERS[kind])
        assert mystery_words.right(found) == offered[ANSWERS[kind].index(right)]
        assert mystery_words.right(found) not in mystery_words.ask(found).split("**")[0]
        assert f"mystery.why_{kind}_{right}" in texts("en")


@pytest.mark.parametrize(
    ("right_ones", "said"),
    [
        ([], "No guess yet"),
        ([True], "**1 of 1 correct** · 1 in a row"),
        ([False, True, True], "**2 of 3 correct** · 2 in a row"),
        ([True, True, False], "**2 of 3 correct** · 0 in a row"),
    ],
)
def test_ones_own_score(right_ones: list[bool], said: str) -> None:
    """Right of asked, and the row that has not been broken yet."""
    assert mystery_words.score(right_ones) == said


@pytest.mark.parametrize("name", WINDOWS)
def test_steps_have_room_below_the_picture(name: Any) -> None:
    """Numbers of three signs, each with as much room beside it, in every window."""
    window = WINDOWS[name]
    spec = cached.spec(1, True, Look("light", window))
    layers = [layer for part in spec["vconcat"] for layer in part["layer"]]
    axes = [layer.get("encoding", {}).get("x", {}).get("axis") for layer in layers]
    (ticks,) = {axis["tickCount"] for axis in axes if axis and axis.get("labels")}
    assert ticks * 2 * 3 * 0.6 * window.type_size <= window.width
