"""A question of a lesson as it is read from its file. `viz_app.features.lessons.lesson` says how a
file writes it."""

from collections.abc import Mapping, Sequence
from typing import Any

from viz_app.features.lessons.asked import HIGH, LOW, NAMED, OTHER, Asked
from viz_app.features.lessons.words import LessonError

KEYS: dict[str, tuple[str, ...]] = {
    "one": (),
    "number": ("low", "high", "near", "step", "log", "on", "at", "times"),
    "place": ("places", "near", "axis"),
    "curve": ("at", "low", "high", "near"),
    "order": (),
}
"""What a question of each kind has besides its words."""

NEEDED: dict[str, tuple[str, ...]] = {
    "one": (), "number": ("low", "high", "near"), "place": ("places",),
    "curve": ("at", "low", "high", "near"), "order": (),
}  # fmt: skip

COMMON = ("kind", "truth", "of", "typical", "options", "wrong", "because", "asks")

TEXTS: dict[str, tuple[str, ...]] = {"number": ("unit",), "curve": ("x", "y")}


def asked_of(name: str, told: Mapping[str, Any], where: str) -> Asked:
    """A question from its part of a file."""
    kind = told.get("kind")
    if kind not in KEYS:
        raise LessonError(f"{where}.kind is one of {', '.join(KEYS)}, not {kind!r}")
    titles = TEXTS.get(kind, ())
    only(told, (*COMMON, *KEYS[kind], *titles), where)
    if missing := [key for key in NEEDED[kind] if key not in told]:
        raise LessonError(f"{where} has no {', '.join(missing)}")
    for key in KEYS[kind]:
        _setting(key, told.get(key, 0), f"{where}.{key}")
    options = told.get("options", {})
    if kind in ("one", "order"):
        if len(options) < 2:
            raise LessonError(f"{where}.options: a question of kind {kind} has two or more")
    elif options:
        raise LessonError(f"{where}.options are for one and order")
    because = told.get("because", "")
    reasons = dict(because) if isinstance(because, Mapping) else {"": because}
    if isinstance(because, Mapping) and (kind != "one" or set(because) != set(options)):
        raise LessonError(f"{where}.because has words for each option of a question of kind one")
    wrong, typical = told.get("wrong", {}), told.get("typical", {})
    there = {OTHER, *typical, *(options if kind == "one" else ())}
    there |= {LOW, HIGH} if kind in ("number", "curve") else set()
    if strange := [key for key in wrong if key not in there]:
        raise LessonError(
            f"{where}.wrong: {', '.join(strange)} is none of {', '.join(sorted(there))}"
        )
    if unsaid := [key for key in typical if key not in wrong]:
        raise LessonError(f"{where}.typical: nothing is said of {', '.join(unsaid)} in wrong")
    texts = texts_of(told, ("asks", "truth", "of", *titles), ("asks", "truth"), where)
    for each in reasons.values():
        texts_of({"because": each}, ("because",), ("because",), where)
    settings = {key: _listed(told[key]) for key in KEYS[kind] if key in told}
    return Asked(
        name, kind, texts["asks"], dict(options), texts["truth"], settings, reasons, dict(wrong),
        dict(typical), texts["of"], {key: texts[key] for key in titles},
    )  # fmt: skip


def only(told: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    """Nothing stands there but what may.

    Raises
    ------
    LessonError
        When there is more.
    """
    if strange := [key for key in told if key not in keys]:
        raise LessonError(f"{where}: {', '.join(strange)} is none of {', '.join(keys)}")


def texts_of(
    told: Mapping[str, Any], keys: Sequence[str], needed: Sequence[str], where: str
) -> dict[str, str]:
    """Texts by key, "" where there is none.

    Raises
    ------
    LessonError
        When one is missing or is no text.
    """
    for key in keys:
        text = told.get(key, "")
        if not isinstance(text, str) or (key in needed and not text.strip()):
            raise LessonError(f"{where}.{key} has to be a text, not {text!r}")
    return {key: told.get(key, "") for key in keys}


def _setting(key: str, value: Any, where: str) -> None:
    if key in NAMED:
        if value and value not in NAMED[key]:
            raise LessonError(f"{where} is one of {', '.join(NAMED[key])}, not {value!r}")
    elif not (isinstance(value, int | float | str) or (key == "at" and isinstance(value, list))):
        raise LessonError(f"{where} is a number, or the name of a fact, not {value!r}")


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
