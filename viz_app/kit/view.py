"""What is looked at, as one value: address, link, Python, command and provenance follow from it."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from functools import wraps
from inspect import signature
from typing import Any, ClassVar, ParamSpec, Self, TypeVar

import pandas as pd

from viz_app.kit.chart.style import Theme
from viz_app.kit.chart.window import Look
from viz_app.kit.choice import KINDS, Among, listed
from viz_app.kit.export import FigureError
from viz_app.kit.figure import Figure, origin
from viz_app.kit.figure_fit import NO_LESS
from viz_app.kit.figure_layout import Layout, preset_of
from viz_app.kit.recordings import HERE, Recordings
from viz_app.text import say

OPEN: Any = None
"""Left to the view: `complete` chooses. The field has the type that it has then."""

P = ParamSpec("P")
R = TypeVar("R")

RUNS = ("run", "others")


class ViewError(FigureError):
    """A choice that a view does not have; the message says which there are."""


@dataclass(frozen=True)
class Words:
    """What is said about a view.

    Attributes
    ----------
    headline
        One sentence on what one sees.
    look_for
        What to look for, in sentences.
    alternative
        What the chart shows, for those who cannot see it.
    """

    headline: str
    look_for: tuple[str, ...]
    alternative: str


def kept(*choices: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Of a view's method: what it returns is computed once for all who look at the same.

    It belongs to the view's ``choices``, without any named to all that are no picks, and to what
    else the method is given; its ``recordings`` keep it, so nobody may change it.
    """

    def decorated(method: Callable[P, R]) -> Callable[P, R]:
        takes = signature(method)

        @wraps(method)
        def found(*args: P.args, **options: P.kwargs) -> R:
            given = takes.bind(*args, **options)
            given.apply_defaults()
            view, recordings = given.arguments.pop("self"), given.arguments.pop("recordings")
            of = tuple(getattr(view, name) for name in choices) if choices else view.key()
            key = (method.__module__, method.__qualname__, of, *given.arguments.values())
            return recordings.get(key, lambda: method(*args, **options))

        return found

    return decorated


@dataclass(frozen=True)
class View:
    """What is looked at. A subclass is a frozen dataclass of choices; None leaves one to the view.

    Each field's name is one of `viz_app.kit.choice.KINDS`.
    """

    name: ClassVar[str]
    """Of its page and its figure."""

    picks: ClassVar[tuple[str, ...]] = ()
    """Fields that a browser changes without the server: no part of a cache key."""

    narrowest: ClassVar[int] = NO_LESS
    """The narrowest that panels of its figure can be, in pixels of usual type."""

    one_drawing: ClassVar[bool] = False
    """Its figure is one drawing, which is made smaller where there is no room."""

    def among(self, recordings: Recordings = HERE) -> dict[str, Among]:
        """What each choice can be, given the others; those that can be anything are left out."""
        return {}

    def chart(
        self, theme: Theme = "light", *, width: int | None = None, recordings: Recordings = HERE
    ) -> Any:
        """The chart."""
        raise NotImplementedError

    def table(self, *, recordings: Recordings = HERE) -> pd.DataFrame:
        """Its numbers."""
        raise NotImplementedError

    def words(self, recordings: Recordings = HERE) -> Words:
        """What is said about it, where that belongs to the view."""
        raise NotImplementedError

    def alternative(self, recordings: Recordings = HERE) -> str:
        """What the chart shows, for those who cannot see it."""
        return self.words(recordings).alternative

    def key(self) -> Self:
        """The same without what is picked."""
        return replace(self, **dict.fromkeys(self.picks))

    def complete(self, recordings: Recordings = HERE) -> Self:
        """The same with every choice made.

        Raises
        ------
        ViewError
            When there is not what is asked for.
        """
        made: dict[str, Any] = {}
        for name, among in self.among(recordings).items():
            value = getattr(self, name)
            if value is not None and value not in among.values:
                raise not_among(name, among.values, value)
            made[name] = among.usual if value is None else value
        return replace(self, **made)

    def but(self, **changed: Any) -> Self:
        """The same with other choices."""
        return replace(self, **changed)

    def shown(self, recordings: Recordings = HERE) -> Self:
        """Complete, with what is picked: all that a figure of it is made of."""
        return self.complete(recordings)

    def given(self) -> dict[str, Any]:
        """The choices that are not left to the view, by name."""
        return {
            part.name: value
            for part in fields(self)
            if (value := getattr(self, part.name)) != part.default
        }

    def brief(self, recordings: Recordings = HERE) -> Self:
        """The same, leaving to the view what it would choose by itself."""
        return self.but(
            **{
                name: None
                for name, among in self.among(recordings).items()
                if KINDS[name].brief
                and getattr(self, name) == among.usual
                and not (KINDS[name].alone and len(among.values) > 1)
            }
        )

    def texts(self) -> dict[str, str]:
        """The choices that are not left to the view, as text."""
        return {name: KINDS[name].write(value) for name, value in self.given().items()}

    def to_query(self) -> dict[str, str]:
        """As an address has it."""
        return self.texts()

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Self:
        """The view of some choices, as values or as text; those that it does not have are ignored.

        Raises
        ------
        ViewError
            When a text cannot be read, or a choice that has to be made is missing.
        """
        made = {}
        for part in fields(cls):
            if part.name in asked:
                made[part.name] = _read(part.name, asked[part.name])
            elif part.default is MISSING:
                raise ViewError(say("figures.wrong_without", view=cls.name, name=part.name))
        return cls(**made)

    def file_name(self) -> str:
        """Of its files, without their ending."""
        return self.name

    def call(self) -> str:
        """The value as Python writes it, without what is left to the view."""
        parts = [
            repr(value) if name == "run" else f"{name}={KINDS[name].code(value)}"
            for name, value in self.given().items()
        ]
        return f"{type(self).__name__}({', '.join(parts)})"

    def imports(self) -> str:
        """Further lines of Python that its value needs."""
        return ""

    def code(self, **look: Any) -> str:
        """The lines of Python that draw it."""
        drawn = ", ".join(f"{name}={value!r}" for name, value in look.items())
        return f"""\
{self.imports()}from viz_app.kit import export
from viz_app.features import {type(self).__name__}

view = {self.call()}
export.save(view.chart({drawn}), "{self.name}.svg")
"""

    def code_of_figure(self, layout: Layout) -> str:
        """The lines of Python that set it as a figure, and keep its numbers."""
        return f"""\
{self.imports()}from viz_app.kit import export
from viz_app.features import {type(self).__name__}
from viz_app.kit.figure_layout import {"preset" if preset_of(layout) else "Layout"}

figure = {self.call()}.figure()
layout = {layout.call()}
export.save(figure.set(layout), "{self.name}.svg", figure.about)
figure.arrays().to_netcdf("{self.name}.nc", engine="h5netcdf")
"""

    def command(self, layout: Layout, recordings: Recordings = HERE) -> str:
        """The same figure at the terminal."""
        query = self.texts()
        query.pop("others", None)
        runs = [query.pop("run", ""), *(getattr(self, "others", None) or ())]
        named = "".join(f" {shlex.quote(run)}" for run in runs if run)
        said = query | {
            name: f"{value:g}" if isinstance(value, float) else str(value)
            for name, value in layout.said().items()
        }
        options = "".join(f" --{name} {shlex.quote(text)}" for name, text in said.items())
        return f"gatescope figure view {self.name}{named}{options} --out {self.name}.svg"

    def still(self, width: int, look: Look, recordings: Recordings = HERE) -> Any:
        """The chart of a figure, its panels so many pixels wide; a view may fit it to the room."""
        return self.chart(look.theme, width=width, recordings=recordings)

    def figure(self, recordings: Recordings = HERE) -> Figure:
        """The view as a figure, with its numbers and where they come from."""
        made = self.shown(recordings)

        def draw(width: int, look: Look) -> Any:
            return made.still(width, look, recordings)

        return Figure(
            draw, lambda: made.table(recordings=recordings), made.about(recordings),
            lambda: made.alternative(recordings), made.narrowest, made.one_drawing,
        )  # fmt: skip

    def names(self, recordings: Recordings = HERE) -> tuple[str, ...]:
        """The runs that it shows."""
        return ()

    def about(self, recordings: Recordings = HERE) -> dict[str, str]:
        """Where it comes from: version, runs, settings, and what is chosen."""
        runs = {name: recordings.run(name) for name in self.names(recordings)}
        chosen = {name: text for name, text in self.texts().items() if name not in RUNS}
        step = {"step": chosen.pop("checkpoint")} if "checkpoint" in chosen else {}
        shown = {f"shown_{name}": text for name, text in chosen.items()}
        return origin(self.name, runs) | step | shown


def not_among(name: str, values: Sequence[Any], value: Any) -> ViewError:
    """A choice that is none of those there are."""
    return ViewError(
        say("figures.wrong_value", name=name, values=listed(values), value=repr(value))
    )


def _read(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = KINDS[name].read(value)
    if found is None:
        raise ViewError(say("figures.wrong_text", name=name, value=repr(value)))
    return found
