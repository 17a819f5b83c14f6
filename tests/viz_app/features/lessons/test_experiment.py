"""Lesson 6 in numbers: counted anew from the tables that are shipped, and from a planted one."""

import csv
from collections import defaultdict
from statistics import median
from typing import Any

import pandas as pd
import pytest
import torch

from gatescope.experiments import load_result
from gatescope.experiments.retention import retention_row
from gatescope.training import build_model, train
from viz_app.features.lessons import measured
from viz_app.features.lessons.builds import smallest50
from viz_app.features.lessons.facts import experiment, facts_of
from viz_app.features.lessons.lesson import lesson
from viz_app.kit.library import RESULTS
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.sharing import Store


def test_what_the_experiment_says() -> None:
    """The file itself, counted by hand."""
    facts = facts_of("experiment")
    runs = defaultdict(list)
    with (RESULTS / "retention.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            runs[row["variant"], int(row["delay"])].append(row)

    def solved(variant: str, delay: int) -> int:
        return sum(row["solved"] == "True" for row in runs[variant, delay])

    assert facts["curve"] == pytest.approx(
        [
            100 * median(float(row["accuracy"]) for row in runs["lstm", delay])
            for delay in facts["at"]
        ]
    )
    assert facts["last_held"] == 10
    assert (facts["rnn_short"], facts["lstm_short"]) == (solved("rnn", 20), solved("lstm", 20))
    assert (facts["chrono_long"], facts["lstm_long"]) == (
        solved("lstm:chrono", 200), solved("lstm", 200)
    )  # fmt: skip
    assert facts["rnn_middle"] == solved("rnn", 100)
    assert facts["rnn_shorter"] == solved("rnn", 10)
    assert facts["knows_half"] == pytest.approx(50 + 50 / facts["symbols"])
    assert (facts["who"], facts["says"], facts["differs"]) == ("rnn", "few", "biases")
    assert facts["runs"] * facts["seeds"] == sum(map(len, runs.values()))
    seconds = sum(float(row["seconds"]) for rows in runs.values() for row in rows)
    assert facts["all_minutes"] == round(seconds / 60)
    assert facts["guess"] == pytest.approx(1 / facts["symbols"]) == smallest50.GUESSING
    assert facts["left"] == pytest.approx(0.5**20)


def test_the_interval_of_the_closing_question() -> None:
    """Wilson's, by its equation; an exact one (Clopper and Pearson) says the same of one half."""
    facts = facts_of("experiment")
    seeds, solved, z = facts["seeds"], facts["rnn_middle"], 1.959964
    share = solved / seeds
    middle = (share + z**2 / (2 * seeds)) / (1 + z**2 / seeds)
    half = z / (1 + z**2 / seeds) * (share * (1 - share) / seeds + z**2 / (4 * seeds**2)) ** 0.5
    assert facts["level"] == 0.95
    assert (facts["rule_low"], facts["rule_high"]) == pytest.approx(
        (middle - half, middle + half), abs=1e-5
    )
    assert solved == 0
    assert 1 - 0.025 ** (1 / seeds) < 0.5


def test_what_a_step_leaves_of_the_gradient() -> None:
    """Torch's own layers and autograd, on other examples."""
    facts = facts_of("experiment")
    config, _ = load_result(RESULTS)
    for name in ("rnn", "lstm"):
        left = []
        for seed in config.seeds:
            settings = config.config(name, 20, seed)
            model: Any = build_model(settings)
            batch = settings.make_task().sample(100, 7)
            cell = (torch.nn.RNNCell if name == "rnn" else torch.nn.LSTMCell)(
                batch.inputs.shape[2], settings.hidden_size
            )
            cell.load_state_dict(
                {key[: -len("_l0")]: value for key, value in model.recurrent.state_dict().items()}
            )
            state, states = None, []
            for x in batch.inputs:
                state = cell(x, state)
                states.append(state if name == "rnn" else state[0])
                states[-1].retain_grad()
            loss = torch.nn.functional.cross_entropy(
                model.readout(states[-1]), batch.targets[batch.end], reduction="sum"
            )
            loss.backward()
            norms = [float(h.grad.norm(dim=1).median()) for h in (states[0], states[-1])]
            left.append(norms[0] / norms[1])
        assert facts[f"{name}_each"] == pytest.approx(median(left) ** (1 / 20), rel=0.05)


def test_another_table_gives_other_answers() -> None:
    """The LSTM solves everything there: who, and what may be said, follow."""
    config, table = load_result(RESULTS)
    table = table.copy()
    table.loc[table["variant"] == "lstm", ["solved", "accuracy"]] = [True, 1.0]
    table.loc[table["variant"] == "rnn", "solved"] = [
        seed < 4 for seed in table.loc[table["variant"] == "rnn", "seed"]
    ]
    here = Recordings(HERE.run, HERE.library, Store(2**26))
    here.get(("retention",), lambda: (config, table))
    facts, told = experiment.facts(here), lesson("experiment")
    assert (facts["who"], facts["says"]) == ("lstm", "open")
    assert facts["curve"] == (100.0,) * 5
    assert "{" not in told.questions["who"].reason(facts)


def test_the_smallest_is_the_smallest_of_the_table() -> None:
    """Every network that was trained is asked for; only that one reaches the goal."""
    table = pd.read_csv(measured.SMALLEST)
    assert len(table) == len(measured.smallest_runs())
    reached = {}
    for cell in range(3):
        for start in range(3):
            for units in range(len(measured.UNITS)):
                state = (float(cell), float(start), float(units))
                verdict = smallest50.BUILD.checked(state, HERE)
                rows = smallest50.BUILD.rows(state)
                assert verdict.reached <= bool(len(rows) and rows["solved"].all())
                if verdict.reached:
                    reached[state] = verdict.numbers["parameters"]
    assert len(reached) == 1
    holds = [
        rows["parameters"].iloc[0]
        for _, rows in table.groupby(["variant", "units"])
        if rows["solved"].all()
    ]
    assert list(reached.values()) == [min(holds)] == [facts_of("experiment")["fewest"]]


def test_a_shipped_run_is_what_training_gives() -> None:
    """One that is quick, trained anew."""
    configs = measured.smallest_runs()
    network = measured.Smallest("lstm:chrono", 8)
    run = train(configs[network, 0])
    row = retention_row(network.variant, measured.DELAY, run)
    table = measured.smallest()
    mine = (table["variant"] == network.variant) & (table["units"] == network.units)
    (shipped,) = table[mine & (table["seed"] == 0)].to_dict("records")
    for name in ("parameters", "solved"):
        assert row[name] == shipped[name]
    assert row["accuracy"] == pytest.approx(shipped["accuracy"], abs=0.02)


def test_the_tables_are_small() -> None:
    """What lessons have measured stays below half a megabyte."""
    assert 0 < sum(path.stat().st_size for path in measured.FOLDER.iterdir()) < 5e5
