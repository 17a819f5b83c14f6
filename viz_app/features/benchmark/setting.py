"""How a comparison was done, at the terminal too: its settings, its measures, and its rule."""

import math
import shlex

from gatescope.experiments.comparison import Comparison, ComparisonConfig, rule_of
from gatescope.training import held_out_examples
from viz_app.features.benchmark.data import loss_name, score_name, variant_name
from viz_app.kit.command_line import as_text, negated, option_names, options_of_tasks
from viz_app.kit.run_words import task_label
from viz_app.kit.words import commas, digits, number, percent, some, spoken
from viz_app.text import say

OWN_WORDS = ("task", "task_options", "learning_rates", "aim", "aim_of")


def what(config: ComparisonConfig) -> str:
    """What is trained, on what, how, and for how long."""
    task = config.make_task()
    rates = [number(config.base.learning_rate)] + [
        say("bench.rate_of", rate=number(rate), network=variant_name(variant))
        for variant, rate in config.learning_rates.items()
    ]
    sizes = [
        some("layers", config.base.num_layers) if config.base.num_layers > 1 else "",
        say("bench.both_ways") if config.base.bidirectional else "",
    ]
    units = some("units", config.base.hidden_size)
    clip = "retention.no_clip" if config.base.max_grad_norm is None else "retention.clip"
    return say(
        "bench.what",
        task=task_label(config.base.task, task.length),
        networks=some("networks", len(config.networks())),
        seeds=some("seeds", len(config.seeds)),
        size=commas([say(f"bench.size_{config.match}", units=units), *filter(None, sizes)]),
        optimizer=say(f"train.optimizer_{config.base.optimizer}"),
        rate=commas(rates),
        batch=config.base.batch_size,
        clip=say(clip, clip=config.base.max_grad_norm),
        steps=config.base.max_steps,
    )


def how(result: Comparison) -> str:
    """What the numbers of the table are."""
    every = some("training_steps", result.config.base.evaluate_every)
    parts = [
        say("bench.how", answers=int(held_out_examples(result.config.make_task()).scored.sum())),
        say("bench.how_time", aim=aim_text(result), every=every),
    ]
    seen = {reference.sees: reference for reference in result.references if reference.examples}
    for sees, reference in seen.items():
        parts.append(say(f"bench.how_{sees}", steps=reference.steps, examples=reference.examples))
    lost = int((~result.table["loss"].map(math.isfinite)).sum())
    if lost:
        parts.append(say("bench.how_lost", runs=some("runs", lost)))
    return spoken(*parts)


def aim_text(result: Comparison) -> str:
    """What the steps and seconds are measured to."""
    aim, task = result.config.goal(), result.config.make_task()
    if aim.of == "score":
        return say("bench.aim_score", what=score_name(task), value=percent(aim.value))
    return say("bench.aim_loss", what=loss_name(task), value=digits(aim.value))


def wall(result: Comparison) -> str:
    """How long training took by the clock on the wall, all runs together."""
    minutes = max(1, round(float(result.table["wall_seconds"].sum()) / 60))
    return say("bench.wall", minutes=some("minutes", minutes))


def rule() -> str:
    """By which rule the sentences are told."""
    scores, ratios = rule_of("score"), rule_of("loss")
    return say(
        "bench.rule", level=percent(scores.level), seeds=some("seeds", scores.n),
        points=number(100 * scores.smallest), ratio=percent(ratios.smallest),
    )  # fmt: skip


def command(config: ComparisonConfig) -> str:
    """A comparison at the terminal; empty where its data cannot be named there."""
    options = dict(config.base.task_options)
    if not options.keys() <= options_of_tasks().keys():
        return ""
    usual = ComparisonConfig().side_by_side()
    given = options | {
        name: value
        for name, value in config.side_by_side().items()
        if value != usual[name] and name not in OWN_WORDS
    }
    if config.learning_rates:
        rates = tuple(f"{name}={rate:g}" for name, rate in config.learning_rates.items())
        given["learning_rates"] = rates
    if config.aim is not None:
        given[f"aim_{config.aim_of}"] = config.aim
    words = [f"gatescope compare --task {config.base.task}"]
    words += [_option(name, value) for name, value in given.items()]
    return " ".join([*words, f"--out runs/compare-{config.base.task.replace('_', '-')}"])


def _option(name: str, value: object) -> str:
    """A setting as one types it: its name and its values."""
    if value is None:
        return negated(name)
    option = option_names(name)[0]
    if value is True:
        return option
    several = value if isinstance(value, tuple) else (value,)
    return " ".join([option, *(shlex.quote(as_text(part)) for part in several)])
