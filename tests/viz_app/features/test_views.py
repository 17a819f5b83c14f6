"""Every view: address, value, lines of Python and command are one and the same."""

import json
import re
import shlex
from dataclasses import MISSING, fields
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from gatescope.intervention import Bias, Clamp, SetState, ZeroUnit
from tests.viz_app.text.test_terms import unwanted
from tests.viz_app.text.walked import spare
from viz_app.commands.main import app as commands
from viz_app.features import (
    VIEWS,
    Benchmark,
    Claims,
    Compare,
    Connectivity,
    Forecasting,
    Gates,
    GradientFlow,
    Halves,
    Intervene,
    Layers,
    Memory,
    Retention,
    Saturation,
    Sentiment,
    SentimentScores,
    Start,
    StepThrough,
    Tasks,
    Techniques,
    Text,
    Training,
    Tutorial,
    WhileLearning,
    view_of,
)
from viz_app.features.claims import data as claims
from viz_app.kit import export
from viz_app.kit.choice import KINDS
from viz_app.kit.figure_layout import Layout
from viz_app.kit.library import BENCH
from viz_app.kit.recordings import HERE
from viz_app.kit.view import View, ViewError

RUN = "adding-lstm"
CHOSEN: list[View] = [
    Gates(
        RUN,
        290,
        "recurrent/l0",
        3,
        "open",
        (5, 20),
        (1, 4),
        ("gates", "gradients"),
        ("input_gate", "lines"),
        4,
        9,
        own="0=0.25",
    ),
    StepThrough(RUN, 290, "recurrent/l0", 3, "backward", 4, 9, own="0=0.25"),
    Saturation(RUN, 290, "recurrent/l0"),
    Connectivity(RUN, ("adding-gru",), 3, 30, True, 290),
    GradientFlow(RUN, ("adding-gru",), 3.0),
    WhileLearning(RUN, ("adding-gru",)),
    Memory(RUN, ("adding-gru",), True),
    Training(RUN),
    Retention(),
    Benchmark("seconds", str(BENCH)),
    Claims("copy", str(claims.FOLDER)),
    Claims("gradient_decay", None, True),
    Tasks("delayed_recall", None, None, 9, 3, 2, seed=5),
    Tasks("adding", "hs97", 40),
    Tasks("flip_flop", chance=0.2),
    Tutorial("stock"),
    Layers("layers-gru-lstm", 3, "gradient"),
    Halves("both-ways-ends", ("both-ways-last",)),
    Techniques("aid-weather", ("aid-weather-plateau",), "plateau"),
    Compare(RUN, (f"{RUN}@290",), 0, "recurrent/l0", 3, "open", ("input_gate",), 4, ("a", "b")),
    Sentiment("reviews-gru", "the acting is good, but the story is dull"),
    SentimentScores("reviews-gru", ("reviews-rnn",)),
    Forecasting("forecast-dengue-4-gru", 3),
    Compare(RUN, ("adding-gru@0", "adding-rnn"), 290, None, 3),
    Intervene(
        RUN,
        "recurrent/l0",
        3,
        "forgets_all",
        pictures=("cell_state",),
        unit=4,
        own="0=0.25",
    ),
    Intervene(RUN, does=(Clamp("forget_gate", 0.5, (3, 7), range(9)), ZeroUnit(2, [4, 9]))),
    Intervene(RUN, does=(Bias("input_gate", -2), SetState("cell_state", 0.1, 9))),
    Intervene(RUN, example=3, does=()),
    Text("characters-gru", "Alice ", 0.5, 3, 60, 7, ((20, 1.0, None), (40, 0.9, 5)), "quotes"),
    Start("leaky", "6to20,20=0.57", ("input_gate", "forget_gate")),
    Text("characters-lstm", length=30, signal="cell_state", unit=5),
]
"""A view of each kind, with no choice left to it."""

USUAL: list[View] = [
    kind(*(RUN for part in fields(kind) if part.default is MISSING)) for kind in map(view_of, VIEWS)
]
"""And with every choice left to it."""


def ids(view: View) -> str:
    """What a case is called."""
    return f"{view.name}{'' if view in USUAL else '-chosen'}"


def drawn(view: View) -> str:
    """The chart, as one text."""
    return export.render(view.chart(), "json").decode()


def test_there_is_a_case_of_every_view() -> None:
    """With all that can be chosen, each unlike what it would be by itself."""
    assert {view.name for view in CHOSEN} == set(VIEWS)
    for name in VIEWS:
        made = {part for view in CHOSEN if view.name == name for part in view.given()}
        assert made == {part.name for part in fields(view_of(name))} <= set(KINDS)


@pytest.mark.parametrize("view", CHOSEN + USUAL, ids=ids)
def test_an_address_is_the_value(view: View) -> None:
    """Written and read again it is the same, and so is the key of what is computed of it."""
    query = view.to_query()
    assert all(isinstance(text, str) for text in query.values())
    again = type(view).of(query)
    assert again == view
    assert hash(again) == hash(view)
    assert type(view).of(query | {"nothing": "of it"}) == view


@pytest.mark.parametrize("view", CHOSEN + USUAL, ids=ids)
def test_who_cannot_see_it_is_told_what_it_shows(view: View) -> None:
    """In whole sentences with numbers, none of them longer than can be listened to."""
    told = view.alternative()
    assert re.search(r"\d.*[.?!”]$", told, re.DOTALL), told
    assert spare(told) == [], told
    assert "**" not in told
    assert unwanted({"told": told}) == []


@pytest.mark.parametrize("view", [GradientFlow(RUN), Connectivity(RUN), Tasks()], ids=ids)
def test_a_figure_is_heard_as_one_sentence_not_mark_by_mark(view: View) -> None:
    """Its SVG is an image of the same words; within it titles alone have a name."""
    text = export.render(view.figure().set(Layout()), "svg").decode()
    labels = re.findall(r'aria-label="([^"]*)"', text)
    assert unescape(labels[0]) == view.alternative()
    assert [label for label in labels[1:] if "itle text" not in label] == []


@pytest.mark.parametrize("view", CHOSEN, ids=ids)
def test_the_lines_of_python_draw_it(view: View, tmp_path: Path) -> None:
    """As they stand; only where the file goes differs."""
    path = tmp_path / "drawn.json"
    code, count = re.subn(rf'"{view.name}\.svg"', repr(str(path)), view.code())
    assert count == 1
    exec(compile(code, "snippet", "exec"), {})
    assert path.read_text() == drawn(view)


@pytest.mark.parametrize("view", CHOSEN, ids=ids)
def test_the_command_sets_the_same_figure(view: View, tmp_path: Path) -> None:
    """And the lines of Python that set it: the same file, with where it comes from in it."""
    layout = Layout(millimetres=200.0, points=8.0, theme="dark")
    command, code = tmp_path / "command.json", tmp_path / "code.json"
    words = shlex.split(view.command(layout).replace(f"{view.name}.svg", str(command)))[1:]
    result = CliRunner().invoke(commands, words)
    assert result.exit_code == 0, result.output
    lines = view.code_of_figure(layout).replace(f'"{view.name}.svg"', repr(str(code)))
    lines = lines.replace(f'"{view.name}.nc"', repr(str(tmp_path / "numbers.nc")))
    exec(compile(lines, "snippet", "exec"), {})
    assert command.read_text() == code.read_text()
    about = json.loads(code.read_text())["usermeta"]["gatescope"]
    assert about["view"] == view.name
    for name, text in view.texts().items():
        if name not in ("run", "others", "checkpoint"):
            assert about[f"shown_{name}"] == text
    assert about.get("run", "") == ", ".join(view.names())


@pytest.mark.parametrize("view", USUAL, ids=ids)
def test_what_is_left_to_a_view_is_said(view: View) -> None:
    """Complete, it draws the same; brief again, nothing is left that it would choose itself."""
    complete = view.shown(HERE)
    assert drawn(complete) == drawn(view)
    brief = complete.brief(HERE)
    assert not {name for name in brief.given() if KINDS[name].brief}
    assert drawn(brief) == drawn(view)


@pytest.mark.parametrize("view", CHOSEN, ids=ids)
def test_what_is_not_there_is_refused_by_what_is(view: View) -> None:
    """Every choice that has an end: its name, what was asked for, and what there is."""
    for name, among in view.among(HERE).items():
        wrong: Any = "no such" if isinstance(among.usual, str) else 10**6
        with pytest.raises(ViewError, match=rf"^{name} must be .*, got {wrong!r}$"):
            view.but(**{name: wrong}).complete()


@pytest.mark.parametrize(
    ("query", "said"),
    [({"example": "three"}, "example cannot be 'three'"), ({"window": "9"}, "window cannot be")],
)
def test_a_bad_text_is_refused(query: dict[str, str], said: str) -> None:
    """In one sentence; a view without a run too."""
    with pytest.raises(ViewError, match=said):
        Gates.of({"run": RUN} | query)
    with pytest.raises(ViewError, match="'gates' needs a value for run"):
        Gates.of({})


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (Sentiment(RUN), f"{RUN} does not classify a sentence"),
        (SentimentScores(RUN), f"{RUN} does not classify a sentence"),
        (Forecasting(RUN), f"{RUN} forecasts no series"),
        (Text(RUN), f"{RUN} was not trained on the book"),
    ],
)
def test_a_run_on_another_task_is_refused(view: View, said: str) -> None:
    """In one sentence that names one that would do."""
    with pytest.raises(ViewError, match=f"{said}.*: name a run on the task"):
        view.chart()


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (Halves("both-ways-last", ()), "'halves' takes two runs, got 1"),
        (Halves(RUN), "does not read backward"),
        (Techniques("aid-order"), "'techniques' takes two runs, got 1"),
    ],
)
def test_a_pair_is_two_runs_of_its_kind(view: View, said: str) -> None:
    """Others are refused in one sentence."""
    with pytest.raises(ViewError, match=said):
        view.chart()


@pytest.mark.parametrize("view", [Memory(RUN), Connectivity(RUN), Compare(RUN)], ids=ids)
def test_a_command_is_told_every_run(view: View) -> None:
    """Those beside a run are found by the view alone."""
    words = view.command(Layout()).split()
    start, end = words.index(view.name) + 1, words.index("--out")
    assert tuple(words[start:end]) == view.names()
    assert len(view.names()) == 3


def test_every_choice_is_an_option_of_the_command() -> None:
    """What a value can say, a command line can."""
    command: Any = get_command(commands)
    options = {part.name for part in command.commands["figure"].commands["view"].params}
    assert set(KINDS) - {"run", "others"} <= options
    assert {"runs"} <= options
