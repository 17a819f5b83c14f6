"""Comparisons at the terminal: a progress bar, Ctrl-C that keeps what is done, files at the end."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from gatescope.experiments.comparison import (
    Comparison,
    ComparisonConfig,
    Measured,
    comparison_of,
    measure,
    measured_of,
    measured_text,
    save_comparison,
)
from gatescope.experiments.comparison.config import REACHED
from gatescope.settings import settings_of
from viz_app.commands import _options as options
from viz_app.commands._sweep import swept, workers
from viz_app.features import Benchmark
from viz_app.features.benchmark import numbers as bench_numbers
from viz_app.features.benchmark import setting as bench_setting
from viz_app.features.benchmark import words as bench_words
from viz_app.kit import export
from viz_app.kit.command_line import options_of_tasks
from viz_app.kit.tables import in_columns
from viz_app.text import say

MEASURED = "measured.json"
"""What was measured beforehand."""


def command() -> TyperCommand:
    """``gatescope compare``."""
    aims = [
        options.parameter(
            f"aim_{of}", float,
            options.option(f"aim_{of}", f"--aim-{of}", said={"default": REACHED}),
        )
        for of in ("score", "loss")
    ]  # fmt: skip
    return options.made_command(
        run,
        [
            options.out_folder("compare_out"),
            *options.settings("compare", ComparisonConfig, ["aim", "aim_of"]),
            *aims,
            *options.task_options("compare"),
            workers(),
        ],
    )


def run(given: Mapping[str, Any]) -> None:
    """Run what a command line asks for; the same line takes up what was stopped."""
    experiment, out = experiment_of(given), Path(given["out"])
    configs = experiment.configs()
    print(bench_setting.what(experiment))
    words = {"runs": len(configs), "steps": experiment.base.max_steps, "out": out}
    print(say("cli.comparing", **words), flush=True)
    out.mkdir(parents=True, exist_ok=True)
    try:
        measured = beforehand(experiment, out / MEASURED)
    except KeyboardInterrupt:
        raise ValueError(say("cli.sweep_stopped", out=out)) from None
    runs = swept(list(configs.values()), out, workers=given["workers"])
    result = comparison_of(experiment, zip(configs, runs, strict=True), measured)
    write(result, out)
    tell(result)
    print(say("cli.saved_comparison", out=out))


def experiment_of(given: Mapping[str, Any]) -> ComparisonConfig:
    """The comparison that a command line asks for; what it leaves out is as `ComparisonConfig`."""
    settings = options.chosen(given, settings_of(ComparisonConfig))
    score, loss = given["aim_score"], given["aim_loss"]
    if score is not None and loss is not None:
        raise ValueError(say("cli.aim_twice", score=score, loss=loss))
    if score is not None or loss is not None:
        settings |= {"aim_of": "loss" if score is None else "score"}
        settings |= {"aim": loss if score is None else score}
    settings["learning_rates"] = dict(map(_rate, given["learning_rates"] or ()))
    task_options = options.chosen(given, options_of_tasks())
    return ComparisonConfig.of(**settings, task_options=task_options)


def beforehand(experiment: ComparisonConfig, path: Path) -> Measured:
    """What is measured before training; what the same comparison has measured there is kept."""
    try:
        return measured_of(experiment, path.read_bytes())
    except (OSError, ValueError):
        found = measure(experiment)
        path.write_text(measured_text(experiment, found), encoding="utf-8")
        return found


def write(result: Comparison, out: Path) -> None:
    """Tables, settings, learning curves and figures."""
    save_comparison(result, out)
    (out / "table.md").write_text(bench_numbers.markdown(result), encoding="utf-8")
    (out / "table.tex").write_text(bench_numbers.latex(result), encoding="utf-8")
    chart = Benchmark(job=str(out)).chart()
    for kind in ("svg", "png"):
        export.save(chart, out / f"curves.{kind}")


def tell(result: Comparison) -> None:
    """The table, and what to look for in it."""
    print(f"\n{in_columns(bench_numbers.numbers(result), right=True)}\n")
    for sentence in bench_words.sentences(result):
        print(sentence)
    print(bench_setting.rule())
    print(bench_setting.wall(result))


def _rate(text: str) -> tuple[str, float]:
    """A network and its learning rate, as ``lstm=0.01``."""
    name, _, rate = text.partition("=")
    try:
        return name, float(rate)
    except ValueError:
        raise ValueError(say("cli.rate_form", value=text)) from None
