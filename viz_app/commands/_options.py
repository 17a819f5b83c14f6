"""Options that are read from a table: names, kinds, help and usual values stand nowhere else.

Such a table comes with what is slow to import, so a command reads it when its options are needed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from viz_app.commands._framework import Worded, brief
from viz_app.kit.command_line import as_text, negated, option_names, options_of_tasks
from viz_app.text import has, say

REQUIRED = Parameter.empty
"""The value of what must be said."""

Kind = Any
"""What an option's text is read as."""

KINDS: dict[str, Kind] = {"whole": int, "number": float, "switch": bool}


MODULES = {"view": "figure"}
"""Where a command is made, if not in the module of its own name."""


class Command(Worded, TyperCommand):
    """One whose options stand in its code."""


class Later(Worded, TyperCommand):
    """A command whose options, and what it does, are made by ``command()`` in its module."""

    @cached_property
    def made(self) -> TyperCommand:
        """The command itself."""
        name = MODULES.get(str(self.name), self.name)
        made: TyperCommand = import_module(f"viz_app.commands.{name}").command()
        return made

    @property
    def params(self) -> list[Any]:
        """Its options, read when they are asked for."""
        return self.made.params

    @params.setter
    def params(self, value: list[Any]) -> None:
        """What it is registered with has none."""

    def invoke(self, ctx: Any) -> Any:
        """Do it."""
        return self.made.invoke(ctx)


def told(key: str) -> dict[str, Any]:
    """A command's help, ``cli.<key>``, and what a list of commands says of it."""
    said = say(f"cli.{key}")
    return {"help": said, "short_help": brief(said)}


def made_command(
    run: Callable[[Mapping[str, Any]], None], parameters: Iterable[Parameter]
) -> TyperCommand:
    """A command that is given all its values by name; None where nothing was said."""

    def called(**given: Any) -> None:
        run(given)

    first = sorted(parameters, key=lambda part: part.default is not REQUIRED)
    called.__signature__ = Signature(first)  # type: ignore[attr-defined]
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(called)
    made = get_command(app)
    assert isinstance(made, TyperCommand)
    return made


def parameter(
    name: str, kind: Kind, option: Any, default: Any = None, *, several: bool = False
) -> Parameter:
    """An option or argument; one that is left out is None, and a flag is off."""
    if kind is bool:
        default = False
    elif default is not REQUIRED:
        kind = (list[kind] if several else kind) | None
    return Parameter(
        name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


def out_folder(key: str, default: Any = REQUIRED) -> Parameter:
    """Where a result is written."""
    return parameter("out", Path, option(key, "--out", metavar="FOLDER", file_okay=False), default)


def option(key: str, *names: str, said: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """An option whose help is ``cli.<key>``, with what is filled in there."""
    return typer.Option(*names, help=say(f"cli.{key}", **said or {}), show_default=False, **more)


def argument(key: str, metavar: str, **said: Any) -> Any:
    """An argument whose help is ``cli.<key>``, with what is filled in there."""
    return typer.Argument(help=say(f"cli.{key}", **said), metavar=metavar, show_default=False)


def settings(
    command: str, config: Any, without: Collection[str] = (), **said: Any
) -> Iterator[Parameter]:
    """An option for each setting of a config, with its usual value.

    Parameters
    ----------
    command
        The help of its option is ``cli.<command>_<name>``, or ``cli.<name>`` where others share it.
    config
        The config's class.
    without
        Settings that are asked for in another way.
    said
        What else is filled in into the help.
    """
    from gatescope.settings import settings_of

    for name, setting in settings_of(config).items():
        if name in (*without, "task_options"):
            continue
        usual, names = setting.usual, option_names(name)
        several = isinstance(usual, (tuple, dict))
        kind = type(usual[0]) if isinstance(usual, tuple) else KINDS.get(setting.kind, str)
        help_values = {"choices": ", ".join(setting.choices), "default": as_text(usual)} | said
        shown = option(help_key(command, name), *names, said=help_values)
        yield parameter(name, kind, shown, several=several)
        if setting.optional and usual is not None:
            yield parameter(f"no_{name}", bool, option(f"no_{name}", negated(name)))


def task_options(command: str) -> Iterator[Parameter]:
    """An option for each that some task takes."""
    for name, taken in options_of_tasks().items():
        shown = option(help_key(command, name), *option_names(name), said=of_tasks(name))
        yield parameter(name, KINDS.get(next(iter(taken.values())).kind, str), shown)


def of_tasks(name: str) -> dict[str, str]:
    """What is filled in into the help of a task's option: whose it is, and what it can be."""
    taken = options_of_tasks().get(name, {})
    choices = {
        task: ", ".join(setting.choices) for task, setting in taken.items() if setting.choices
    }  # fmt: skip
    usual = {setting.usual for setting in taken.values()}
    return {
        "of": ", ".join(taken),
        "choices": "; ".join(
            say("cli.choices_of", choices=listed, task=task) for task, listed in choices.items()
        ),
        "default": as_text(usual.pop()) if len(usual) == 1 else "",
    }  # fmt: skip


def chosen(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Those settings that a command line names, by the names of a config.

    Raises
    ------
    ValueError
        When one of them is named, and said to be left out too.
    """
    found = {name: given[name] for name in names if given.get(name) not in (None, [], ())}
    for name in names:
        if given.get(f"no_{name}"):
            if name in found:
                words = {"option": option_names(name)[0], "negated": negated(name)}
                words["value"] = as_text(found[name])
                raise ValueError(say("cli.twice", **words))
            found[name] = None
    return found


def help_key(command: str, name: str) -> str:
    """Where its help stands."""
    own = f"{command}_{name}"
    return own if has(f"cli.{own}") else name
