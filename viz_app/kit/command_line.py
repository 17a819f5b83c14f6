"""How settings are called and written at the terminal."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatescope.settings import Setting

NAMES: dict[str, tuple[str, ...]] = {
    "num_layers": ("--layers",),
    "max_steps": ("--steps",),
    "initialization": ("--init", "--initialization"),
    "optimizer": ("--optimizer", "--optimiser"),
    "max_grad_norm": ("--max-grad-norm", "--clip"),
    "variants": ("--cells",),
    "learning_rates": ("--rates",),
}
"""Settings that have another name at the terminal, or two."""

OF_ITSELF = ("split", "data")
"""What a task takes and nobody says at the terminal."""


def option_names(name: str) -> tuple[str, ...]:
    """How a setting is called at the terminal."""
    return NAMES.get(name, (f"--{name.replace('_', '-')}",))


def negated(name: str) -> str:
    """How a setting is left out, as ``--no-clip``."""
    return option_names(name)[-1].replace("--", "--no-", 1)


def as_text(value: Any) -> str:
    """A usual value as one would type it."""
    if isinstance(value, (tuple, list)):
        return " ".join(map(as_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def options_of_tasks() -> dict[str, "dict[str, Setting]"]:
    """What tasks take, by name and task."""
    from gatescope import DATA_TASKS, TASKS

    found: dict[str, dict[str, Setting]] = {}
    for task, made in (TASKS | DATA_TASKS).items():
        for name, setting in made.options().items():
            if name not in OF_ITSELF and setting.kind != "other":
                found.setdefault(name, {})[task] = setting
    return found
