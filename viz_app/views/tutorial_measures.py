"""What tests each statement: from evidence to a verdict and its numbers."""

import math

import numpy as np

from gatescope import load_run
from gatescope.experiments.tutorial import untrained
from viz_app.views.library import folder_of
from viz_app.views.tutorial_evidence import SOLVED, SURE, Evidence, Finding, Verdict


def vanishing(_: Evidence) -> Finding:
    """Gradients over 50 steps, as the cells begin, and with the forget gate at 1."""
    found = {cell: untrained.arriving(cell, 1) for cell in ("rnn", "lstm", "gru")}
    verdict: Verdict = "holds" if found["lstm"] > 100 * found["rnn"] else "depends"
    return Finding(verdict, found | {"steps": untrained.STEPS, "open": untrained.carousel(1)})


def rnn_gates(_: Evidence) -> Finding:
    """Gates in a recording of each cell."""
    found = {cell: untrained.gates_of(cell) for cell in ("rnn", "lstm", "gru")}
    return Finding("wrong" if found["rnn"] == 0 else "holds", found)


def in_theory(e: Evidence) -> Finding:
    """A unit set by hand that holds; and how often training finds one."""
    rnn, held = e.solved("rnn"), untrained.latch()
    numbers = {"held": held, "delay": int(rnn.index[-1]), "solved": float(rnn.iloc[-1])}
    both = held > 0.99 and numbers["solved"] < 0.5
    return Finding("holds" if both else "depends", numbers)


def distracted(e: Evidence) -> Finding:
    """The claim about distractors: plain RNN, LSTM, LSTM without forget gate."""
    parts = {part.key: part.value for part in e.distractors.parts}
    numbers = {
        "rnn": parts["rnn_fails"], "gate": parts["gate_with"], "without": parts["no_gate_fails"]
    }  # fmt: skip
    disturbed = numbers["rnn"] < 0.5 <= numbers["gate"]
    if not disturbed:
        return Finding("wrong", numbers)
    return Finding("holds" if numbers["without"] < 0.5 else "depends", numbers)


def carousel(_: Evidence) -> Finding:
    """What is left of the gradient along the cell."""
    numbers = {
        "steps": untrained.STEPS, "open": untrained.carousel(1), "nine": untrained.carousel(0.9),
        "default": untrained.carousel(None),
    }  # fmt: skip
    only = numbers["open"] > 0.999 and numbers["nine"] < 0.1
    return Finding("depends" if only else "holds", numbers)


def converges(e: Evidence) -> Finding:
    """Steps until the task was solved, at the longest delay that some RNN solved."""
    rnn = e.solved("rnn")
    delay = int(max((d for d, share in rnn.items() if share > 0), default=rnn.index[0]))
    rows = e.retention[(e.retention["delay"] == delay) & e.retention["solved"]]
    steps = rows.groupby("variant")["solved_at"].median()
    lstms = [name for name in steps.index if name.startswith("lstm")]
    best = min((float(steps[name]) for name in lstms), default=math.inf)
    own = float(steps.get("rnn", math.inf))
    numbers = {
        "delay": delay, "rnn": own, "lstm": best, "rnn_share": float(rnn[delay]),
        "lstm_share": max(float(e.solved(name)[delay]) for name in lstms) if lstms else 0.0,
    }  # fmt: skip
    return Finding("holds" if best < own else "wrong", numbers)


def slower(e: Evidence) -> Finding:
    """Time a step, and the score, of LSTM and RNN on film reviews."""
    times, scores = e.per_step("reviews"), e.means("reviews")
    numbers = {
        "ratio": times["lstm"] / times["rnn"], "lstm": scores["lstm"], "rnn": scores["rnn"],
        "seeds": e.of("reviews")["seed"].nunique(),
    }  # fmt: skip
    better = e.differ("reviews", "lstm", "rnn") > SURE
    if numbers["ratio"] > 1 and better:
        return Finding("holds", numbers)
    return Finding("depends" if numbers["ratio"] > 1 or better else "wrong", numbers)


def _learnt(e: Evidence, cell: str) -> list[str]:
    """The learning rates with which every seed of a cell learnt."""
    rows = e.of("learning_rate")
    rows = rows[rows["setting"].str.startswith(f"{cell} ")]
    worst = rows.groupby("setting", sort=False)["score"].min()
    return [name.split()[1] for name, score in worst.items() if score >= SOLVED]


def tuning(e: Evidence) -> Finding:
    """With how many of the learning rates each cell learnt."""
    rnn, lstm = _learnt(e, "rnn"), _learnt(e, "lstm")
    count = e.of("learning_rate")["setting"].nunique() // 2
    verdict: Verdict = "depends"
    if len(rnn) != len(lstm):
        verdict = "holds" if len(lstm) > len(rnn) else "wrong"
    return Finding(verdict, {"rnn": len(rnn), "lstm": len(lstm), "count": count})


def short(e: Evidence) -> Finding:
    """Plain RNNs on the shortest delay, and on stock returns."""
    rnn = e.solved("rnn")
    rows = e.of("stocks")
    own = rows[rows["setting"] == "rnn"]
    ratio = float((own["loss"] / own["baseline"]).mean())
    numbers = {"delay": int(rnn.index[0]), "solved": float(rnn.iloc[0]), "ratio": ratio}
    if numbers["solved"] < 0.5:
        return Finding("wrong", numbers)
    return Finding("holds" if ratio < 0.95 else "depends", numbers)


def better(e: Evidence) -> Finding:
    """Bits a character of each cell, in short training and of the prepared networks."""
    losses = e.means("text", "loss")
    bits = {cell: loss / math.log(2) for cell, loss in losses.items()}
    rows = e.of("text")
    worst = rows.loc[rows["setting"] == "lstm", "loss"].max()
    best = rows.loc[rows["setting"] == "rnn", "loss"].min()
    long = {cell: load_run(folder_of(f"characters-{cell}")) for cell in ("rnn", "lstm")}
    bits |= {f"{cell}_long": run.test_loss / math.log(2) for cell, run in long.items()}
    both = worst < best and bits["lstm_long"] < bits["rnn_long"]
    return Finding("holds" if both else "depends", bits | {"steps": long["lstm"].steps[-1]})


def gru(e: Evidence) -> Finding:
    """Weights, time a step and score of a GRU beside an LSTM."""
    weights = untrained.weights_of("gru") / untrained.weights_of("lstm")
    times, scores = e.per_step("reviews"), e.means("reviews")
    numbers = {
        "weights": weights, "time": times["gru"] / times["lstm"], "gru": scores["gru"],
        "lstm": scores["lstm"],
    }  # fmt: skip
    as_well = e.differ("reviews", "gru", "lstm") > -SURE
    good = weights < 1 and as_well
    return Finding("holds" if good and numbers["time"] < 1 else "depends", numbers)


def stacking(_: Evidence) -> Finding:
    """The gradient at the first step of the lowest layer, with one and with four layers."""
    one, four = untrained.arriving("lstm", 1), untrained.arriving("lstm", 4)
    verdict: Verdict = "holds" if four < one / 3 else "depends"
    return Finding(verdict, {"one": one, "four": four, "steps": untrained.STEPS})


def remedies(e: Evidence) -> Finding:
    """How much more gradient a GRU keeps; dropout is measured, attention is not."""
    kept = untrained.arriving("gru", 1) / untrained.arriving("rnn", 1)
    scores = e.means("recurrent_dropout")
    return Finding("depends", {"kept": kept, "plain": scores["0"], "dropped": scores["0.2"]})


def convolution(e: Evidence) -> Finding:
    """An LSTM's time in units of a convolution's."""
    short_, long = e.speed["50"], e.speed["400"]
    return Finding("holds" if min(short_, long) > 1 else "wrong", {"short": short_, "long": long})


def film(e: Evidence) -> Finding:
    """Accuracy, and steps half the way, on film reviews."""
    scores, half = e.means("reviews"), e.means("reviews", "half_way")
    sure = e.differ("reviews", "lstm", "rnn") > SURE
    numbers = {
        "lstm": scores["lstm"], "rnn": scores["rnn"], "lstm_half": half["lstm"],
        "rnn_half": half["rnn"], "seeds": e.of("reviews")["seed"].nunique(),
    }  # fmt: skip
    faster = half["lstm"] < half["rnn"]
    verdict: Verdict = "holds" if sure and faster else "depends" if sure or faster else "wrong"
    return Finding(verdict, numbers)


def stock(e: Evidence) -> Finding:
    """Errors against 'no change', and how far seeds differ."""
    rows = e.of("stocks")
    ratios = (rows["loss"] / rows["baseline"]).groupby(rows["setting"]).agg(["mean", "std"])
    numbers = {
        "lstm": float(ratios.loc["lstm", "mean"]), "rnn": float(ratios.loc["rnn", "mean"]),
        "lstm_spread": float(ratios.loc["lstm", "std"]),
        "rnn_spread": float(ratios.loc["rnn", "std"]), "seeds": int(rows["seed"].nunique()),
    }  # fmt: skip
    sure = e.differ("stocks", "lstm", "rnn", "loss") < -SURE
    steadier = numbers["lstm_spread"] < numbers["rnn_spread"]
    beats = numbers["lstm"] < 0.98
    return Finding(
        "holds" if sure and steadier and beats else "depends" if sure else "wrong", numbers
    )


def dropout(e: Evidence) -> Finding:
    """Recurrent dropout on a task that must hold two symbols."""
    scores = e.means("recurrent_dropout")
    numbers = {
        "none": scores["0"],
        "some": scores["0.2"],
        "half": scores["0.5"],
        "much": scores["0.8"],
    }
    return Finding("holds" if numbers["much"] < numbers["none"] - 0.1 else "wrong", numbers)


def tuned(e: Evidence) -> Finding:
    """How far the learning rate moves the score of each cell."""
    means = e.means("learning_rate")
    spread = {
        cell: max(v for k, v in means.items() if k.startswith(cell))
        - min(v for k, v in means.items() if k.startswith(cell))
        for cell in ("rnn", "lstm")
    }
    matters = min(spread.values()) > 0.2
    most = spread["lstm"] > spread["rnn"]
    return Finding("holds" if matters and most else "depends" if matters else "wrong", spread)


def scarce(_: Evidence) -> Finding:
    """A short daily series: the validation loss at its best, and at the end."""
    run = load_run(folder_of("forecast-weather-lstm"))
    losses = [row.loss for row in run.history]
    numbers = {
        "best": min(losses), "last": losses[-1], "at": run.history[int(np.argmin(losses))].step,
        "end": run.history[-1].step,
        "work": untrained.weights_of("lstm") / untrained.weights_of("rnn"),
    }  # fmt: skip
    return Finding("holds" if numbers["last"] > 1.1 * numbers["best"] else "depends", numbers)


def blind_candidate(_: Evidence) -> Finding:
    """How many candidates there are for a thousand inputs."""
    numbers = {"blind": untrained.candidates(True), "right": untrained.candidates(False)}
    return Finding("fault" if numbers["blind"] == 1 else "wrong", numbers)


def last_step(_: Evidence) -> Finding:
    """How many steps each half has seen when it is read at the last one."""
    forward, backward = untrained.steps_seen()
    numbers = {"forward": forward, "backward": backward}
    return Finding("fault" if backward == 1 else "wrong", numbers)


def scaled_with_all(e: Evidence) -> Finding:
    """The same network, scaled with the training part and with all of it."""
    losses = e.means("scaling", "loss")
    train, everything = (math.sqrt(losses[name]) for name in ("train", "all"))
    return Finding("fault", {"train": train, "all": everything})


def plateau(_: Evidence) -> Finding:
    """How often the rate is lowered."""
    numbers = {"equal": untrained.plateau_moves(1e-3), "below": untrained.plateau_moves(1e-5)}
    return Finding("fault" if numbers["equal"] == 0 else "wrong", numbers)


def per_cent(e: Evidence) -> Finding:
    """The same forecasts in three units."""
    return Finding("fault", dict(untrained.per_cent(*e.temperature)))
