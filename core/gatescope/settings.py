"""Settings: frozen, validated values whose fields say themselves what they may be.

A field has its type and its bounds, its usual value, and what a form offers of it::

    class TrainConfig(FrozenConfig):
        hidden_size: Annotated[int, Offer(1, 256)] = Field(16, ge=1)

`settings_of` reads that back as a `Setting`: forms, options of a command line and the sentence that
refuses a value have no other source.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType, NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    Self,
    Union,
    get_args,
    get_origin,
)

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from gatescope import earlier
from gatescope.errors import joined, say, sentence_of

Kind = Literal["whole", "number", "switch", "choice", "text", "other"]

KINDS: dict[Any, Kind] = {int: "whole", float: "number", bool: "switch", str: "text"}

LONGEST_VALUE = 80
"""Characters of a wrong value that are repeated to whoever gave it."""


@dataclass(frozen=True)
class Offer:
    """What a form offers of a setting; in code more may be said.

    Attributes
    ----------
    low, high, step
        The range of a number field or slider, and how far its buttons go.
    values
        A handful to choose from instead, in order.
    """

    low: float | None = None
    high: float | None = None
    step: float = 1
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What one setting may be.

    Attributes
    ----------
    name
        The field's.
    kind
        What it holds.
    usual
        Its value where nothing is said; None too where something must be said.
    optional
        Whether None may be said.
    low, high
        The least and the largest value there may be; None where there is no bound.
    above, below
        Whether `low` and `high` themselves are too little and too much.
    choices
        Of a choice, all there are.
    offer
        What a form offers.
    """

    name: str
    kind: Kind
    usual: Any = None
    optional: bool = False
    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False
    choices: tuple[str, ...] = ()
    offer: Offer = Offer()

    def expected(self) -> str:
        """What may be said, in words: ``at least 1 (a whole number)``."""
        words = self._choice() if self.kind == "choice" else self._range()
        return say("none_or", other=words) if self.optional else words

    def refusal(self, value: object) -> str:
        """Why a value cannot be: what it must be, what it is, and what it usually is."""
        given = repr(value)
        if len(given) > LONGEST_VALUE:
            given = f"{given[:LONGEST_VALUE]}…"
        if self.usual is None:
            return say("must_be", expected=self.expected(), given=given)
        return say("must_be_usually", expected=self.expected(), given=given, usual=repr(self.usual))

    def allows(self, value: object) -> bool:
        """Whether a number lies within the bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        enough = self.low is None or (value > self.low if self.above else value >= self.low)
        return enough and (
            self.high is None or (value < self.high if self.below else value <= self.high)
        )

    def _choice(self) -> str:
        *others, last = map(repr, self.choices)
        return say("others_or", others=", ".join(others), last=last) if others else last

    def _range(self) -> str:
        kind = say(f"kind_{self.kind}")
        if self.low is not None and self.high is not None and not (self.above or self.below):
            return say("range_from_to", low=self.low, high=self.high, kind=kind)
        bounds = []
        if self.low is not None:
            bounds.append(say("bound_above" if self.above else "bound_least", bound=self.low))
        if self.high is not None:
            bounds.append(say("bound_below" if self.below else "bound_most", bound=self.high))
        return say("range_within", bounds=joined(bounds, "both"), kind=kind) if bounds else kind


class FrozenConfig(BaseModel):
    """Settings that cannot be changed; what is wrong with them is told in one line."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    varied: ClassVar[tuple[str, ...]] = ()
    """Settings of the config within that this one sets itself."""

    def __init__(self, **values: Any) -> None:
        current = self.up_to_date(values)
        if values.keys() - current.keys():
            earlier.warn(*self._said_and_now(sorted(values.keys() - current.keys())))
        try:
            super().__init__(**current)
        except ValidationError as error:
            raise ValueError(_sentence(error, type(self))) from None

    if not TYPE_CHECKING:  # an attribute that is not there stays an error of types

        def __getattr__(self, name: str) -> Any:
            """A setting by its earlier name, or one that stands in the base now."""
            now, fields = earlier.SETTINGS.get(name, name), type(self).model_fields
            if name in fields or now not in fields.keys() | settings_of(type(self)).keys():
                return super().__getattr__(name)
            now = now if now in fields else f"base.{now}"
            kind = type(self).__name__
            earlier.warn(f"{kind}.{name}", f"{kind}.{now}")
            return attrgetter(now)(self)

    @classmethod
    def of(cls, **settings: Any) -> Self:
        """A config from settings side by side, as forms, options and files of any version say them.

        Those of its ``base`` are put there; what is left out is as usual.
        """
        return cls(**cls.up_to_date(settings))

    @classmethod
    def up_to_date(cls, said: Mapping[str, Any]) -> dict[str, Any]:
        """Settings by the names, and at the places, that they have now.

        Raises
        ------
        ValueError
            When one is there under two names.
        """
        current: dict[str, Any] = {}
        for name, value in said.items():
            now = name if name in cls.model_fields else earlier.SETTINGS.get(name, name)
            earlier.require_one({name, now} & said.keys(), now)
            within = _config_in(cls.model_fields[now]) if now in cls.model_fields else None
            if within is not None and isinstance(value, Mapping):
                value = within.up_to_date(value)
            current[now] = value
        return current

    def first_saved(self) -> dict[str, Any]:
        """The settings as JSON had them when each was new: what keys are made of."""
        dumped = self.model_dump(mode="json")
        return {
            earlier.first_name(name): (
                value.first_saved() if isinstance(value, FrozenConfig) else dumped[name]
            )
            for name, value in self
        }

    @classmethod
    def _said_and_now(cls, names: list[str]) -> tuple[str, str]:
        """How settings were said, and how they are said now."""
        said = ", ".join(f"{name}=..." for name in names)
        current = [earlier.SETTINGS.get(name, name) for name in names]
        now = [f"{name}=..." for name in current if name in cls.model_fields]
        base = [f"{name}=..." for name in current if name not in cls.model_fields]
        if base:
            now.append(f"base=TrainConfig({', '.join(base)})")
        return f"{cls.__name__}({said})", f"{cls.__name__}({', '.join(now)})"


@lru_cache
def settings_of(kind: type[FrozenConfig]) -> Mapping[str, Setting]:
    """What each field of a config may be, by its name.

    Parameters
    ----------
    kind
        A config's class, as `gatescope.TrainConfig`. Of a field that holds a config itself, as
        ``base``, that config's fields stand in its place, usual as that field has them.

    Examples
    --------
    >>> from gatescope import TrainConfig
    >>> from gatescope.settings import settings_of
    >>> rate = settings_of(TrainConfig)["learning_rate"]
    >>> rate.usual, rate.kind, rate.expected()
    (0.003, 'number', 'greater than 0 (a number)')
    >>> size = settings_of(TrainConfig)["hidden_size"].offer
    >>> size.low, size.high, size.step
    (1, 256, 1)
    """
    settings: dict[str, Setting] = {}
    for name, field in kind.model_fields.items():
        within = _config_in(field)
        if within is None:
            usual = None if field.is_required() else field.get_default(call_default_factory=True)
            settings[name] = setting_of(name, field.annotation, field.metadata, usual)
            continue
        default = field.get_default(call_default_factory=True)
        for inner, setting in settings_of(within).items():
            if inner not in kind.varied:
                usual = getattr(default, inner, setting.usual)
                settings.setdefault(inner, replace(setting, usual=usual))
    return MappingProxyType(settings)


def setting_of(
    name: str, annotation: Any, marks: Iterable[object] = (), usual: Any = None
) -> Setting:
    """What a field, or a parameter, may be, as its annotation says.

    Parameters
    ----------
    name
        Its name.
    annotation
        Its type; an `Annotated` one brings bounds and an `Offer` with it.
    marks
        Bounds and an `Offer` that stand beside the type.
    usual
        Its value where nothing is said.
    """
    if get_origin(annotation) is Annotated:
        annotation, *own = get_args(annotation)
        marks = [*own, *marks]
    optional = False
    if get_origin(annotation) in (Union, UnionType):
        others = [part for part in get_args(annotation) if part is not NoneType]
        annotation, optional = others[0], len(others) < len(get_args(annotation))
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    bounds: dict[str, Any] = {}
    for mark in marks:
        match mark:
            case Ge(low):
                bounds |= {"low": low}
            case Gt(low):
                bounds |= {"low": low, "above": True}
            case Le(high):
                bounds |= {"high": high}
            case Lt(high):
                bounds |= {"high": high, "below": True}
            case Offer():
                bounds |= {"offer": mark}
    return Setting(
        name,
        "choice" if choices else KINDS.get(annotation, "other"),
        usual=usual,
        optional=optional,
        choices=choices,
        **bounds,
    )


def _config_in(field: FieldInfo) -> type[FrozenConfig] | None:
    """The class of the config that a field holds; None where it holds something else."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, FrozenConfig) else None


def _sentence(error: ValidationError, kind: type[FrozenConfig]) -> str:
    """Every fault in one line: the field, the value, what was expected."""
    return joined(_fault(fault, kind) for fault in error.errors())


def _fault(fault: ErrorDetails, kind: type[FrozenConfig]) -> str:
    where, known = ".".join(str(part) for part in fault["loc"]), settings_of(kind)
    wrong: str = fault["msg"]
    if fault["type"] == "extra_forbidden":
        names = dict.fromkeys([*kind.model_fields, *known])
        wrong = say("setting_unknown", names=", ".join(names))
    elif fault["type"] == "missing":
        wrong = say("setting_missing")
    elif where in known and known[where].kind != "other":
        wrong = known[where].refusal(fault["input"])
    elif fault["type"] == "value_error":
        wrong = sentence_of(fault["ctx"]["error"])
    elif where:
        wrong = say("setting_got", wrong=wrong, value=repr(fault["input"]))
    is_told = fault["type"] == "value_error" and where in kind.model_fields
    if is_told and _config_in(kind.model_fields[where]) is not None:
        return wrong  # a config within, as ``base``, has said which of its settings
    return say("setting", name=where, wrong=wrong) if where else wrong
