"""Interventions as text, ``clamp:forget_gate:1:units=3.7:steps=10-30``, several with commas."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields
from math import isfinite
from typing import Any

from gatescope.intervention import Bias, Clamp, Intervention, Scale, SetState, ZeroUnit

KINDS: dict[str, type[Intervention]] = {
    "clamp": Clamp, "scale": Scale, "zero": ZeroUnit, "set": SetState, "bias": Bias,
}  # fmt: skip
NUMBERS = ("value", "factor", "add")
UNNAMED = ("signal", "gate", *NUMBERS)
SEVERAL = ("units", "steps")
NOTHING, ALL = "none", "all"


def plain(done: Intervention | Iterable[Intervention]) -> tuple[Intervention, ...]:
    """Interventions that can be compared: of one number each, units and steps in order.

    Raises
    ------
    TypeError, ValueError
        When one holds an array, or what is no intervention.
    """
    several = done if isinstance(done, Iterable) else (done,)
    return tuple(
        type(one)(**{name: _plain(name, value) for name, value in vars(one).items()})
        for one in several
    )


def write(done: Iterable[Intervention]) -> str:
    """Plain interventions as text; none of them is ``none``."""
    kinds = {kind: name for name, kind in KINDS.items()}
    return ",".join(":".join([kinds[type(one)], *_said(one, _text)]) for one in done) or NOTHING


def read(text: str) -> tuple[Intervention, ...] | None:
    """Back; None where the text is none."""
    if text == NOTHING:
        return ()
    with suppress(KeyError, TypeError, ValueError):
        return plain(map(_made, text.split(",")))
    return None


def code(done: Iterable[Intervention]) -> str:
    """Plain interventions as Python writes them, without what is usual."""
    calls = [f"{type(one).__name__}({', '.join(_said(one, repr))})" for one in done]
    return f"({', '.join(calls)}{',' if len(calls) == 1 else ''})"


def _said(one: Intervention, text: Callable[[Any], str]) -> list[str]:
    return [
        text(value) if name in UNNAMED else f"{name}={text(value)}"
        for name, value in vars(one).items()
        if value is not None or (name == "units" and isinstance(one, ZeroUnit))
    ]


def _text(value: Any) -> str:
    """A number, a name, or several numbers: in a row by their ends."""
    if isinstance(value, range):
        return f"{value[0]}-{value[-1]}"
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    return ALL if value is None else str(value).removesuffix(".0")


def _made(text: str) -> Intervention:
    name, *said = text.split(":")
    kind = KINDS[name]
    first = [part.name for part in fields(kind) if part.name in UNNAMED]
    named = dict(part.split("=", 1) for part in said[len(first) :])
    given: dict[str, Any] = dict(zip(first, said, strict=False)) | named
    return kind(**given | {name: _numbers(given[name]) for name in SEVERAL if name in given})


def _numbers(text: str) -> Iterable[int] | None:
    low, row, high = text.partition("-")
    if row:
        return range(int(low), int(high) + 1)
    return None if text == ALL else tuple(map(int, text.split(".")))


def _plain(name: str, value: Any) -> Any:
    if name in NUMBERS:
        value = float(value)
        if not isfinite(value):
            raise ValueError(f"the number must be finite, got {value!r}")
        return value
    if name in SEVERAL and value is not None:
        return _in_order(value if isinstance(value, Iterable) else (value,))
    return int(value) if name == "step" else value


def _in_order(values: Any) -> range | tuple[int, ...]:
    """Numbers in their order, a row of them by its ends: it may be of any length."""
    row = isinstance(values, range) and values.step == 1
    if not row:
        values = sorted({int(value) for value in values})
        row = bool(values) and values == list(range(values[0], values[-1] + 1))
    if not len(values):
        raise ValueError("units and steps must be at least one; leave them out for all")
    return range(values[0], values[-1] + 1) if row and len(values) > 2 else tuple(values)
