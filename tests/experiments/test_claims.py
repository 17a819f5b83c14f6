"""Claims: their runs, their numbers on hand-made runs, every branch of a verdict, and the file."""

import json
import math
from collections.abc import Mapping
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gatescope import Run
from gatescope.analysis import Interval
from gatescope.experiments import ResultError
from gatescope.experiments.claims import (
    CLAIMS,
    Claim,
    ClaimConfig,
    Part,
    Published,
    claim_of,
    load_claim,
    save_claim,
    verdict_of,
)
from gatescope.experiments.claims.judging import interval_of, of_all, part_of
from gatescope.experiments.claims.learning import below_at, right_at
from gatescope.experiments.claims.rows import cell_of, row, together
from gatescope.training import Progress, TrainConfig, build_model

TRAINED = [key for key, claim in CLAIMS.items() if claim.trains]


def made(
    config: TrainConfig, *, loss: float = 1.0, accuracy: float = 0.0, solved: int | None = None
) -> Run:
    """A run with chosen scores; its history reaches them at both evaluations up to ``solved``."""
    weights = build_model(config).state_dict()
    steps = (0, 50, 100) if solved is None else (0, solved - 50, solved)
    best = 1.0 if solved is not None and config.stop_accuracy else accuracy
    history = tuple(
        Progress(
            step=step, max_steps=config.max_steps, train_loss=math.nan,
            loss=loss if step else 1.0, accuracy=best if step else 0.0,
            learning_rate=1e-3, gradient_norm=1.0, seconds=2.0,
        )
        for step in steps
    )  # fmt: skip
    return Run(config, history, {0: weights, steps[-1]: weights}, (), loss, accuracy, 9, 2.0)


def runs_of(claim: Claim, scores: Mapping[tuple[str, int], dict[str, Any]]) -> dict[str, Run]:
    """All runs of a claim, each seed with the same scores, by (variant, value)."""
    places = claim.budget.places()
    return {
        label: made(config, **scores[places[label].line, places[label].at])
        for label, config in claim.configs().items()
    }


def met(claim: Claim, runs: Mapping[str, Run]) -> dict[str, bool]:
    """Which parts came out."""
    return {part.key: part.met for part in claim.measure(runs).parts}


@pytest.mark.parametrize("key", CLAIMS)
def test_a_claims_runs_are_those_of_its_budget(key: str) -> None:
    """One for each variant, value and seed, each different; a claim at the start trains none."""
    claim = CLAIMS[key]
    budget, configs = claim.budget, claim.configs()
    expected = len(budget.variants) * sum(len(budget.seeds_of(at)) for at in budget.values)
    assert len(configs) == (expected if claim.trains else 0)
    assert len({config.model_dump_json() for config in configs.values()}) == len(configs)
    for label, config in configs.items():
        line, at, seed = label.split("/")
        assert config.task_options[budget.option] == int(at)
        assert config.seed == int(seed)
        assert line in (config.cell, f"{config.cell}:{config.initialization}")
    assert ClaimConfig(key=key).configs() == configs
    assert claim.sources


def test_values_that_are_to_be_independent_share_no_seed() -> None:
    """Chrono's draws scale with T_max: the same seed would be the same check four times."""
    budget = CLAIMS["chrono_timescales"].budget
    seeds = [seed for at in budget.values for seed in budget.seeds_of(at)]
    assert len(set(seeds)) == len(seeds) == 80
    for claim in CLAIMS.values():  # what is judged takes five seeds; a long run is reported only
        judged = set(claim.budget.values) - ({100} if claim.key == "copy" else set())
        assert all(len(claim.budget.seeds_of(at)) >= 5 for at in judged)


def test_a_row_is_a_median_with_its_ends_and_its_interval() -> None:
    """Of eight values the interval at 0.9 lies between the second and the seventh."""
    found = row("loss", "rnn", 1, [8.0, 1.0, 2.0, 30.0, 4.0, 5.0, 6.0, 7.0])
    names = ("ours", "lowest", "highest", "low", "high", "count")
    assert [found[name] for name in names] == [5.5, 1, 30, 2, 8, 8]
    few = row("loss", "rnn", 1, [1.0, 2.0, 9.0, 3.0])
    assert (few["low"], few["high"]) == (-math.inf, math.inf)


@pytest.mark.parametrize(("met", "total", "expected"), [
    (0, 0, None), (2, 2, "holds"), (1, 2, "partly"), (2, 3, "partly"), (1, 3, "fails"),
    (0, 1, "fails"), (2, 4, "partly"),
])  # fmt: skip
def test_a_verdict_counts_the_parts(met: int, total: int, expected: str | None) -> None:
    """All, at least half, fewer."""
    parts = tuple(Part(str(k), 1.0, 1.0 if k < met else 2.0, True) for k in range(total))
    assert verdict_of(parts) == expected
    if parts:  # a part that decides is enough to fail, and not enough to hold
        missed, came = (Part("x", value, 1.0, True, decides=True) for value in (0.0, 1.0))
        assert verdict_of((*parts, came, missed)) == "fails"
        assert verdict_of((*parts, came)) == ("holds" if met == total else "partly")


def part(low: float, high: float, n: int = 5, **more: Any) -> Part:
    """A part that must be at least 1."""
    return Part("x", 1.0, 1.0, True, interval=Interval(1.0, low, high, n, 0.9), **more)


YES, NO, OPEN = part(1.0, 2.0), part(0.1, 0.99), part(0.9, 1.1)


@pytest.mark.parametrize(("parts", "expected"), [
    ((YES, YES), "holds"), ((YES, NO), "partly"), ((NO, NO), "fails"),
    ((YES, OPEN), "undecided"),  # holds or partly
    ((NO, OPEN), "undecided"),  # partly or fails
    ((YES, NO, OPEN, YES), "partly"), ((NO, NO, NO, OPEN), "fails"),
    ((YES, YES, replace(OPEN, decides=True)), "undecided"),
    ((replace(NO, decides=True), YES, OPEN), "fails"),
    ((OPEN, OPEN), "undecided"), ((part(2.0, 3.0, n=4),), "undecided"),
    ((YES, Part("check", 1.0, 1.0, False, check=True)), "holds"),
    ((YES, Part("check", 2.0, 1.0, False, check=True)), "undecided"),
    ((Part("check", 1.0, 1.0, False, check=True),), None),
])  # fmt: skip
def test_a_verdict_that_hangs_on_what_is_undecided_is_so_too(
    parts: tuple[Part, ...], expected: str | None
) -> None:
    """It is told where it would be the same whichever way the undecided parts went."""
    assert verdict_of(parts) == expected


def test_the_worst_of_some_networks_must_be_known_of_all() -> None:
    """One seed of one network at 25 % leaves open that all solve it; a missing row too."""
    rows = [row("accuracy", line, 0, values) for line, values in (
        ("rnn", [1.0, 1.0, 0.25, 1.0, 1.0]), ("gru", [0.99] * 5), ("lstm", [0.98] * 5),
    )]  # fmt: skip
    table = pd.DataFrame(rows)

    def worst(*lines: str) -> Interval:
        found = (interval_of(table, "accuracy", line, 0) for line in lines)
        return of_all(found, at_least=True)

    assert worst("rnn", "gru", "lstm") == Interval(0.98, 0.25, 0.98, 5, 0.9)
    assert part_of("x", worst("rnn", "gru"), 0.97, at_least=True).outcome == "undecided"
    assert part_of("x", worst("gru", "lstm"), 0.97, at_least=True).outcome == "met"
    assert part_of("x", worst("gru", "lstm"), 0.99, at_least=True).outcome == "not_met"
    assert part_of("x", worst("none", "gru"), 0.97, at_least=True).outcome == "undecided"
    highest = of_all([Interval(1, 0, 3, 9, 0.9), Interval(2, 1, 2, 8, 0.9)], at_least=False)
    assert highest == Interval(2, 1, 3, 8, 0.9)


@pytest.mark.parametrize(("value", "at_least", "expected"), [
    (1.0, True, True), (1.0, False, True), (0.9, True, False), (0.9, False, True),
    (1.1, False, False), (math.nan, True, False), (math.nan, False, False),
])  # fmt: skip
def test_a_part_is_met_at_its_bound(value: float, at_least: bool, expected: bool) -> None:
    """The bound itself counts; NaN never."""
    assert Part("x", value, 1.0, at_least).met is expected


ADDING = {
    ("rnn", 100): {"loss": 0.16},
    ("lstm:forget_bias", 100): {"loss": 0.15},
    ("lstm:chrono", 100): {"loss": 0.002, "solved": 400},
    ("gru", 100): {"loss": 0.001, "solved": 250},
}


def test_adding_holds_where_the_rnn_stays_and_the_others_fall() -> None:
    """MSE by network beside the papers'; sequences are steps times the batch of 50."""
    claim = CLAIMS["adding"]
    result = claim.measure(runs_of(claim, ADDING))
    assert result.verdict == "holds"
    assert cell_of(result.table, "loss", "rnn", 100) == 0.16
    assert cell_of(result.table, "loss", "rnn", 100, "paper") == 0.177
    # the first evaluation below a tenth of 1/6 is that of step 350
    assert cell_of(result.table, "sequences", "lstm:chrono", 100) == 350 * 50
    assert cell_of(result.table, "sequences", "lstm:chrono", 100, "paper") == 74_000
    assert math.isnan(cell_of(result.table, "sequences", "rnn", 100))
    assert result.parts[0].value == pytest.approx(0.16 * 6)
    assert result.seconds == 2.0 * len(claim.configs())


@pytest.mark.parametrize(
    ("changes", "missed", "verdict"),
    [
        ({("rnn", 100): {"loss": 0.1}}, {"rnn_stays"}, "partly"),
        ({("gru", 100): {"loss": 0.02}}, {"gru_solves"}, "partly"),
        (
            {("gru", 100): {"loss": 0.1}, ("lstm:chrono", 100): {"loss": 0.16}},
            {"gru_solves", "lstm_solves"},
            "fails",
        ),
    ],
)
def test_adding_fails_part_by_part(changes: Any, missed: set[str], verdict: str) -> None:
    """Each bound on its own."""
    claim = CLAIMS["adding"]
    result = claim.measure(runs_of(claim, ADDING | changes))
    assert {part.key for part in result.parts if not part.met} == missed
    assert result.verdict == verdict


def test_one_seed_that_fails_leaves_a_part_open() -> None:
    """Of five GRUs one has not solved it: the median has, its interval reaches up to 0.15."""
    claim = CLAIMS["adding"]
    runs = runs_of(claim, ADDING)
    label = "gru/100/1"
    runs[label] = made(runs[label].config, loss=0.15)
    result = claim.measure(runs)
    assert {part.key for part in result.parts if not part.met} == {"gru_solves"}
    assert result.parts[2].outcome == "undecided"
    assert result.parts[2].interval == Interval(
        pytest.approx(0.006), pytest.approx(0.006), pytest.approx(0.9), 5, 0.9
    )
    assert result.verdict == "undecided"
    columns = ("lowest", "ours", "highest")
    found = [cell_of(result.table, "loss", "gru", 100, column) for column in columns]
    assert found == pytest.approx([0.001, 0.001, 0.15])
    # the one that never gets there counts as infinite in the median of the sequences
    assert cell_of(result.table, "sequences", "gru", 100) == 200 * 50
    assert cell_of(result.table, "sequences", "gru", 100, "highest") == math.inf


def test_it_is_below_its_bound_at_the_bound() -> None:
    """A tenth of the baseline's loss counts; a hair more does not, and never is infinite."""
    config = CLAIMS["adding"].configs()["gru/100/0"]
    bound = 0.1 * config.make_task().baseline_loss
    assert below_at(made(config, loss=bound, solved=400)) == 350
    assert below_at(made(config, loss=math.nextafter(bound, 1), solved=400)) == math.inf
    order = CLAIMS["temporal_order"].configs()["lstm:chrono/100/0"]
    assert right_at(made(order, accuracy=0.97)) == 100
    assert right_at(made(order, accuracy=0.9699)) == math.inf


@pytest.mark.parametrize(
    ("chrono", "bias", "factor", "verdict"),
    [
        # it never solves: of its 100 steps a factor of at least 1 is known, which decides nothing
        ({"accuracy": 1.0, "solved": 100}, {"accuracy": 0.25}, 1.0, "undecided"),
        ({"accuracy": 1.0, "solved": 100}, {"accuracy": 1.0, "solved": 250}, 2.5, "holds"),
        ({"accuracy": 1.0, "solved": 200}, {"accuracy": 1.0, "solved": 250}, 1.25, "fails"),
        ({"accuracy": 0.9}, {"accuracy": 1.0, "solved": 250}, 0.0, "fails"),
        ({"accuracy": 0.9}, {"accuracy": 0.25}, 0.0, "undecided"),
    ],
)
def test_temporal_order(chrono: Any, bias: Any, factor: float, verdict: str) -> None:
    """Chrono solves it, and in at most half the steps; an unsolved run has at least all its own."""
    claim = CLAIMS["temporal_order"]
    scores = {("lstm:chrono", 100): chrono, ("lstm:forget_bias", 100): bias}
    result = claim.measure(runs_of(claim, scores))
    assert cell_of(result.table, "times_faster", "lstm:chrono", 100) == factor
    found = result.parts[1]
    assert found.interval is not None
    assert math.isinf(found.interval.high) == ("solved" not in bias)
    assert result.verdict == verdict


@pytest.mark.parametrize(
    ("bias", "chrono", "missed"),
    [
        (0.31, 0.07, set()),
        (0.40, 0.07, {"bias_passes"}),
        (0.31, 0.20, {"chrono_lower"}),
        (0.40, 0.40, {"bias_passes", "chrono_passes", "chrono_lower"}),
    ],
)
def test_copy_is_judged_at_the_short_delay(bias: float, chrono: float, missed: set[str]) -> None:
    """Against 10 ln 8 / 50 = 0.4159; what happens at the long delay is reported only."""
    claim = CLAIMS["copy"]
    scores = {
        ("lstm:forget_bias", 30): {"loss": bias}, ("lstm:chrono", 30): {"loss": chrono},
        ("lstm:forget_bias", 100): {"loss": 9.0}, ("lstm:chrono", 100): {"loss": 9.0},
    }  # fmt: skip
    result = claim.measure(runs_of(claim, scores))
    assert {part.key for part in result.parts if not part.met} == missed
    assert result.parts[0].value == pytest.approx(bias / (10 * math.log(8) / 50))
    assert result.parts[2].value == pytest.approx(chrono / bias)
    assert cell_of(result.table, "loss", "lstm:chrono", 100) == 9.0
    paper = cell_of(result.table, "loss", "lstm:forget_bias", 100, "paper")
    assert paper == pytest.approx(10 * math.log(8) / 120, abs=5e-5)


def test_copy_is_not_told_from_one_seed() -> None:
    """0.835, 0.860 and 1.002 of the baseline, and two more: three below 0.9 do not decide it."""
    claim = CLAIMS["copy"]
    unit = 10 * math.log(8) / 50
    losses = {"lstm:forget_bias": [0.835, 0.860, 1.002, 0.84, 0.85], "lstm:chrono": [0.1] * 5}
    places = claim.budget.places()
    runs = {
        label: made(config, loss=unit * losses[places[label].line][places[label].seed])
        for label, config in claim.configs().items()
    }
    result = claim.measure(runs)
    assert [part.outcome for part in result.parts] == ["undecided", "met", "met"]
    assert result.verdict == "undecided"
    ratios = sorted(0.1 / loss for loss in losses["lstm:forget_bias"])
    found = result.parts[2].interval
    assert found is not None
    assert (found.low, found.estimate, found.high) == pytest.approx(tuple(ratios[::2]))


@pytest.mark.parametrize(
    ("rnn", "gated", "without", "few", "missed"),
    [
        (0.2, 1.0, 0.3, 1.0, set()),
        (0.2, 1.0, 1.0, 1.0, {"no_gate_fails"}),
        (1.0, 0.4, 1.0, 1.0, {"rnn_fails", "gate_with", "no_gate_fails"}),
        (0.2, 1.0, 0.3, 0.5, {"all_without"}),
    ],
)
def test_distractors(
    rnn: float, gated: float, without: float, few: float, missed: set[str]
) -> None:
    """Only the network with the forget gate is right with the most of them."""
    claim = CLAIMS["distractors"]
    claim = replace(claim, budget=replace(claim.budget, values=(0, 3)))
    many = {"rnn": rnn, "lstm:chrono": gated, "lstm_no_forget": without}
    budget = claim.budget
    scores = {
        (line, at): {"accuracy": many[line] if at else few}
        for line in budget.variants
        for at in budget.values
    }
    result = claim.measure(runs_of(claim, scores))
    assert {part.key for part in result.parts if not part.met} == missed
    drawn = result.curves[result.curves.line == "lstm_no_forget"]
    assert drawn[["x", "value"]].values.tolist() == [[0, few], [3, without]]


@pytest.mark.parametrize("key", TRAINED)
def test_with_runs_missing_there_are_numbers_and_no_verdict(key: str) -> None:
    """From none to all but one."""
    claim = CLAIMS[key]
    configs = claim.configs()
    label = next(iter(configs))
    none = claim.measure({})
    assert (none.verdict, none.done, len(none.table)) == (None, 0, 0)
    one = claim.measure({label: made(configs[label], loss=0.1, accuracy=0.5)})
    assert (one.verdict, one.done, one.total) == (None, 1, len(configs))
    assert len(one.table) > 0
    assert len(one.curves) > 0


def test_a_run_of_another_claim_is_refused() -> None:
    """By its label."""
    config = CLAIMS["adding"].configs()["gru/100/0"]
    with pytest.raises(ValueError, match="claim 'copy' has no run 'gru/100/0'"):
        CLAIMS["copy"].measure({"gru/100/0": made(config)})


@pytest.mark.parametrize("make", [claim_of, lambda key: ClaimConfig(key=key)])
def test_an_unknown_claim_lists_those_there_are(make: Any) -> None:
    """In one line."""
    with pytest.raises(ValueError, match="there is no claim 'addng'; available: adding, temporal"):
        make("addng")


def test_a_claim_to_run_knows_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same after JSON; with another budget it is another one, and the old is refused."""
    before = ClaimConfig(key="copy")
    assert ClaimConfig(**before.model_dump()) == before
    assert before.budget != ClaimConfig(key="adding").budget
    claim = CLAIMS["copy"]
    monkeypatch.setitem(CLAIMS, "copy", replace(claim, budget=replace(claim.budget, seeds=(5,))))
    assert ClaimConfig(key="copy") != before
    with pytest.raises(ValueError, match="budget of claim 'copy' has changed"):
        ClaimConfig(**before.model_dump())


def test_infinite_and_missing_ends_survive_their_file(tmp_path: Path) -> None:
    """As valid JSON, and with the same outcome."""
    claim = CLAIMS["adding"]
    parts = (part(-math.inf, math.inf), part(1.0, math.inf), part(math.nan, math.nan, n=0),
             Part("check", 1.0, 2.0, False, check=True))  # fmt: skip
    made_up = replace(claim.measure({}), parts=parts)
    path = save_claim(claim, made_up, tmp_path / "adding.json")
    assert "Infinity" not in path.read_text()
    found = load_claim(claim, path).parts
    assert [one.outcome for one in found] == ["undecided", "met", "undecided", "met"]
    assert found[:2] == parts[:2]
    assert found[3] == parts[3]


def test_a_result_survives_its_file(tmp_path: Path) -> None:
    """To five significant digits, with NaN where there is no number, and the same verdict."""
    claim = CLAIMS["adding"]
    result = claim.measure(runs_of(claim, ADDING))
    found = load_claim(claim, save_claim(claim, result, tmp_path / "new" / "adding.json"))
    assert (found.key, found.verdict) == ("adding", "holds")
    for old, new in zip(result.parts, found.parts, strict=True):
        assert (old.outcome, old.bound, old.key) == (new.outcome, new.bound, new.key)
        assert old.interval is not None
        assert new.interval is not None
        assert astuple(new.interval) == pytest.approx(astuple(old.interval), rel=1e-4)
    assert (found.done, found.total, found.seconds) == (20, 20, 40.0)
    pd.testing.assert_frame_equal(found.table, result.table, check_dtype=False, rtol=1e-4)
    pd.testing.assert_frame_equal(found.curves, result.curves, check_dtype=False, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda said: said | {"schema": 99}, "format 99"),
        (lambda said: said | {"key": "copy"}, "another budget"),
        (lambda said: said | {"budget": "x"}, "another budget"),
        (lambda said: said | {"schema": 1}, "format 1"),
        (lambda said: {"schema": 2}, "key"),
    ],
)
def test_a_file_that_is_not_this_claims_is_refused(tmp_path: Path, change: Any, words: str) -> None:
    """A newer version, another claim, another budget, half a file."""
    claim = CLAIMS["gradient_decay"]
    claim = replace(claim, observe=lambda budget, runs: ([], together([])), judge=lambda *_: ())
    path = save_claim(claim, claim.measure({}), tmp_path / "x.json")
    load_claim(claim, path)
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(ResultError, match=words):
        load_claim(claim, path)


def test_published_numbers_name_rows_that_are_measured() -> None:
    """Each stands beside a number of ours: variants and values of its own budget."""
    for claim in CLAIMS.values():
        for (_, line, at), paper in claim.published.items():
            assert line in claim.budget.variants
            assert at in claim.budget.values
            assert isinstance(paper, Published)
            assert paper.source
