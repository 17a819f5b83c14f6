"""What the command line's framework says by itself, in the reader's language.

Typer and Pydantic know English alone. Their sentences stand in ``terminal.toml`` as they have them,
and where one is met, with whatever values, it is said by that key.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from viz_app.text import DEFAULT, language, say, speaking, texts

ROOM = "terminal."
OF_HELP = ("usage", "arguments", "options", "commands", "asked_options", "asked_command",
           "show_help", "required")  # fmt: skip
"""What stands in the help of a command, among words of our own."""

MENU = 100
"""A sentence of so many letters stands whole in a list of commands."""


def in_words(message: str) -> str:
    """A sentence of the framework in the reader's language; any other text as it is."""
    if language() == DEFAULT:
        return message
    for name, pattern in _patterns():
        found = pattern.fullmatch(message)
        if found:
            values = {part: in_words(text) for part, text in found.groupdict().items()}
            return say(f"{ROOM}{name}", **values)
    return message


def help_in_words(text: str) -> str:
    """The help of a command, which its own texts are part of already."""
    if language() == DEFAULT:
        return text
    with speaking(DEFAULT):
        english = {name: say(f"{ROOM}{name}", rest="").strip() for name in OF_HELP}
    for name, said in english.items():
        text = text.replace(said, say(f"{ROOM}{name}", rest="").strip())
    return text


def brief(text: str) -> str | None:
    """A command's help in a list: its first sentence, where no spaces part its words."""
    return None if " " in text[:MENU] else re.split(r"(?<=[。！？])", text)[0]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The sentences as patterns, the longest first: one may begin as another is whole."""
    return tuple(sorted(_read(), key=lambda pair: -len(pair[1].pattern)))


def _read() -> Iterator[tuple[str, re.Pattern[str]]]:
    for key, text in texts(DEFAULT).items():
        if key.startswith(ROOM):
            parts = re.split(r"\{(\w+)\}", text)
            named = [f"(?P<{part}>.+)" if place % 2 else re.escape(part)
                     for place, part in enumerate(parts)]  # fmt: skip
            yield key.removeprefix(ROOM), re.compile("".join(named), re.DOTALL)


class Worded:
    """Of a command: its help in the reader's language."""

    def get_help(self, ctx: Any) -> str:
        """As the framework makes it, then in words."""
        return help_in_words(super().get_help(ctx))  # type: ignore[misc]
