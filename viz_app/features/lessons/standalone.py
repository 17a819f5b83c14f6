"""A lesson as one HTML file that plays without a server: its questions, its pictures, its answers.

Its rules of what is right are those of `viz_app.kit.question`, once more in JavaScript; a test
holds the two against each other.
"""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from viz_app.features import view
from viz_app.features.lessons import guesses
from viz_app.features.lessons.asked import Asked
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import lesson
from viz_app.features.lessons.value import Address, Lesson, Step
from viz_app.features.lessons.words import fill
from viz_app.kit import drawing, export, fonts
from viz_app.kit.chart.guessed import GUESSES
from viz_app.kit.chart.window import WINDOWS, Look, WindowName
from viz_app.kit.document_html import marked
from viz_app.kit.question import SURE, Number
from viz_app.kit.recordings import HERE, Recordings
from viz_app.kit.words import counted
from viz_app.text import language, say

HERE_LIES = Path(__file__).parent
WIDTHS: dict[str, tuple[WindowName, int]] = {"narrow": ("phone", 270), "wide": ("laptop", 600)}
"""How a picture is drawn for a phone and for all else: the window, and pixels of its panels."""

OF_QUESTIONS = {
    "guess": "your_guess", "truth": "truth", "button": "guess", "sure": "sure", "number": "number",
    "move": "move", "place_time": "place_time", "place_unit": "place_unit", "anew": "order_anew",
}  # fmt: skip
"""Words that the app's own questions have too, by the script's names."""

WORDS = ("right", "close", "differs", "back", "next")

Facts = Mapping[str, Any]


def html(name: str, recordings: Recordings = HERE) -> bytes:
    """The file, in the reader's language.

    Parameters
    ----------
    name
        The lesson's id.
    recordings
        Whence its numbers and pictures come.

    Raises
    ------
    LessonError
        When there is no such lesson.
    """
    told, facts = lesson(name), facts_of(name, recordings)
    found = _lesson(told, facts, recordings)
    title = escape(told.title)
    goal = marked(say("sheets.goal", goal=say("lessons.goal", goal=fill(told.goal, facts))))
    # "</" would end the script, wherever it stands
    data = json.dumps(found, ensure_ascii=False).replace("</", "<\\/")
    style = (HERE_LIES / "alone.css").read_text(encoding="utf-8")
    script = (HERE_LIES / "alone.js").read_text(encoding="utf-8")
    return (
        f"<!doctype html><html lang='{escape(language())}'><head><meta charset='utf-8'>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{title}</title><style>{fonts.faces(fonts.used_in(data))}{style}</style>"
        f"<script>{_vega()}</script></head><body><h1>{title}</h1><p class='quiet'>"
        f"{escape(counted('sheets.minutes', told.minutes))}</p><p>{goal}</p>"
        f"<main id='stage'></main><footer>{marked(say('standalone.foot'))}</footer>"
        f"<script type='module'>const lesson = {data};\n{script}</script></body></html>"
    ).encode()


def _vega() -> str:
    """Vega and what embeds it, as a script."""
    page = drawing.draw("html", json.dumps({"mark": "point"}), bundle=True).decode()
    return page.partition("<script")[2].partition(">")[2].partition("</script>")[0]


def _lesson(told: Lesson, facts: Facts, recordings: Recordings) -> dict[str, Any]:
    count = len(told.steps) + 1
    return {
        "id": told.id,
        "steps": [_step(step, facts, recordings) for step in told.steps],
        "closing": [_question(each, f"closing.{each.id}", facts) for each in told.closing],
        "guesses": GUESSES,
        "words": {name: say(f"standalone.{name}") for name in WORDS}
        | {name: say(f"question.{key}") for name, key in OF_QUESTIONS.items()}
        | {
            "named": say("question.named", name="{name}", value="{value}"),
            "closing": say("sheets.closing"),
            "sures": [say(f"question.sure_{sure}") for sure in SURE],
            "where": [say("standalone.where", number=k + 1, of=count) for k in range(count)],
        },
    }


def _step(step: Step, facts: Facts, recordings: Recordings) -> dict[str, Any]:
    build = ""
    if step.build is not None:
        hint = say("sheets.hint", told=fill(step.build.hint, facts)) if step.build.hint else ""
        build = f"{say('standalone.build')}\n\n{hint}"
    change = say("sheets.change", told=fill(step.change, facts)) if step.change else ""
    question = step.question
    return {
        "id": step.id,
        "words": _paragraphs(fill(step.words, facts)),
        "view": _picture(step.view, recordings, question, facts),
        "before": _picture(step.before, recordings) if question else None,
        "drawn": bool(question and step.view and _is_drawn(step.view, question, facts)),
        "then": _paragraphs(fill(step.then, facts)),
        "change": _paragraphs(f"{change}\n\n{say('standalone.change')}") if change else "",
        "build": _paragraphs(build),
        "question": None if question is None else _question(question, step.id, facts),
    }


def _is_drawn(address: Address, asked: Asked, facts: Facts) -> bool:
    """Whether the guess is drawn on the view."""
    name, choices = address
    return guesses.mark_of(view(name, (), dict(choices)), asked, facts) is not None


def _question(asked: Asked, name: str, facts: Facts) -> dict[str, Any]:
    """What a question's widgets, its verdict and its picture need."""
    question, asked = asked.question(facts), asked.told(facts)
    truth: Any = question.truth  # type: ignore[attr-defined]
    has = {key: value for key, value in vars(question).items() if key != "options"}
    told = {key: marked(fill(text, facts, asked.options)) for key, text in asked.wrong.items()}
    titles = list(asked.titles.values())
    return has | {
        "id": name,
        "kind": asked.kind,
        "asks": marked(asked.asks),
        "options": [marked(text) for text in asked.options.values()],
        "because": marked(asked.reason(facts)),
        "wrong": [told.get(option, "") for option in asked.options],
        "below": told.get("low", ""),
        "above": told.get("high", ""),
        "other": told.get("other", ""),
        "typical": [
            {"answer": asked.answer(facts[fact]), "text": told[key]}
            for key, fact in asked.typical.items()
        ],
        "unit": asked.unit(),
        "titles": titles,
        "said": asked.said(truth),
        "start": question.start() if isinstance(question, Number) else None,
        "notch": question.notch() if isinstance(question, Number) else None,
    }


def _picture(
    address: Address | None, recordings: Recordings, asked: Asked | None = None,
    facts: Facts | None = None,
) -> dict[str, Any] | None:  # fmt: skip
    """A view's chart for a phone and for all else, and what it shows; see `guesses.figure`."""
    if address is None:
        return None
    name, choices = address
    figure = guesses.figure(view(name, (), dict(choices)), asked, facts or {}, recordings)
    drawn = {
        size: export.spec(figure.draw(width, Look("light", WINDOWS[window])))
        for size, (window, width) in WIDTHS.items()
    }
    return drawn | {"alternative": figure.told()}


def _paragraphs(text: str) -> str:
    parts = (part.strip() for part in text.split("\n\n"))
    return "".join(f"<p>{marked(part)}</p>" for part in parts if part)
