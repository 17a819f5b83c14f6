"""What all commands share: one clear line for an error, and a look at where they will write."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from viz_app.commands import _framework
from viz_app.commands._framework import Worded
from viz_app.text import in_words, say

SEVERAL = ("--cells", "--delays", "--seeds", "--signals", "--rates")
"""Options that take several values, one after another: ``--cells rnn lstm``."""

FAULT = 2
"""Exit status of every error."""

PLAIN: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
"""How every group of commands is made."""


class Group(Worded, TyperGroup):
    """Commands within a command."""


class OneLineErrors(Group):
    """A command group whose errors are one line on standard error, with exit status 2."""

    def main(self, args: Sequence[str] | None = None, **options: Any) -> NoReturn:  # type: ignore[override]
        """Run a command line; without a command, say which there are."""
        arguments = spread(sys.argv[1:] if args is None else args) or ["--help"]
        try:
            status = super().main(arguments, **(options | {"standalone_mode": False}))
        except Exception as error:
            message = explain(error, arguments)
            if message is None:
                raise
            typer.echo(say("cli.error", message=message), err=True)
            status = FAULT
        sys.exit(status if isinstance(status, int) else 0)


def spread(arguments: Sequence[str]) -> list[str]:
    """Repeat an option before each of its values: ``--cells rnn lstm`` as click reads it."""
    found: list[str] = []
    name = ""
    for word in arguments:
        if word.startswith("-") and not word[1:].isdecimal():
            name = word if word in SEVERAL else ""
        elif name and found[-1] != name:
            found.append(name)
        found.append(word)
    return found


def explain(error: Exception, arguments: Sequence[str]) -> str | None:
    """An error as one line; None for one that is a fault of the program."""
    if isinstance(error, OSError):
        where = error.filename2 or error.filename
        return _line(f"{where}: {error.strerror}" if where else error)
    if isinstance(error, (ValueError, RuntimeError, MemoryError)):
        return _line(error)
    if isinstance(error, ImportError):
        from gatescope.extras import missing  # slow, as torch is

        told = missing(error)
        return None if told is None else _line(told)
    describe: Callable[[], str] | None = getattr(error, "format_message", None)
    if describe is None:
        return None
    message, context = _framework.in_words(_line(describe())), getattr(error, "ctx", None)
    value = _value(getattr(error, "param", None), arguments)
    if value is not None and value not in message:
        message = say("cli.got", message=message, value=value)
    if context is None:
        return message
    return say("cli.see_help", message=message, command=context.command_path)


def _value(parameter: Any, arguments: Sequence[str]) -> str | None:
    """What a command line gives an option; all of it, where it is given several times."""
    names = getattr(parameter, "opts", ())
    values: list[str] = []
    for at, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name in names:
            values += [value] if equals else arguments[at + 1 : at + 2]
    return " ".join(values) if values else None


def _line(message: object) -> str:
    return " ".join(in_words(message).split())


def require_file(path: Path) -> None:
    """Make sure, before the work, that a file can be written there; make its folder.

    Raises
    ------
    ValueError
        When it cannot.
    """
    if path.is_dir():
        raise ValueError(say("cli.is_folder", path=path))
    _require_parent(path)


def require_run_folder(folder: Path, result: str) -> None:
    """Make sure, before the work, that a run can be saved there; make its parent.

    Parameters
    ----------
    folder
        Where the run will be.
    result
        Name of the file that every run has.

    Raises
    ------
    ValueError
        When it cannot, or when something there is not a run.
    """
    if folder.exists() and not (folder / result).is_file():
        raise ValueError(say("cli.not_a_run", path=folder))
    _require_parent(folder)


def _require_parent(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except FileExistsError as error:
        raise ValueError(say("cli.no_folder", path=path, parent=path.parent)) from error
    except OSError as error:
        raise ValueError(say("cli.cannot_write", path=path, reason=error.strerror)) from error
