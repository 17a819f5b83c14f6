"""What lessons say in numbers: a module a lesson, ``facts/<id>.py``, computed and never typed.

Each has ``facts(recordings: Recordings) -> dict[str, Any]``: a number, a tuple of numbers, or the
id of a question's option (of several for an order), by the name that braces and ``truth`` use.
They come from the data of the views that the lesson shows, and depend on ``recordings`` alone: with
another network they are others, and the lesson's words follow.
"""

from importlib import import_module
from typing import Any

from viz_app.kit.recordings import HERE, Recordings


def facts_of(lesson: str, recordings: Recordings = HERE) -> dict[str, Any]:
    """The facts of a lesson by its id, computed once."""
    module = import_module(f"{__name__}.{lesson}")
    return recordings.get(("lesson facts", lesson), lambda: module.facts(recordings))
