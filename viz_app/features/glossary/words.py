"""The glossary as it is listed: every term with its symbol, its meaning, and where it is seen."""

from collections.abc import Iterable, Sequence
from html import escape

from viz_app.features.lessons.lesson import lesson, names
from viz_app.kit.glossary import Term, signs
from viz_app.text import say


def listed(terms: Sequence[Term], asked: Term | None = None) -> str:
    """The terms as HTML, under the headings of their groups; what is asked for stands first."""
    parts = []
    if asked is not None:
        parts.append(_group(say("glossary.asked"), [asked], "asked"))
    groups = dict.fromkeys(term.group for term in terms)
    for group in groups:
        there = [term for term in terms if term.group == group]
        parts.append(_group(say(f"glossary.group_{group}"), there))
    return f'<div class="glossary">{"".join(parts)}</div>'


def _group(title: str, terms: Iterable[Term], kind: str = "") -> str:
    cards = "".join(card(term) for term in terms)
    return f'<h2>{escape(title)}</h2><div class="terms {kind}">{cards}</div>'


def card(term: Term) -> str:
    """One term."""
    symbol = f'<p class="term-symbol">{signs(term.symbol)}</p>' if term.symbol else ""
    name = escape(term.whole[:1].upper() + term.whole[1:])
    places = "".join(f'<a href="{escape(to)}">{escape(said)}</a>' for said, to in seen(term))
    return (
        f'<article id="{term.key}"><h3><a href="{term.address}">{name}</a></h3>{symbol}'
        f"<p>{escape(term.meaning)}</p><p>{places}</p></article>"
    )


def seen(term: Term) -> list[tuple[str, str]]:
    """Where a term is learned and seen: what a link says, and where it leads."""
    page = term.page.partition("?")[0]
    places = [(say("glossary.on_page", page=say(f"app.{page}")), term.page)]
    for found in (lesson(name) for name in names()):
        if found.number == term.lesson:
            told = say("glossary.lesson", number=found.number, title=found.title)
            places.insert(0, (told, f"lessons?lesson={found.id}"))
    return places
