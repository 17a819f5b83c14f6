"""The cell as a vessel: what is written comes in from the left, what is kept goes round, what is
shown leaves to the right; each through its door."""

from collections.abc import Callable, Mapping

from viz_app.features.start import chart_marks as marks
from viz_app.features.start.chart_places import Places
from viz_app.features.start.chart_scene import DOORS, Scene
from viz_app.kit.chart.style import INKS, SIGNAL_COLOURS, Ink, Theme

Across = Callable[[float], str]
"""From places of the vessel to where they are in the picture."""


def vessel(at: Places, theme: Theme, scene: Scene, words: Mapping[str, str]) -> list[marks.Layer]:
    """Its level, its pipes and their doors, and what they let through."""
    ink, colours = INKS[theme], SIGNAL_COLOURS[theme]
    by = at.size / 13
    wide = 300 * by
    aside = f"width - {at.beside - (at.beside - wide) / 2 - 8}"
    x0 = f"((width - {wide}) / 2)" if at.narrow else f"({aside})"
    top = at.end + at.gap if at.narrow else 8.0
    room = at.vessel if at.narrow else at.bottom - top - 3.6 * at.size
    pipe = max(18.0, min(30.0 * by, room * 0.13))
    loop, low = top + pipe / 2 + 2, top + room
    brim = loop + pipe * 1.15
    left, right = 92, 208

    def x(offset: float) -> str:
        return f"{x0} + {offset * by}"

    level = f"clamp(states[now] / {scene.reach:.6g}, -1, 1)"
    middle, half = (brim + low) / 2, (low - brim) / 2 - 4
    found = [
        marks.bars(marks.ONE, x(left), x(right), f"{middle} - {level} * {half}", low,
              fill=f"'{colours['cell_state']}'", opacity=".55"),
        marks.frame(x(left), x(right), brim, low, ink.text),
        marks.rule(x(left), x(left + 8), middle, ink.quiet),
        marks.rule(x(right - 8), x(right), middle, ink.quiet),
        marks.text("format(states[now], '+.2f')", x((left + right) / 2), f"{middle}", at.size + 3,
              ink.text, weight="bold"),
    ]  # fmt: skip
    if scene.gates is None:
        return found + _said(at, ink, theme, words, x, low)
    above, below = brim + pipe * 0.9, low - pipe * 1.1
    found += _pipe(x(8), x(left), above, pipe, 0, left - 40, x, theme)
    found += _pipe(x(right), x(right + 84), below, pipe, 2, right + 42, x, theme)
    up, down = right - 26, left + 26
    green = f"'{colours['forget_gate']}'"
    flow = ".15 + .6 * gates[now][1]"
    thick, slim = pipe * 0.8, pipe * 0.4 / by
    found += [
        marks.bars(marks.ONE, x(side - slim), x(side + slim), f"{loop + thick / 2}", brim,
              fill=green, opacity=flow)
        for side in (up, down)
    ]  # fmt: skip
    found += _pipe(x(down - slim), x(up + slim), loop, thick, 1, (up + down) / 2, x, theme)
    labels = (
        ("input_gate", x(8), above - pipe / 2 - 5, "left", "bottom"),
        ("forget_gate", x(up + slim + 8), loop, "left", "middle"),
        ("output_gate", x(right + 84), below - pipe / 2 - 5, "right", "bottom"),
    )
    for number, (gate, across, high, align, baseline) in enumerate(labels):
        text = f"'{words[f'start.{gate}']} ' + format(gates[now][{number}], '.2f')"
        found.append(
            marks.text(text, across, f"{high}", at.size + 1, colours[gate], align=align,
                  baseline=baseline, weight="bold")
        )  # fmt: skip
    return found + _said(at, ink, theme, words, x, low)


def _said(
    at: Places, ink: Ink, theme: Theme, words: Mapping[str, str], x: Across, low: float
) -> list[marks.Layer]:
    """The answer at the cursor and the right one, large; where there is room for it."""
    if at.narrow:
        return []
    answer = f"'{words['start.answer']} ' + format(answers[now], '.2f')"
    right = f"'{words['start.right']} ' + format(target, '.2f')"
    return [
        marks.text(
            answer,
            x(150),
            f"{low + 10}",
            at.size + 6,
            SIGNAL_COLOURS[theme]["cell_state"],
            baseline="top",
            weight="bold",
        ),
        marks.text(
            right, x(150), f"{low + 10 + 1.55 * at.size}", at.size + 2, ink.text, baseline="top"
        ),
    ]


def _pipe(
    x: str, x2: str, middle: float, thick: float, gate: int, door: float, at: Across, theme: Theme
) -> list[marks.Layer]:
    """A pipe, the stronger the more its gate lets through, and its door, which slides up."""
    ink, colour = INKS[theme], SIGNAL_COLOURS[theme][DOORS[gate]]
    opened = f"gates[now][{gate}]"
    top, base = middle - thick / 2, middle + thick / 2
    return [
        marks.bars(
            marks.ONE, x, x2, f"{top}", base, fill=f"'{colour}'", opacity=f".15 + .6 * {opened}"
        ),
        marks.bars(
            marks.ONE,
            at(door - 5),
            at(door + 5),
            f"{top} - 3",
            f"{base} + 3 - {opened} * {thick + 3}",
            fill=f"'{ink.text}'",
        ),
        marks.bars(
            marks.ONE, at(door - 5), at(door + 5), f"{base}", f"{base} + 3", fill=f"'{ink.text}'"
        ),
    ]
