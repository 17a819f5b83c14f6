"""What is measured of a network that writes; that of the prepared runs comes ready-made."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np

from gatescope import Run
from gatescope.experiments.memory import fingerprint
from gatescope.files import ASSETS
from gatescope.tasks.characters import Characters, part_of
from gatescope.tasks.real import Split
from gatescope.writing import Found, ngram_bits, probe
from viz_app.features.text.chart_bits_per_character import BitsBar
from viz_app.kit.chart.axes import Axis
from viz_app.kit.chart.lines import STYLES, Level, Line, Panel, Tip
from viz_app.kit.library import DATA_RUNS
from viz_app.kit.words import some
from viz_app.text import name_of, say

PATH = ASSETS / "writing" / "measures.json"
"""The prepared runs' measures, made by ``assets/make_writing.py``."""

PREPARED_RUNS = ("characters-lstm", "characters-gru", "characters-rnn")

ON_A_PAGE = 6000
"""Characters of each part that are read where a reader waits for the measures."""

ORDERS = 7


@dataclass(frozen=True)
class Measured:
    """A network's bits a character on the whole test part, and its telling units, one a meaning."""

    bits: float
    found: tuple[Found, ...]

    def of(self, meaning: str) -> Found | None:
        """The unit of one meaning; None where it was not looked for."""
        return next((found for found in self.found if found.meaning == meaning), None)


def prepared() -> list[str]:
    """The prepared runs that are there."""
    return [name for name in PREPARED_RUNS if (DATA_RUNS / name).is_dir()]


def task_of(run: Run) -> Characters:
    """A run's task.

    Raises
    ------
    ValueError
        When it is another one.
    """
    task = run.task
    if not isinstance(task, Characters):
        raise ValueError(f"this run learned {run.config.task!r}, and only 'characters' is written")
    return task


def bits_of(run: Run) -> float:
    """Bits a character on the whole test part, read in one go: the run's score in another unit."""
    return run.score().loss / math.log(2)


def measured(run: Run, most: int | None = None) -> Measured:
    """Measure a run, on so many characters of each part where meanings are looked for."""
    return Measured(bits_of(run), tuple(probe(run.model(), task_of(run), most)))


def measures_of(run: Run) -> Measured:
    """The measures of a run: those that were shipped where they are of this very network."""
    units = shipped().get(fingerprint(run))
    return measured(run, ON_A_PAGE) if units is None else Measured(bits_of(run), units)


def to_json(runs: Sequence[tuple[Run, Measured]]) -> str:
    """What units mean as text, each network's under its fingerprint."""
    said = {fingerprint(run): {"found": [asdict(f) for f in one.found]} for run, one in runs}
    return json.dumps(said, indent=1) + "\n"


@cache
def shipped() -> dict[str, tuple[Found, ...]]:
    """What units mean as measured beforehand, by the network's fingerprint."""
    if not PATH.is_file():
        return {}
    return {
        key: tuple(Found(**found) for found in value["found"])
        for key, value in json.loads(PATH.read_text()).items()
    }


@cache
def ngrams(split: Split) -> tuple[float, ...]:
    """Bits a character of n-gram models of order 1 to `ORDERS` on a part of the book."""
    return tuple(
        ngram_bits(
            part_of("train").tolist(), part_of(split).tolist(), Characters().input_size, ORDERS
        )
    )


def ngram_name(order: int) -> str:
    """An n-gram model's name, as in a sentence."""
    return say("writing.ngram_name", order=order)


def ngram_label(order: int) -> str:
    """Its name, and how many characters before it knows."""
    if order == 1:
        return say("writing.ngram_one")
    return say("writing.ngram", name=ngram_name(order), back=some("characters", order - 1))


def bars(
    networks: Mapping[str, tuple[Run, Measured]], chosen: str, short: bool = False
) -> list[BitsBar]:
    """Networks, by their name, beside counting the last characters; ``short`` in few words."""
    named = ngram_name if short else ngram_label
    trained = []
    for name, (run, found) in networks.items():
        cell, units = name_of("cell", run.config.cell), run.config.hidden_size
        label = say("writing.network", cell=cell, units=some("units", units))
        trained.append(BitsBar(label, found.bits, network=True, chosen=name == chosen))
    counted = enumerate(ngrams("test"), start=1)
    return trained + [BitsBar(named(order), bits, network=False) for order, bits in counted]


def learning(run: Run) -> Panel:
    """How a network learns to tell the next character, against counting."""
    counted = ngrams("validation")
    orders = sorted({1, 2, 3, int(np.argmin(counted)) + 1})
    levels = [counted[order - 1] for order in orders]
    bits = np.array([row.loss for row in run.history]) / math.log(2)
    steps = np.array([row.step for row in run.history])
    low = math.floor(min([*bits[np.isfinite(bits)], *levels]))
    step, title = say("train.step"), say("writing.bits_learning")
    return Panel(
        "",
        [Line(title, steps, bits, style=STYLES[-1], dots=True)],
        Axis(
            step, (0, max(run.config.max_steps, 1)),
            look={"tickCount": 6, "tickMinStep": 1, "format": ",d"},
        ),
        Axis(title, (low, max(5.0, *levels) + 0.2), edge=True, look={"tickCount": 6}),
        (Tip("x:Q", step, ","), Tip("value:Q", title, ".2f")),
        [
            # the curve ends above the lowest
            Level(level, ngram_name(order), dy=15 if level == min(levels) else -3)
            for order, level in zip(orders, levels, strict=True)
        ],
        height=280,
    )  # fmt: skip
