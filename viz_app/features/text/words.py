"""Sentences about a text and its network, every number taken from the recording or the probes."""

import numpy as np
import pandas as pd

from gatescope import Run
from gatescope.writing import Found, labels_of
from viz_app.features.text.measures import Measured, ngram_name, ngrams
from viz_app.features.text.reading import Cell, Reading, has_grades
from viz_app.kit.run_words import settings
from viz_app.kit.words import decimals, percent, some
from viz_app.text import name_of, say

TELLS, HINTS = 0.9, 0.75
"""From this area under the ROC curve on a unit tells a meaning, and hints at it."""

ORDERS, TENDS = 0.7, 0.4
"""The same of a rank correlation."""

CLEAR = 0.02
"""Bits by which one is called better than the other."""


def head(run: Run, measured: Measured) -> str:
    """How the network was trained, and its score beside that of counting."""
    return f"{settings(run)}  \n**{score(measured)}**"


def score(measured: Measured) -> str:
    """A network's score beside that of counting."""
    counted = ngrams("test")
    best = int(np.argmin(counted)) + 1
    difference = counted[best - 1] - measured.bits
    key = "even" if abs(difference) < CLEAR else "better" if difference > 0 else "worse"
    return say(
        f"writing.score_{key}", bits=decimals(measured.bits),
        counted=decimals(counted[best - 1]), name=ngram_name(best),
    )  # fmt: skip


def strength(found: Found) -> str:
    """How well its best unit tells a meaning: ``tells``, ``hints`` or ``no``."""
    high, low = (ORDERS, TENDS) if has_grades(found.meaning) else (TELLS, HINTS)
    return "tells" if found.score >= high else "hints" if found.score >= low else "no"


def of_unit(found: Found) -> str:
    """What a found unit means, with its score."""
    kind = "grade" if has_grades(found.meaning) else "truth"
    return say(
        f"writing.found_{kind}_{strength(found)}", unit=found.unit,
        signal=name_of("signal", found.signal), what=say(f"writing.meaning_{found.meaning}"),
        score=decimals(found.score),
    )  # fmt: skip


def headline(reading: Reading, cell: Cell, found: Found | None) -> str:
    """The sentence above the text: what its unit means, or how far it moves."""
    if found is not None:
        return of_unit(found)
    values = reading.values(cell)
    return say(
        "writing.own_headline", unit=cell.unit, signal=name_of("signal", cell.signal),
        low=decimals(values.min()), high=decimals(values.max()),
    )  # fmt: skip


def on_this_text(reading: Reading, found: Found) -> str:
    """What the unit does on the text that is shown."""
    values = reading.values(Cell(found.node, found.signal, found.unit))
    label = labels_of(found.meaning, reading.text)
    if has_grades(found.meaning):
        if np.ptp(label) == 0 or np.ptp(values) == 0:
            return ""
        ranks = [pd.Series(each).rank() for each in (found.sign * values, label)]
        value = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
        return say("writing.here_grade", value=decimals(value))
    true = label > 0
    what = say(f"writing.meaning_{found.meaning}")
    if not true.any() or true.all():
        return say("writing.here_always" if true.all() else "writing.here_never", what=what)
    return say(
        "writing.here_truth", what=what, inside=decimals(values[true].mean()),
        outside=decimals(values[~true].mean()), count=int(true.sum()),
        total=some("characters", len(label)),
    )  # fmt: skip


def look_for(reading: Reading, cell: Cell) -> list[str]:
    """What to look for on this text, beyond the chosen meaning."""
    values = reading.values(cell)
    change = np.abs(np.diff(values))
    lines = []
    if len(change) and change.max() > 0:
        step = int(change.argmax()) + 1
        lines.append(
            say(
                "writing.jump", step=step, letter=spelled(reading, step),
                before=decimals(values[step - 1]), after=decimals(values[step]),
            )
        )  # fmt: skip
    own = reading.bits[max(reading.given, 1) :]
    if len(own):
        worst = int(np.argmax(own)) + max(reading.given, 1)
        lines.append(
            say(
                "writing.surprise", mean=decimals(own.mean(), 1), letter=spelled(reading, worst),
                step=worst, most=decimals(reading.bits[worst], 1),
            )
        )  # fmt: skip
    return lines


def alternative(reading: Reading, cell: Cell, found: Found | None) -> str:
    """The coloured text for those who cannot see it."""
    values = reading.values(cell)
    told = {
        "count": some("characters", len(values)), "unit": cell.unit,
        "signal": name_of("signal", cell.signal), "text": " ".join(reading.text.split()),
    }  # fmt: skip
    if found is not None and not has_grades(found.meaning):
        true = labels_of(found.meaning, reading.text) > 0
        if true.any() and not true.all():
            return say(
                "writing.alt_text_true", what=say(f"writing.meaning_{found.meaning}"),
                inside=decimals(values[true].mean()), outside=decimals(values[~true].mean()),
                **told,
            )  # fmt: skip
    low, high = int(values.argmin()), int(values.argmax())
    return say(
        "writing.alt_text", low=decimals(values[low]), least=spelled(reading, low, quoted=False),
        high=decimals(values[high]), most=spelled(reading, high, quoted=False), **told,
    )  # fmt: skip


def spelled(reading: Reading, step: int, quoted: bool = True) -> str:
    """A character of the text, as it is drawn; as code where it is quoted."""
    character = reading.text[step]
    if not quoted:
        return {"\n": "⏎", " ": "␣"}.get(character, character)
    return {"\n": "`⏎`", " ": "`␣`", "`": "`` ` ``"}.get(character, f"`{character}`")


def meanings(measured: Measured) -> pd.DataFrame:
    """What units mean: one row per meaning."""
    rows = {
        say(f"writing.meaning_{found.meaning}"): {
            say("writing.unit"): say(
                "writing.unit_of", unit=found.unit, signal=name_of("signal", found.signal)
            ),
            say("writing.one_unit"): _score(found, found.score),
            say("writing.all_units"): _score(found, found.linear),
            say("writing.control"): _score(found, found.control),
            say("writing.share"): "" if found.share is None else percent(found.share),
        }
        for found in measured.found
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = say("writing.meaning")
    return table


def _score(found: Found, value: float) -> str:
    key = "correlation" if has_grades(found.meaning) else "area"
    return say(f"writing.{key}", value=decimals(value))


def compared(networks: dict[str, tuple[Run, Measured]]) -> str:
    """Which of the networks is best, and whether counting beats it."""
    counted = ngrams("test")
    run, measured = min(networks.values(), key=lambda each: each[1].bits)
    beaten = sum(each[1].bits < min(counted) for each in networks.values())
    words = {
        "cell": name_of("cell", run.config.cell), "bits": decimals(measured.bits),
        "counted": decimals(min(counted)), "name": ngram_name(int(np.argmin(counted)) + 1),
    }  # fmt: skip
    if not beaten:
        return say("writing.compared_none", **words)
    if beaten == len(networks):
        return say("writing.compared_all", **words)
    return say("writing.compared_some", beaten=beaten, all=len(networks), **words)


def how_counting_works() -> str:
    """What an n-gram is, and why longer ones are no better."""
    counted = ngrams("test")
    return say("writing.compared_how", long=decimals(counted[-1]), longest=ngram_name(len(counted)))
