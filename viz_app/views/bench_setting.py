"""What was done in a comparison, and what the numbers of its table are."""

import math

from gatescope.experiments.comparison import Comparison, ComparisonConfig
from gatescope.training import held_out_examples
from viz_app.text import name_of, say
from viz_app.views.bench import loss_name, score_name, variant_name
from viz_app.views.settings import digits


def what(config: ComparisonConfig) -> str:
    """What is trained, on what, how, and for how long."""
    task = config.make_task()
    rates = [f"{config.learning_rate:g}"] + [
        say("bench.rate_of", rate=rate, network=variant_name(variant))
        for variant, rate in config.learning_rates.items()
    ]
    sizes = [
        say("bench.layers", count=config.num_layers) if config.num_layers > 1 else "",
        say("bench.both_ways") if config.bidirectional else "",
    ]
    clip = "retention.no_clip" if config.clip is None else "retention.clip"
    return say(
        "bench.what",
        task=say("app.task_label", task=name_of("task", config.task), steps=task.length),
        count=len(config.networks()),
        seeds=len(config.seeds),
        size=", ".join(
            [say(f"bench.size_{config.match}", units=config.hidden_size), *filter(None, sizes)]
        ),
        optimiser=say(f"retention.optimiser_{config.optimiser}"),
        rate=", ".join(rates),
        batch=config.batch_size,
        clip=say(clip, clip=config.clip),
        steps=config.max_steps,
    )


def how(result: Comparison) -> str:
    """What the numbers of the table are."""
    parts = [
        say("bench.how", answers=int(held_out_examples(result.config.make_task()).scored.sum())),
        say("bench.how_time", aim=aim_text(result), every=result.config.evaluate_every),
    ]
    seen = {reference.sees: reference for reference in result.references if reference.examples}
    for sees, reference in seen.items():
        parts.append(say(f"bench.how_{sees}", steps=reference.steps, examples=reference.examples))
    lost = int((~result.table["loss"].map(math.isfinite)).sum())
    if lost:
        parts.append(say("bench.how_lost", count=lost))
    return " ".join(parts)


def aim_text(result: Comparison) -> str:
    """What the steps and seconds are measured to."""
    aim, task = result.config.goal(), result.config.make_task()
    if aim.of == "score":
        return say("bench.aim_score", what=score_name(task), value=aim.value)
    return say("bench.aim_loss", what=loss_name(task), value=digits(aim.value))


def short(value: float) -> str:
    """Three significant digits, without powers of ten."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
