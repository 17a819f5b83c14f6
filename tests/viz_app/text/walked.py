"""A page as a reader meets it: on each of its tabs, what it says, its headings and its charts."""

import re
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest

MARKUP = re.compile(r"<style>.*?</style>|<[^>]*>|`[^`]*`|\]\([^)]*\)", re.DOTALL)
ESCAPED = re.compile(r"\\([!-/:-@[-`{-~])")
PLACES = ("markdown", "caption", "info", "warning", "error", "success")
HEADING = re.compile(r"(?m)^(#{1,6}) (.*)|<h([1-6])[^>]*>(.*?)</h")

LONG = re.compile(r"(?<![\d.·])(?:0\.0*[1-9]\d{3,}|[1-9]\d*\.\d*)(?!\d)")
"""A number with a point that has digits to spare, if it has more than three."""


def on_every_tab(app: AppTest) -> Iterator[AppTest]:
    """A page on each of its tabs in turn; on the last one at the end."""
    yield app
    labels = [tab.label for tab in app.tabs]
    state = app.session_state._state.filtered_state
    keys = [key for key, value in state.items() if value in labels[:1]]
    for label in labels[1:]:
        assert len(keys) == 1
        app.session_state[keys[0]] = label
        yield app.run()


def elements(app: AppTest) -> Iterator[Any]:
    """All that stands on a page, from its top to its end."""
    assert not app.exception, [error.value for error in app.exception]
    ahead = [app._tree]
    while ahead:
        part = ahead.pop()
        if hasattr(part, "children"):
            ahead.extend(reversed(part.children.values()))
        else:
            yield part


def sentences(app: AppTest) -> dict[str, str]:
    """All that a page says, alternative texts and tables with it, by where it stands."""
    assert not app.exception, [error.value for error in app.exception]
    found = {
        f"{place} {number}": str(element.value)
        for place in PLACES
        for number, element in enumerate(getattr(app, place))
    }
    found |= alternatives(app)
    for number, table in enumerate(app.table):
        found[f"table {number}"] = " | ".join(map(str, table.value.to_numpy().ravel()))
    return {where: ESCAPED.sub(r"\1", MARKUP.sub(" ", text)) for where, text in found.items()}


def alternatives(app: AppTest) -> dict[str, str]:
    """What each chart is to those who cannot see it, by its place."""
    charts = app.get("vega_lite_chart")
    return {f"chart {place}": str(chart.proto.alt) for place, chart in enumerate(charts)}


def headings(app: AppTest) -> list[tuple[int, str]]:
    """The headings of a page in order: level and text."""
    found = []
    for element in elements(app):
        if element.type not in ("markdown", "html", "title", "header", "subheader"):
            continue
        body = str(getattr(element.proto, "body", ""))
        for marks, text, level, inner in HEADING.findall(body):
            found.append((len(marks) or int(level), text or inner))
    return found


def spare(text: str) -> list[str]:
    """Numbers with a point that have more than three digits: too many to be listened to."""
    found = [number.lstrip("0.") for number in LONG.findall(text)]
    return [number for number in found if len(number.replace(".", "")) > 3]
