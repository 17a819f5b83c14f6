"""The tutorial's statements and its listings' faults, each with a measured answer."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from viz_app.features.tutorial import listings, measures, untrained, words
from viz_app.features.tutorial.evidence import Answer, Evidence, Finding
from viz_app.kit.words import clauses
from viz_app.text import say

Group = Literal["statement", "listing"]
VERDICTS: tuple[Answer, ...] = get_args(Answer)


@dataclass(frozen=True)
class Entry:
    """One statement of the tutorial, or one fault in its listings.

    Attributes
    ----------
    group, number
        Which of the two it is, and its place among those.
    key
        Under which its texts are kept.
    measure
        What tests it; None where nothing does yet.
    page, run
        The page on which one sees more, and the run that it shall open; empty where there is none.
    experiment
        The trained experiment behind it, if there is one.
    """

    group: Group
    number: int
    key: str
    measure: Callable[[Evidence], Finding] | None = None
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
        return say(f"tutorial.found_{self.key}", **words.in_words(finding.told))


def _entries(group: Group, *rows: tuple[Any, ...]) -> tuple[Entry, ...]:
    """A row an entry: key, measure, page, run, experiment."""
    return tuple(Entry(group, number, *row) for number, row in enumerate(rows, 1))


ENTRIES = _entries(
    "statement",
    ("vanishing", untrained.vanishing, "gradient_flow"),
    ("rnn_gates", untrained.rnn_gates, "step_through", "adding-rnn"),
    ("in_theory", untrained.in_theory, "retention"),
    ("distracted", measures.distracted, "claims"),
    ("carousel", untrained.carousel, "memory"),
    ("converges", measures.converges, "retention"),
    ("slower", measures.slower, "compare", "", "reviews"),
    ("tuning", measures.tuning, "compare", "", "learning_rate"),
    ("short", measures.short, "retention", "", "stocks"),
    ("better", measures.better, "writing", "", "text"),
    ("gru", measures.gru, "compare", "", "reviews"),
    ("stacking", untrained.stacking, "architectures"),
    ("remedies", untrained.remedies, "aids"),
    ("convolution", untrained.convolution),
    ("film", measures.film, "sentiment", "", "reviews"),
    ("stock", measures.stock, "forecasting", "", "stocks"),
    ("dropout", measures.dropout, "aids", "", "recurrent_dropout"),
    ("tuned", measures.tuned, "aids", "", "learning_rate"),
    ("scarce", measures.scarce, "forecasting"),
    ("to_come",),
) + _entries(
    "listing",
    ("blind_candidate", listings.blind_candidate, "step_through", "adding-gru"),
    ("last_step", listings.last_step, "architectures"),
    ("scaled_with_all", listings.scaled_with_all, "forecasting", "", "scaling"),
    ("relu",),
    ("plateau", listings.plateau, "aids"),
    ("per_cent", listings.per_cent, "forecasting"),
    ("does_not_run",),
)


def counted(findings: Mapping[str, Finding], group: Group) -> Counter[Answer]:
    """How many of a group have each verdict; ``findings`` by the entries' keys."""
    return Counter(findings[entry.key].verdict for entry in ENTRIES if entry.group == group)


def summary(findings: Mapping[str, Finding], group: Group) -> str:
    """How many hold, depend, are wrong, and are not tested, in a sentence."""
    counts = counted(findings, group)
    parts = [say(f"tutorial.count_{name}", count=counts[name]) for name in VERDICTS if counts[name]]
    return say(f"tutorial.summary_{group}", total=counts.total(), parts=clauses(parts))
