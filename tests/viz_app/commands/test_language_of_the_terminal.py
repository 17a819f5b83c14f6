"""The command line in the made-up language: its own words, and those of what it is made with."""

import re
import sys
from collections.abc import Iterator

import pytest

from tests.viz_app.text.made_up import LANGUAGE, spoken
from viz_app import text as texts
from viz_app.commands import _framework
from viz_app.text import say, speaking

NAMES = re.compile(
    r"GateScope|gatescope|PyTorch|LSTM|GRU|RNN|viz_app|python -m \S+|<[^>]*>|\{[A-Z.a-z]+\}"
    r"|--?[\w-]+"
    r"|`[^`]*`|\b[A-Z]{3,}\b|'[^']*'|\b\w+_\w+\b|\.\w+|\b\w+=\w+"
)
"""What has the same name in every language."""


@pytest.fixture(scope="module", autouse=True)
def _spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("texts")
    with spoken(folder), pytest.MonkeyPatch.context() as patch:
        patch.setenv(texts.LANGUAGE, LANGUAGE)
        for name in [name for name in sys.modules if name.startswith("viz_app.commands.")]:
            patch.delitem(sys.modules, name)  # each asks for its help as it is imported
        yield


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """What a command line prints, and its status."""
    from viz_app.commands.main import app

    with pytest.raises(SystemExit) as ended:
        app(list(arguments), prog_name="gatescope")
    shown = capsys.readouterr()
    assert not (shown.out and shown.err)
    return int(ended.value.code or 0), shown.out + shown.err


def english(text: str) -> list[str]:
    """Words of four Latin letters or more that are no names."""
    return re.findall(r"[A-Za-z]{4,}", NAMES.sub(" ", text))


COMMANDS = ("app", "runs", "record", "sheets", "figure", "claim", "retention", "compare", "train")


@pytest.mark.parametrize("command", ["", *COMMANDS, "figure gates", "figure view"])
def test_help_is_in_words(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """Headings, usage and what stands at the end of an option, too."""
    status, text = said(capsys, *command.split(), "--help")
    assert status == 0
    with speaking(LANGUAGE):
        assert say("terminal.show_help") in " ".join(text.split())
        assert text.startswith(say("terminal.usage", rest="").strip())
    left = {word for word in english(text) if word.lower() not in KNOWN}
    assert left == set()


KNOWN = {
    "adding", "copy", "parity", "digits", "forecast", "reviews", "characters", "lstm", "irnn",
    "janet", "adam", "rmsprop", "default", "chrono", "gates", "view", "gradients", "figure",
    "train", "compare", "retention", "claim", "record", "runs", "sheets", "gatescope",
    "distractors", "units", "halves", "last", "anywhere", "arjovsky", "temperature", "parameters",
    "nature", "neurips", "poster", "slide",
}  # fmt: skip
"""Names of tasks, cells, settings and commands."""


@pytest.mark.parametrize(
    "line",
    [
        "train", "train adding --hidden-size abc", "train adding --learning-rate abc",
        "train adding --hidden-size", "train adding extra", "figure", "figure nothing", "tran",
        "train adding --nothing", "app --port 99999", "app --port=-1", "app --runs /nothing",
        "record --step", "train --bidirectional=3 adding", "app --nginx-conf /", "runs",
    ],
)  # fmt: skip
def test_errors_are_in_words(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """One line, whatever was wrong with the command line itself."""
    status, text = said(capsys, *line.split())
    assert status == 2
    given = set(re.findall(r"\w{4,}", line))
    assert set(english(text)) - given - KNOWN == set()


def test_what_is_no_sentence_of_the_framework_is_left_alone() -> None:
    """And in English everything is."""
    with speaking(LANGUAGE):
        assert _framework.in_words("Anything else.") == "Anything else."
        assert _framework.in_words("Missing command.") == say("terminal.missing_command")
    with speaking("en"):
        assert _framework.in_words("Missing command.") == "Missing command."


def test_a_list_of_commands_has_whole_sentences_without_spaces() -> None:
    """Where there are spaces the framework cuts between words."""
    assert _framework.brief("训练一个网络。按 Ctrl-C 提前结束。") is None
    assert _framework.brief("训练一个网络。结果会保存。") == "训练一个网络。"
    assert _framework.brief("Train one network. Then save it.") is None
