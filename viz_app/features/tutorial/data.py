"""The tutorial's statements and its listings' faults, each with a measured answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import altair as alt
import pandas as pd

from gatescope.experiments.tutorial import EXPERIMENTS
from viz_app.features.tutorial import listings, measures, untrained, words
from viz_app.features.tutorial.chart_strip_plot import DotsWords, dots_chart
from viz_app.features.tutorial.evidence import Answer, Evidence, Finding
from viz_app.kit.chart.style import Theme, config
from viz_app.text import has, name_of, say

Group = Literal["statement", "listing"]
VERDICTS: tuple[Answer, ...] = get_args(Answer)


@dataclass(frozen=True)
class Entry:
    """One statement of the tutorial, or one fault in its listings.

    Attributes
    ----------
    key
        Under which its texts are kept.
    group
        Which of the two it is.
    number
        Its place among those.
    measure
        What tests it; None where nothing does yet.
    page
        The page on which one sees more; empty where there is none.
    run
        The run that this page shall open, where it opens runs.
    experiment
        The trained experiment behind it, if there is one.
    """

    key: str
    group: Group
    number: int
    measure: Callable[[Evidence], Finding] | None
    page: str = ""
    run: str = ""
    experiment: str = ""

    def finding(self, evidence: Evidence) -> Finding:
        """The measured answer; ``untested`` where there is no experiment."""
        return Finding() if self.measure is None else self.measure(evidence)

    @property
    def says(self) -> str:
        """The statement, in our words."""
        return say(f"tutorial.says_{self.key}")

    def found(self, finding: Finding) -> str:
        """What was measured, in a sentence."""
        return say(f"tutorial.found_{self.key}", **words.in_words(finding.numbers))

    def criteria(self, finding: Finding) -> pd.DataFrame:
        """What the verdict follows from: a row a criterion, as a reader sees it."""
        return words.criteria_table(self.key, finding)


@dataclass(frozen=True)
class Counted:
    """How many there are of each verdict."""

    total: int
    by_verdict: dict[str, int] = field(default_factory=dict)


def _entries() -> tuple[Entry, ...]:
    m, u, f = measures, untrained, listings
    statements: list[tuple[str, Any, str, str, str]] = [
        ("vanishing", u.vanishing, "gradient_flow", "", ""),
        ("rnn_gates", u.rnn_gates, "step_through", "adding-rnn", ""),
        ("in_theory", u.in_theory, "retention", "", ""),
        ("distracted", m.distracted, "claims", "", ""),
        ("carousel", u.carousel, "memory", "", ""),
        ("converges", m.converges, "retention", "", ""),
        ("slower", m.slower, "compare", "", "reviews"),
        ("tuning", m.tuning, "compare", "", "learning_rate"),
        ("short", m.short, "retention", "", "stocks"),
        ("better", m.better, "writing", "", "text"),
        ("gru", m.gru, "compare", "", "reviews"),
        ("stacking", u.stacking, "architectures", "", ""),
        ("remedies", u.remedies, "aids", "", ""),
        ("convolution", u.convolution, "", "", ""),
        ("film", m.film, "sentiment", "", "reviews"),
        ("stock", m.stock, "forecasting", "", "stocks"),
        ("dropout", m.dropout, "aids", "", "recurrent_dropout"),
        ("tuned", m.tuned, "aids", "", "learning_rate"),
        ("scarce", m.scarce, "forecasting", "", ""),
        ("to_come", None, "", "", ""),
    ]
    faults: list[tuple[str, Any, str, str, str]] = [
        ("blind_candidate", f.blind_candidate, "step_through", "adding-gru", ""),
        ("last_step", f.last_step, "architectures", "", ""),
        ("scaled_with_all", f.scaled_with_all, "forecasting", "", "scaling"),
        ("relu", None, "", "", ""),
        ("plateau", f.plateau, "aids", "", ""),
        ("per_cent", f.per_cent, "forecasting", "", ""),
        ("does_not_run", None, "", "", ""),
    ]
    groups: tuple[tuple[Group, Any], ...] = (("statement", statements), ("listing", faults))
    return tuple(
        Entry(key, group, number, measure, page, run, experiment)
        for group, entries in groups
        for number, (key, measure, page, run, experiment) in enumerate(entries, 1)
    )


ENTRIES = _entries()


def counted(found: dict[str, Finding], group: Group) -> Counted:
    """How many of a group have each verdict; ``found`` by the entries' keys."""
    verdicts = [found[entry.key].verdict for entry in ENTRIES if entry.group == group]
    return Counted(
        len(verdicts), {name: verdicts.count(name) for name in VERDICTS if name in verdicts}
    )


def summary(found: dict[str, Finding], group: Group) -> str:
    """How many hold, depend, are wrong, and are not tested, in a sentence."""
    count = counted(found, group)
    parts = [
        say(f"tutorial.count_{verdict}", count=number)
        for verdict, number in count.by_verdict.items()
    ]
    return say(f"tutorial.summary_{group}", total=count.total, parts="; ".join(parts))


def setting_name(setting: str) -> str:
    """A setting of an experiment as a person would say it."""
    key = f"tutorial.setting_{setting.replace(' ', '_')}"
    if has(key):
        return say(key)
    return " ".join(name_of("cell", part) if part.isalpha() else part for part in setting.split())


def rows_of(experiment: str, table: pd.DataFrame) -> pd.DataFrame:
    """An experiment's runs, with what the chart shows in ``value``.

    It is the accuracy; of a forecast the squared error in units of the naive forecast's.
    """
    rows = table[table["experiment"] == experiment].copy()
    rows["value"] = rows["loss"] / rows["baseline"] if by_loss(experiment) else rows["score"]
    rows["name"] = rows["setting"].map(setting_name)
    return rows


def by_loss(experiment: str) -> bool:
    """Whether an experiment is told by its loss: a forecast is not right or wrong."""
    return EXPERIMENTS[experiment].common["task"] == "forecast"


def chart(
    experiment: str, table: pd.DataFrame, *, theme: Theme = "light", width: int = 520
) -> alt.LayerChart:
    """Draw the runs behind an answer: a dot a seed, a line at the mean.

    Parameters
    ----------
    experiment
        A key of ``gatescope.experiments.tutorial.EXPERIMENTS``.
    table
        What ``rows_of_runs`` gave, or ``tutorial_evidence.evidence().rows``.
    theme, width
        Light or dark; pixels of the plot.
    """
    rows = rows_of(experiment, table)
    lossy = by_loss(experiment)
    reference = 1.0 if lossy else float(rows["guess"].iloc[0])
    on_chart = DotsWords(
        value=say(f"tutorial.axis_{experiment}"),
        seed=say("tutorial.seed"),
        reference=say("tutorial.naive" if lossy else "tutorial.guessing"),
        name=say("tutorial.setting"),
    )
    drawn = dots_chart(
        rows[["name", "seed", "value"]], reference, on_chart, share=not lossy, theme=theme,
        width=width,
    )  # fmt: skip
    found: alt.LayerChart = drawn.configure(**config(theme))
    return found
