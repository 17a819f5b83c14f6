"""The widgets of a form: what a setting may be and its usual value are those of its config."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from gatescope import TrainConfig
from gatescope.settings import FrozenConfig, Offer, Setting, settings_of
from viz_app.kit.page import choices
from viz_app.text import has, name_of, say

SHORT = {
    "hidden_size": "units", "num_layers": "layers", "embedding_size": "embedding",
    "initialization": "start", "forget_bias": "bias", "learning_rate": "rate",
    "batch_size": "batch", "max_steps": "steps", "max_grad_norm": "clip_at",
    "readout_dropout": "readout", "recurrent_dropout": "recurrent",
    "plateau_patience": "patience",
}  # fmt: skip
"""What a setting is called in the session and in the texts, if not by its name."""

C = TypeVar("C", bound=FrozenConfig)

OFF = 0
"""What stands in a choice for a setting that is left out."""


@dataclass(frozen=True)
class Fields(Generic[C]):
    """The fields of one form.

    Attributes
    ----------
    form
        Its name; under it and a field's name the field's value is kept in the session.
    words
        What the texts' keys begin with: ``train.`` for ``train.units`` and ``train.units_help``.
    usual
        What the form opens with; what it does not ask for stays so.
    """

    form: str
    words: str
    usual: C

    def key(self, name: str) -> str:
        """Where a field's value is kept."""
        return f"{self.form}_{name}"

    def keep(self) -> None:
        """Keep all values on a page that has not drawn its widgets yet."""
        choices.keep_all(self.key(""))

    def label(self, name: str, **values: Any) -> dict[str, Any]:
        """A field's name, help and key, as a widget takes them."""
        return {
            "label": self.say(name),
            "help": self.say(f"{name}_help", **values),
            "key": self.key(name),
        }

    def say(self, name: str, **values: Any) -> str:
        """A text of this form; those that it does not have are of the page Train."""
        own = f"{self.words}{name}"
        return say(own if has(own) else f"train.{name}", **values)

    def ask(self, places: Sequence[Any], *names: str) -> dict[str, Any]:
        """Ask for settings, each in its place; their values by name."""
        return {name: self.setting(place, name) for name, place in zip(names, places, strict=False)}

    def setting(
        self, place: Any, name: str, show: Callable[[Any], str] | None = None,
        width: int | str = "stretch", **values: Any,
    ) -> Any:  # fmt: skip
        """Ask for a setting, as what it may be suggests.

        Parameters
        ----------
        place
            Where on the page.
        name
            The setting's.
        show
            From a value to its text; without it a number is itself, and a choice has its text.
        width
            The widget's, in pixels.
        values
            What is filled in into the help.
        """
        setting, short, usual = self._of(name), SHORT.get(name, name), self.opens_with(name)
        offer = setting.offer
        if setting.kind == "switch":
            return self.switch(place, short, usual)
        if offer.values or setting.choices:
            options = [OFF if value is None else value for value in offer.values]
            value = self.pick(
                place, short, options or list(setting.choices), OFF if usual is None else usual,
                format_func=show or (self._number if options else self._choice(short)),
                width=width,
            )  # fmt: skip
            return None if setting.optional and value == OFF else value
        if setting.high == 1 and setting.below:
            return self._share(place, offer, short, usual)
        return self._within(place, setting, short, usual, values, width)

    def pick(self, place: Any, name: str, options: list[Any], usual: Any, **look: Any) -> Any:
        """Ask for one of some values."""
        choices.keep(self.key(name), options, usual)
        return place.selectbox(options=options, **self.label(name), **look)

    def cell(self, place: Any, cells: Sequence[str], name: str = "cell") -> str:
        """Ask for one of a few cells, the first of which is usual."""
        return self.one_of(place, name, cells, cells[0], lambda cell: name_of("cell", cell))

    def one_of(
        self, place: Any, name: str, options: Sequence[str], usual: str,
        show: Callable[[str], str],
    ) -> str:  # fmt: skip
        """Ask for one of a few values that stand side by side."""
        choices.keep(self.key(name), list(options), usual)
        return str(
            place.segmented_control(
                options=options, required=True, width="stretch", format_func=show,
                **self.label(name),
            )
        )  # fmt: skip

    def several(
        self, place: Any, name: str, options: Sequence[Any], show: Callable[[Any], str] = str
    ) -> tuple[Any, ...]:
        """Ask for some of a setting's values."""
        st.session_state.setdefault(self.key(name), list(self.opens_with(name)))
        return tuple(place.multiselect(options=list(options), format_func=show, **self.label(name)))

    def whole(
        self, place: Any, name: str, lowest: int, highest: int, usual: int, **values: Any
    ) -> int:
        """Ask for a whole number that is no setting."""
        st.session_state.setdefault(self.key(name), usual)
        return int(
            place.number_input(
                min_value=lowest, max_value=highest, step=1, **self.label(name, **values)
            )
        )

    def switch(self, place: Any, name: str, usual: bool) -> bool:
        """Ask yes or no."""
        st.session_state.setdefault(self.key(name), usual)
        return bool(place.toggle(**self.label(name)))

    def config(self, chosen: Mapping[str, Any]) -> C:
        """What the form opens with, changed as chosen."""
        usual = {name: self.opens_with(name) for name in settings_of(type(self.usual))}
        return type(self.usual).of(**(usual | dict(chosen)))

    def opens_with(self, name: str) -> Any:
        """A setting's usual value here; an experiment has those of its runs in its base."""
        of_run = getattr(self.usual, "base", self.usual)
        return getattr(self.usual if name in type(self.usual).model_fields else of_run, name)

    def _of(self, name: str) -> Setting:
        """What a setting may be; what a run of it offers, where an experiment offers nothing."""
        own, of_run = settings_of(type(self.usual))[name], settings_of(TrainConfig).get(name)
        return own if of_run is None or own.offer != Offer() else of_run

    def _within(
        self, place: Any, setting: Setting, short: str, usual: Any, values: Mapping[str, Any],
        width: int | str,
    ) -> Any:  # fmt: skip
        """Ask for a number in a range; an optional one may be left empty."""
        kind: type = int if setting.kind == "whole" else float
        look: dict[str, Any] = {}
        if setting.optional:
            look = {"value": None, "placeholder": self.say(f"{short}_usual")}
        else:
            st.session_state.setdefault(self.key(short), usual)
        offer = setting.offer
        return place.number_input(
            min_value=kind(offer.low), max_value=kind(offer.high), step=kind(offer.step),
            width=width, **look, **self.label(short, **values),
        )  # fmt: skip

    def _share(self, place: Any, offer: Offer, short: str, usual: float) -> float:
        """Ask for a share, in percent."""
        st.session_state.setdefault(self.key(short), usual)
        low, high = float(offer.low or 0), float(offer.high or 1)
        return float(
            place.slider(
                min_value=low, max_value=high, step=float(offer.step), format="percent",
                **self.label(short),
            )
        )  # fmt: skip

    def _choice(self, short: str) -> Callable[[Any], str]:
        return lambda value: self.say(f"{short}_{value}")

    @staticmethod
    def _number(value: float) -> str:
        return f"{value:g}" if value else say("train.never")
