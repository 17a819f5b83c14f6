"""What a class was asked, in the language of whoever reads it: phones need not share the teacher's.

A question is kept by its place, which says where it stands; here its words are said anew. As it was
asked it is told where that place is no more, as after a change of the app.
"""

from collections.abc import Callable
from dataclasses import replace

from viz_app.features import Retention
from viz_app.features.intervene import words as intervene_words
from viz_app.features.lessons.facts import facts_of
from viz_app.features.lessons.lesson import lesson, names
from viz_app.features.mystery import served as mystery
from viz_app.features.mystery import words as mystery_words
from viz_app.features.retention import words as retention_words
from viz_app.kit.classes.value import Asked
from viz_app.kit.page import served as cached

Said = tuple[str, tuple[str, ...]]
"""What is asked, and the texts of what can be answered, where there are any."""


def worded(asked: Asked) -> Asked:
    """A question with its words in the reader's language."""
    room, _, name = asked.place.partition(".")
    try:
        text, options = ROOMS[room](name) if room in ROOMS else _of_a_lesson(room, name)
    except (LookupError, ValueError):
        return asked
    if len(options) != len(asked.options):
        return asked
    return replace(asked, text=text, options=options)


def _of_a_lesson(name: str, place: str) -> Said:
    """Of a step, or of the end."""
    if name not in names():
        raise LookupError(name)
    told = lesson(name).questions[place].told(facts_of(name, cached.recordings))
    return told.asks, tuple(told.options.values())


def _of_mystery(number: str) -> Said:
    found = mystery.round_of(int(number))
    if found is None:
        raise LookupError(number)
    return mystery_words.asked(found)


def _of_intervene(place: str) -> Said:
    key = place.rpartition(" ")[2]
    return intervene_words.short(key), intervene_words.options(key)


def _of_retention(variant: str) -> Said:
    experiment, _ = Retention().data(cached.recordings)
    return retention_words.guess(experiment, variant)


ROOMS: dict[str, Callable[[str], Said]] = {
    "intervene": _of_intervene, "mystery": _of_mystery, "retention": _of_retention,
}  # fmt: skip
"""By what a place begins with; with all others a lesson's."""
