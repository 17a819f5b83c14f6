"""The few lines of Python that draw what a page shows."""

import shlex

from gatescope.experiments.comparison import ComparisonConfig
from viz_app.charts.style import Theme
from viz_app.views.halves import ENDS, LAST
from viz_app.views.library import BENCH, folder_of, relative

TASK_OPTIONS = (
    "length", "delay", "symbols", "distractors", "variant", "series", "ticker", "window", "horizon",
)  # fmt: skip
"""What ``gatescope compare`` can say of a task."""

OPTIONS = {"num_layers": "layers", "max_steps": "steps"}
"""Settings that have another name there."""

OWN_WORDS = ("task", "task_options", "learning_rates", "aim", "aim_of")


def aids(aid: str, names: tuple[str, str], theme: Theme) -> str:
    """Two runs without and with a training aid."""
    return _of_runs(list(names), "aids", f"chart({aid!r}, runs, theme={theme!r})")


def architectures(name: str, example: int, signal: str, theme: Theme) -> str:
    """Every layer and direction of a run on one example."""
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import architectures

run = gatescope.load_run({relative(folder_of(name))!r})
chart = architectures.chart(run, {example}, {signal!r}, theme={theme!r})
figures.save(chart, "architectures.svg")
"""


def halves(theme: Theme) -> str:
    """What both halves of the prepared bidirectional networks have seen."""
    return _of_runs([LAST, ENDS], "halves", f"chart(runs, theme={theme!r})")


def bench(axis: str, theme: Theme) -> str:
    """The learning curves of the prepared comparison."""
    return f"""\
from gatescope.experiments.comparison import load_comparison
from viz_app import figures
from viz_app.views import bench, bench_numbers

result = load_comparison({relative(BENCH)!r})
print(bench_numbers.markdown(result))
figures.save(bench.chart(result, axis={axis!r}, theme={theme!r}), "bench.svg")
"""


def bench_command(config: ComparisonConfig) -> str:
    """A comparison at the terminal; empty where its data cannot be named there."""
    options = dict(config.task_options)
    if any(name not in TASK_OPTIONS for name in options):
        return ""
    usual = ComparisonConfig()
    given = {
        OPTIONS.get(name, name.replace("_", "-")): value
        for name, value in config
        if value != getattr(usual, name) and name not in OWN_WORDS
    }
    if config.learning_rates:
        given["rates"] = tuple(f"{name}={rate:g}" for name, rate in config.learning_rates.items())
    if config.aim is not None:
        given[f"aim-{config.aim_of}"] = config.aim
    if config.clip is None:
        given.pop("clip")
        given["no-clip"] = True
    words = [f"gatescope compare --task {config.task}"]
    words += [f"--{name}{_value(value)}" for name, value in (options | given).items()]
    return " ".join([*words, f"--out runs/compare-{config.task.replace('_', '-')}"])


def _value(value: object) -> str:
    if value is True:
        return ""
    several = value if isinstance(value, tuple) else (value,)
    return "".join(f" {shlex.quote(_plain(part))}" for part in several)


def _of_runs(names: list[str], view: str, call: str) -> str:
    paths = "".join(f"    {relative(folder_of(name))!r},\n" for name in names)
    return f"""\
import gatescope
from viz_app import figures
from viz_app.views import {view}

runs = [gatescope.load_run(folder) for folder in (
{paths})]
chart = {view}.{call}
figures.save(chart, "{view}.svg")
"""


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
