"""What the experiments of many runs have in common: settings that all of their runs share."""

from collections.abc import Mapping
from typing import Any, ClassVar

from gatescope.settings import FrozenConfig, settings_of
from gatescope.training import TrainConfig


class Study(FrozenConfig):
    """Runs that share a base, and differ in what is varied.

    Attributes
    ----------
    base
        Settings of all runs; what is `varied` is left as it is usually, whatever is said of it.
    """

    first_fields: ClassVar[tuple[str, ...]]
    """The settings, the base's among them, that the first version had, in its order."""

    base: TrainConfig

    @classmethod
    def up_to_date(cls, said: Mapping[str, Any]) -> dict[str, Any]:
        """As for any config; earlier versions had the base's settings beside the others."""
        current = super().up_to_date(said)
        shared = TrainConfig.model_fields.keys() - cls.model_fields.keys() - set(cls.varied)
        moved = {name: current.pop(name) for name in list(current) if name in shared}
        base = current.get("base")
        if "base" not in current:
            base = cls.model_fields["base"].get_default(call_default_factory=True)
        if isinstance(base, Mapping | TrainConfig):
            kept = {name: value for name, value in dict(base).items() if name not in cls.varied}
            current["base"] = kept | moved
        return current

    def first_saved(self) -> dict[str, Any]:
        """As the first version had it; what is shared since then only where it is not as usual."""
        said = super().first_saved()
        base, usual = said.pop("base"), settings_of(type(self))
        flat = base | said
        later = {
            name: value
            for name, value in base.items()
            if name not in self.first_fields and name in usual and value != usual[name].usual
        }
        return {name: flat[name] for name in self.first_fields} | later

    def shared(self) -> dict[str, Any]:
        """The base's settings that all runs have, by name."""
        return {name: value for name, value in self.base if name not in self.varied}

    def side_by_side(self) -> dict[str, Any]:
        """All settings by name, as `of` takes them."""
        return self.shared() | {name: value for name, value in self if name != "base"}
