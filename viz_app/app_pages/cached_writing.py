"""What the page Text shares between all browsers."""

from typing import Any

from gatescope import Run
from gatescope.writing import write
from viz_app.app_pages import cached
from viz_app.sharing import shared
from viz_app.views import gates, gates_words, units, writing
from viz_app.views.library import DATA_RUNS
from viz_app.views.settings import Theme
from viz_app.views.writing_shipped import Measured, measures_of, task_of

SAMPLE, SAMPLE_TEMPERATURE = 180, 0.7
PREPARED = ("characters-lstm", "characters-gru", "characters-rnn")


def prepared() -> list[str]:
    """The prepared runs that are there."""
    return [name for name in PREPARED if (DATA_RUNS / name).is_dir()]


@shared
def measured(name: str) -> Measured:
    """A network's score, and what its units mean."""
    return measures_of(cached.run_of(name))


@shared
def reading(name: str, text: str, given: int) -> writing.Reading:
    """A text as a network reads it."""
    return writing.read(cached.run_of(name), text, given)


@shared
def spec(
    name: str, text: str, given: int, cell: writing.Cell, meaning: str | None, theme: Theme,
    _reading: writing.Reading,
) -> dict[str, Any]:  # fmt: skip
    """The finished text, coloured by a unit."""
    limits = cached.bounds(name, cell.node)
    return writing.spec(writing.written(_reading, cell, limits, meaning), theme)


@shared
def gates_of(
    name: str, text: str, given: int, cell: writing.Cell, theme: Theme, _reading: writing.Reading
) -> tuple[dict[str, Any], int, str]:
    """The gates over the last characters: the chart, how many there are, and words for it."""
    limits = cached.bounds(name, cell.node)
    view = writing.heatmaps(_reading, cell.node, order(name, cell.node), limits)
    spec = view.spec(gates.GatesLook(theme=theme), (cell.unit, view.seen.shape.end - 1))
    told = gates_words.alternative(view.seen.shape, _reading.run.config.cell)
    return spec, view.seen.shape.steps, told


def order(name: str, node: str) -> list[int]:
    """The order of a layer's units, on the run's own examples."""
    run = cached.run_of(name)
    layer = units.layer_of(cached.trace(name, run.steps[-1]), node)
    return cached.unit_order(name, node, units.sorts(layer, run.probe())[0])


@shared
def sample(key: str, step: int, text: str, _run: Run) -> str:
    """What a network that is in training writes by now; ``key`` and ``step`` stand for it."""
    return write(_run.model(), task_of(_run), text, SAMPLE, temperature=SAMPLE_TEMPERATURE)


@shared
def learning_spec(key: str, step: int, theme: Theme, _run: Run) -> dict[str, Any]:
    """The finished curve of a network, in training or not."""
    spec: dict[str, Any] = writing.learning(_run, theme=theme, width="container").to_dict()
    return spec


def networks(chosen: str) -> dict[str, tuple[Run, Measured]]:
    """The prepared networks, and the chosen one."""
    names = [*prepared(), *([] if chosen in PREPARED else [chosen])]
    return {name: (cached.run_of(name), measured(name)) for name in names}


@shared
def bars_spec(chosen: str, theme: Theme) -> dict[str, Any]:
    """The finished bars."""
    found = writing.bars(networks(chosen), chosen)
    spec: dict[str, Any] = writing.bars_chart(found, theme=theme, width="container").to_dict()
    return spec
