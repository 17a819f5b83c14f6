"""What a class answered, on a page: bars, each below its own words, which are never cut.

They are text with a coloured part, no picture: a narrow phone breaks the lines, whoever cannot see
the bars reads them, and a hundred phones draw no charts.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from viz_app.kit.chart.style import INKS, Ink
from viz_app.kit.classes.tally import Answers, Bar, Tally, tally
from viz_app.kit.classes.value import Asked
from viz_app.kit.page import window
from viz_app.kit.words import percent
from viz_app.text import say

STYLE = """
.class-bars {line-height: 1.35}
.class-bars > div {margin-bottom: .55rem; overflow-wrap: anywhere}
.class-bars .answer {font-weight: 600}
.class-bars .round {display: flex; align-items: center; gap: .4rem}
.class-bars .bar {display: flex; flex: none; height: 1.05em; border-radius: 2px; overflow: hidden}
.class-bars .note {white-space: nowrap}
.class-bars .who {font-size: .875em; opacity: .8}
.class-bars .apart {margin: -.2rem 0 .35rem; opacity: .6}
"""

NOTE = 9.5
"""Room for the note at the end of the longest bar, in ems."""

FADED = 0.45
"""Opacity of the first round's bars where there is a second."""


def draw(
    asked: Asked, answers: Answers, place: Any = st, names: Mapping[int, str] | None = None
) -> None:
    """The bars, and how many were right in each round; with ``names`` of seats, whose they are."""
    found = tally(asked, answers)
    if not any(found.answers):
        place.caption(say("class.no_answers"))
        return
    place.html(f"<style>{STYLE}</style>{bars(found, INKS[window.look().theme], names or {})}")
    place.caption(shares(found))


def bars(found: Tally, ink: Ink, names: Mapping[int, str]) -> str:
    """The bars as HTML."""
    rows = "".join(_row(row, found, ink, names) for row in found.bars)
    return f'<div class="class-bars">{rows}</div>'


def shares(found: Tally) -> str:
    """How many were right, in each round that there was."""
    told = [
        say("class.right_of", share=percent(right / count), right=right, answers=count)
        for right, count in zip(found.right, found.answers, strict=True)
        if count
    ]
    return say("class.from_to", first=told[0], last=told[-1]) if len(told) > 1 else told[0]


def _row(row: Bar, found: Tally, ink: Ink, names: Mapping[int, str]) -> str:
    """The words of an answer, a bar for each round, and who gave it."""
    label = say("class.is_correct", text=row.label) if row.right else row.label
    colour = f' style="color: {ink.accent}"' if row.right else ""
    rounds = "".join(_round(row, round_, found, ink) for round_ in range(len(found.answers)))
    whose = " · ".join(escape(names[seat]) for seat in row.who if seat in names)
    apart = '<div class="apart" aria-hidden="true">⋯</div>' if row.apart else ""
    return (
        f'{apart}<div><div class="answer"{colour}>{escape(label)}</div>{rounds}'
        + (f'<div class="who">{whose}</div>' if whose else "")
        + "</div>"
    )


def _round(row: Bar, round_: int, found: Tally, ink: Ink) -> str:
    """A bar, its right part in the colour of what is right; how many, and of how many a share."""
    count, hits, total = row.counts[round_], row.hits[round_], found.answers[round_]
    rounds = len(found.answers)
    share = f" ({percent(count / total)})" if total else ""
    which = say("class.in_round", round=round_ + 1) if rounds > 1 else ""
    faded = FADED if rounds > 1 and round_ == 0 else 1
    parts = "".join(
        f'<span style="flex: {part} 0 0; background: {colour}"></span>'
        for part, colour in ((hits, ink.accent), (count - hits, ink.quiet))
        if part
    )
    width = f"calc((100% - {NOTE}em) * {count / total if total else 0:.4f})"
    bar = f'<span class="bar" style="width: {width}; opacity: {faded}">{parts}</span>'
    return (
        f'<div class="round">{bar if parts else ""}'
        f'<span class="note">{escape(f"{which} {count}{share}".strip())}</span></div>'
    )
