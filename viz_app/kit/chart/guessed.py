"""Guesses drawn on a view's own chart: along its time steps, at a height, or across its units.

What is drawn stands in the rows of `GUESSES`: a page fills them in, and a file that plays fills in
its reader's. A guess is hollow and dashed, what is right is filled, and a class is pale: nothing is
told by colour alone. A spec that is given stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from viz_app.kit.chart.gates_data import ROWS
from viz_app.kit.chart.style import INKS, Ink
from viz_app.kit.chart.window import Look

Spec = dict[str, Any]
Whose = Literal["own", "truth", "class"]

GUESSES = "guesses"
WHOSE: tuple[Whose, ...] = ("class", "truth", "own")
"""In the order in which they are drawn: one's own last."""

PALE = 0.45
"""How strong the guesses of a class are."""

DASHED = [5, 3]
HALO = 5


class Mark(NamedTuple):
    """Where on a chart a number is drawn.

    Attributes
    ----------
    axis
        ``"time"``: from a step, so many steps on. ``"height"``: at a step, so many times a height.
        ``"rows"``: below the topmost so many units. ``"step"`` and ``"unit"``: there.
    at
        That step.
    times
        That height.
    """

    axis: str
    at: float = 0.0
    times: float = 1.0


def row(value: float, whose: Whose, text: str = "", share: float = 1.0) -> dict[str, Any]:
    """A guess: where it is, whose, its words, and of a place how much of a class is there."""
    return {"value": value, "whose": whose, "text": text, "share": share}


def filled(spec: Spec, rows: Sequence[Mapping[str, Any]]) -> Spec:
    """A chart on which guesses are drawn, with these."""
    return spec | {"datasets": {**spec.get("datasets", {}), GUESSES: [*rows]}}


def on(spec: Spec, mark: Mark, look: Look) -> Spec:
    """A view's chart on which guesses can be drawn; so far there is none."""
    return filled(ON[mark.axis](spec, mark, look), ())


def _over_time(spec: Spec, mark: Mark, look: Look) -> Spec:
    """Below the first panel: from a step to where the guess says."""
    ink, size = INKS[look.theme], look.window.type_size
    room = {"own": 1.9 * size, "truth": 3.9 * size, "class": 4.9 * size}

    def added(panel: Spec) -> Spec:
        first, *others = panel["layer"]
        x, y = first["encoding"]["x"], first["encoding"]["y"]
        low, high = x["scale"]["domain"]
        here = y["scale"] | {"domain": [0, panel["height"] + room["class"]]}
        encoding = first["encoding"] | {"y": y | {"scale": here}}

        def at(step: str) -> str:
            return f"({step} - {low}) / {high - low} * width"

        half = _half(size)
        middle = f"clamp({at(f'{mark.at} + datum.value / 2')}, {half}, max({half}, width - {half}))"
        begin, end, middle_of = (
            {"value": {"expr": each}}
            for each in (at(f"{mark.at}"), at(f"{mark.at} + datum.value"), middle)
        )
        layers: list[Spec] = [first | {"encoding": encoding}, *others]
        for whose in WHOSE:
            own, base = _of(whose), {"value": panel["height"] + room[whose]}
            if whose != "class":
                line = _line(whose, ink) | {"type": "rule"}
                text = _text(whose, ink, baseline="bottom", dy=-0.5 * size)
                told = {"x": middle_of, "y": base, "text": {"field": "text"}}
                layers.append(own | {"mark": line, "encoding": {"x": begin, "x2": end, "y": base}})
                layers += _on_ground(own, text, told, ink)
            layers.append(
                own | {"mark": _point(whose, ink, size), "encoding": {"x": end, "y": base}}
            )
        return panel | {"height": panel["height"] + room["class"], "layer": layers}

    return _in_first(spec, added)


def _at_a_height(spec: Spec, mark: Mark, look: Look) -> Spec:
    """In the first panel, at one step."""
    ink, size = INKS[look.theme], look.window.type_size

    def added(panel: Spec) -> Spec:
        layers = list(panel["layer"])
        for whose in WHOSE:
            place = {
                "x": {"datum": mark.at, "type": "quantitative"},
                "y": {"field": "height", "type": "quantitative"},
            }
            own = _of(whose, {"calculate": f"datum.value * {mark.times!r}", "as": "height"})
            layers.append(own | {"mark": _point(whose, ink, size), "encoding": place})
            if whose != "class":
                # the line rises from left to right: there is room left of what is above it
                side = -1 if whose == "own" else 1
                text = _text(whose, ink, align="right" if side < 0 else "left", dx=side * size)
                told = place | {"text": {"field": "text"}}
                layers += _on_ground(own, text, told, ink)
        return panel | {"layer": layers}

    return _in_first(spec, added)


def _across_rows(spec: Spec, mark: Mark, look: Look) -> Spec:
    """In each picture of units, a line below so many of them."""
    ink, size = INKS[look.theme], look.window.type_size

    def added(panel: Spec) -> Spec:
        layers = list(panel["layer"])
        for whose in WHOSE:
            own = _of(whose, {"calculate": "datum.value - 0.5", "as": "below"})
            y = {"y": {"field": "below", "type": "quantitative"}}
            wide = 2 * size if whose == "class" else 0
            across = {"x": {"value": 0}, "x2": {"value": {"expr": f"{wide} || width"}}}
            ground = {"type": "rule", "color": ink.background, "strokeWidth": HALO}
            line = _line(whose, ink) | {"type": "rule"}
            layers += [own | {"mark": each, "encoding": y | across} for each in (ground, line)]
            if whose == "class":
                continue
            side = "right" if whose == "own" else "left"
            x = {"x": {"value": {"expr": "width - 6" if whose == "own" else "6"}}}
            above = {"expr": f"datum.value < 2 ? {1.3 * size} : {-0.4 * size}"}
            text = _text(whose, ink, align=side, baseline="alphabetic", dy=above)
            told = y | x | {"text": {"field": "text"}}
            layers += _on_ground(own, text, told, ink)
        return panel | {"layer": layers}

    return _in_units(spec, added)


def _at_steps(spec: Spec, mark: Mark, look: Look) -> Spec:
    """Panels over a layer's steps, as in Gates: guessed steps framed in each."""
    ink = INKS[look.theme]
    side = {"field": "side", "type": "quantitative"}
    sides = {"calculate": "[datum.value - 0.5, datum.value + 0.5]", "as": "side"}
    framed = _of("own", sides, {"flatten": ["side"]}) | {
        "mark": _line("own", ink) | {"type": "rule"}, "encoding": {"x": side}
    }  # fmt: skip
    last = {"aggregate": [{"op": "max", "field": "value", "as": "last"},
                          {"op": "max", "field": "text", "as": "text"}]}  # fmt: skip
    above = _of("own", last, {"calculate": "datum.last + 0.5", "as": "side"}) | {
        "mark": _text("own", ink, align="left", baseline="bottom", dx=4),
        "encoding": {"x": side, "y": {"value": {"expr": "height"}}, "text": {"field": "text"}},
    }  # fmt: skip
    pale = {"type": "rect", "color": ink.text, "opacity": {"expr": f"{PALE} * datum.share"}}
    many = _of(
        "class", {"calculate": "datum.value - 0.5", "as": "side"},
        {"calculate": "datum.value + 0.5", "as": "end"},
    ) | {"mark": pale, "encoding": {"x": side, "x2": {"field": "end"}}}  # fmt: skip
    panels = []
    for number, panel in enumerate(spec["vconcat"]):
        more = [many, framed, *([above] if number == 0 else [])]
        panels.append(panel | {"layer": [*panel["layer"], *more]} if "layer" in panel else panel)
    return spec | {"vconcat": panels}


def _at_units(spec: Spec, mark: Mark, look: Look) -> Spec:
    """In each picture of units: the guessed ones framed."""
    ink, size = INKS[look.theme], look.window.type_size
    looked_up: list[Spec] = [
        {"lookup": "value", "from": {"data": {"name": ROWS}, "key": "unit", "fields": ["row"]}},
        {"filter": "isValid(datum.row)"},
        {"calculate": "datum.row - 0.5", "as": "top"},
        {"calculate": "datum.row + 0.5", "as": "bottom"},
    ]
    across = {
        "x": {"value": 2}, "x2": {"value": {"expr": "width - 2"}},
        "y": {"field": "top", "type": "quantitative"}, "y2": {"field": "bottom"},
    }  # fmt: skip
    box = _line("own", ink) | {
        "type": "rect", "filled": False, "stroke": ink.text, "cursor": "pointer"
    }  # fmt: skip

    def told(whose: Whose, x: str, align: str) -> list[Spec]:
        text = _text(whose, ink, align=align, baseline="middle")
        place = {"x": {"value": {"expr": x}}, "y": {"field": "row", "type": "quantitative"},
                 "text": {"field": "text"}}  # fmt: skip
        return _on_ground(_of(whose, *looked_up), text, place, ink)

    layers = [
        _of("own", *looked_up) | {"mark": box, "encoding": across},
        *told("own", "width - 6", "right"), *told("class", f"{size}", "left"),
    ]  # fmt: skip
    return _in_units(spec, lambda panel: panel | {"layer": [*panel["layer"], *layers]})


ON: dict[str, Callable[[Spec, Mark, Look], Spec]] = {
    "time": _over_time, "height": _at_a_height, "rows": _across_rows, "step": _at_steps,
    "unit": _at_units,
}  # fmt: skip
"""What draws each."""


def _of(whose: Whose, *transforms: Spec) -> Spec:
    """The guesses of one kind."""
    those = {"filter": f"datum.whose == '{whose}'"}
    return {"data": {"name": GUESSES}, "transform": [those, *transforms]}


def _line(whose: Whose, ink: Ink) -> Spec:
    own = whose == "own"
    pale = {"opacity": PALE} if whose == "class" else {}
    dash = {"strokeDash": DASHED} if own else {}
    return {"color": ink.accent if whose == "truth" else ink.text, "strokeWidth": 2.5} | dash | pale


def _point(whose: Whose, ink: Ink, size: float) -> Spec:
    truth, pale = whose == "truth", whose == "class"
    return {
        "type": "point", "shape": "circle", "filled": truth, "strokeWidth": 1.5 if pale else 2.5,
        "size": (4 if pale else 8) * size, "opacity": PALE if pale else 1,
        "color": ink.accent if truth else ink.text,
    }  # fmt: skip


def _text(whose: Whose, ink: Ink, **more: Any) -> Spec:
    colour = ink.accent if whose == "truth" else ink.text
    return {"type": "text", "fontWeight": 600, "color": colour, "baseline": "middle"} | more


def _on_ground(of: Spec, text: Spec, encoding: Spec, ink: Ink) -> list[Spec]:
    """The texts of some guesses, legible on a picture."""
    wider = {"stroke": ink.background, "strokeWidth": HALO, "strokeJoin": "round",
             "color": ink.background}  # fmt: skip
    return [of | {"mark": mark, "encoding": encoding} for mark in (text | wider, text)]


def _half(size: float) -> str:
    """Half the width of a text, about: a Chinese letter is as wide as two others."""
    return f"{0.29 * size} * length(replace(datum.text, regexp('[^\\\\x00-\\\\x7f]', 'g'), 'MM'))"


def _in_first(spec: Spec, added: Callable[[Spec], Spec]) -> Spec:
    """A chart with its first panel changed."""
    if "layer" in spec:
        return added(spec)
    (place,) = (name for name in ("hconcat", "vconcat") if name in spec)
    first, *others = spec[place]
    return spec | {place: [_in_first(first, added), *others]}


def _in_units(spec: Spec, added: Callable[[Spec], Spec]) -> Spec:
    """A chart with each picture of units changed."""

    def has_units(panel: Spec) -> bool:
        return any(layer.get("data") == {"name": ROWS} for layer in panel.get("layer", ()))

    panels = [added(panel) if has_units(panel) else panel for panel in spec["vconcat"]]
    return spec | {"vconcat": panels}
