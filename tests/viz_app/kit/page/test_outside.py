"""What comes from outside, in an address or as a name: the page, or a sentence, and no markup."""

import ast
import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import torch
from google.protobuf.message import Message
from hypothesis import given, settings, strategies
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

import viz_app
from gatescope.experiments import RetentionConfig
from gatescope.jobs import Classroom, JobQueue
from gatescope.jobs import files as job_files
from viz_app import serve
from viz_app.commands import main as cli
from viz_app.kit import library
from viz_app.kit.environment import (
    EMBED,
    JOB_HOURS,
    JOBS,
    JOBS_EACH,
    NEW_BROWSERS,
    OWN_RUNS,
    PROXIED,
    SCHEDULER,
    SECRET,
    TEACHER,
)
from viz_app.kit.page import jobs as cached_jobs
from viz_app.kit.page import run_choice, shell
from viz_app.kit.sharing import STORE
from viz_app.text import LANGUAGE, say
from viz_app.text.plain import NAME, bare, plain

HOST = "a.example"
MARKUP = (
    f"![x](http://{HOST}/p.png) [y](https://{HOST}) <img src=http://{HOST}/q> www.{HOST} me@{HOST} "
    ":smile: :material/home: :red[z] $x^2$ `code` **bold** ~~gone~~ &copy; [^1]"
)
"""All that Streamlit's markdown knows."""

VALUES = (
    MARKUP, "x" * 256, "x" * 100_000, "9" * 5000, "-1", "²", "٣", "0", "1e309", "NaN", "-0", "+7",
    "99999999", "999999999999", "", " ", "\0", "\0\x1b[31m", "a\nb\r\n# c", "\u202e\u2066txt",
    "../../etc/passwd", "/etc/passwd", "..", "~", "C:\\x", "file:///etc/passwd", "%00%2e%2e%2f",
    "%%%", "<script>alert(1)</script>", "javascript:alert(1)", "{name}", "{0.__class__}", "%s%n",
    "None", "true", "none", "0.5", "3-1", "1-", "0-99999999", "1.2.3", "a.b", ".", "....",
    "adding-lstm@", "adding-lstm@99", "adding-lstm@9999999999999999999", "@0", "Ａ", "é" * 130,
    "👩‍👩‍👧", "a" * 11 + "!", "0" * 12, "'; DROP TABLE runs; --", "[" * 400, "|" * 90,
)  # fmt: skip

PAGES: dict[str, tuple[str, ...]] = {
    "gates": (
        "run", "layer", "sort", "checkpoint", "example", "unit", "step", "window", "units", "show",
    ),
    "gradient_flow": ("run",),
    "connectivity": ("run", "example", "t", "relative", "checkpoint"),
    "step_through": ("run", "layer", "checkpoint", "example", "unit", "step", "way"),
    "architectures": ("run", "example", "picture"),
    "memory": ("run", "log"),
    "retention": ("job", "class", "seat", "join"),
    "saturation": ("run", "layer", "checkpoint"),
    "compare": (
        "run", "at", "with", "third", "example", "layer", "sort", "unit", "pictures", "part", "job",
        "axis",
    ),
    "train": ("job",),
    "aids": ("job", "aid", "example"),
    "forecasting": ("job", "series", "cell", "forecast"),
    "sentiment": ("run", "job", "sentence"),
    "writing": (
        "run", "job", "prompt", "temperature", "top_k", "length", "seed", "look", "unit",
        "signal", "then",
    ),
    "intervene": (
        "run", "example", "layer", "change", "unit", "ask", "kind", "does", "pictures",
    ),
    "tasks": (
        "made", "variant", "length", "delay", "symbols", "distractors", "chance", "seed",
    ),
    "claims": ("job", "claim"),
    "tutorial": ("show",),
    "mystery": ("round", "class"),
    "class": ("join", "tab"),
    "your_model": ("run",),
    "figures": (
        "run", "layer", "checkpoint", "example", "unit", "step", "window", "units", "show",
    ),
}  # fmt: skip
"""Every page and what its address can say."""

RAW = re.compile(
    rf"!\[x\]|\]\(https?:|(?<!\\)<(?:img|script)|https?://{HOST}|www\.{HOST}|me@{HOST}|:smile:"
    r"|:material/home:|:red\[|(?<!\\)\$x\^2(?<!\\)\$|(?<!\\)`code`|(?<!\\)\*\*bold|(?<!\\)~~gone"
    r"|(?<!\\)&copy;|(?<!\\)\[\^1",
    re.IGNORECASE,
)
"""What of `MARKUP` a browser would take for more than letters."""

LONGEST = 3000
"""Characters of a text on a page that nobody has written on purpose."""

TERMS = '<p class="terms-here">'
"""Before the terms that a page mentions, each with what it means: they are as long as they are."""

LETTERS = {
    "options", "value", "default", "spec", "alt", "alt_text", "id", "element_id", "form_id", "url",
    "file_name", "raw_values", "raw_value", "code_text", "set_value", "placeholder", "query_string",
    "language", "key", "deferred_file_id", "name", "user_key", "data", "icon", "format",
}  # fmt: skip
"""Fields that a browser shows letter by letter, or not at all."""

OPTIONS_IN_MARKDOWN = ("Radio", "ButtonGroup")


def of_message(message: Message) -> Iterator[str]:
    """Every string of a message that a browser reads as markdown or html."""
    for field, value in message.ListFields():
        markdown = message.DESCRIPTOR.name in OPTIONS_IN_MARKDOWN and field.name == "options"
        if field.name in LETTERS and not markdown:
            continue
        for part in value if field.is_repeated else [value]:
            if isinstance(part, Message):
                yield from of_message(part)
            elif isinstance(part, str):
                yield part


def texts(app: AppTest) -> list[str]:
    """Every text of a page that is read as markdown or html."""
    return [
        text
        for node in app._tree
        if getattr(node, "proto", None)
        for text in of_message(node.proto)
    ]


def remains(app: AppTest) -> list[str]:
    """Texts of a page in which markup from outside is left, or which are far too long."""
    found = texts(app)
    return [
        text[:300]
        for text in found
        if RAW.search(text) or (len(text) > LONGEST and not text.startswith(TERMS))
    ]


def hold(app: AppTest) -> None:
    """Make sure that a page says what it has to say, and nothing of what it was given."""
    assert not app.exception, [error.value for error in app.exception]
    assert not [told.value for told in app.error if "Something unexpected went wrong" in told.value]
    assert not remains(app)
    assert texts(app)


def hostile() -> list[tuple[str, dict[str, str]]]:
    """Each choice of each page with some of the values in turn, and all of a page at once."""
    turn = cycle(VALUES)
    alone = [(page, {name: next(turn)}) for page, names in PAGES.items() for name in (*names,) * 3]
    return [*alone, *((page, {name: next(turn) for name in PAGES[page]}) for page in PAGES)]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_an_address_that_is_wrong_throughout(
    open_app: Callable[..., AppTest], own_queue: JobQueue, page: str
) -> None:
    """Markup in every choice; then the page as it is without one."""
    app = open_app(page, **dict.fromkeys(PAGES[page], MARKUP))
    hold(app)
    alone = {"page": MARKUP, "Run": "x"}  # that the app knows nothing of
    hold(open_app(page, **alone))


@pytest.mark.long
@pytest.mark.parametrize(("page", "address"), hostile())
def test_a_page_holds_any_value(
    open_app: Callable[..., AppTest], own_queue: JobQueue, page: str, address: dict[str, str]
) -> None:
    """At least 150 addresses."""
    assert len(hostile()) > 150
    hold(open_app(page, **address))


WISHES = {
    "gates": {"sort": "size", "checkpoint": "7", "example": "99", "unit": "x", "step": "-1",
              "window": "9-3", "units": "1.77", "show": "gates.doors"},
    "connectivity": {"example": "9999999999", "t": "500"},
    "step_through": {"checkpoint": "7", "example": "32", "unit": "16", "step": "50", "way": "up"},
    "architectures": {"example": "1e3", "picture": "doors"},
    "saturation": {"checkpoint": "1.5"},
    "compare": {"part": "nowhere", "example": "٣", "sort": "size", "unit": "17",
                "pictures": "gates"},
    "aids": {"aid": "prayer", "example": "no"},
    "forecasting": {"series": "lottery", "cell": "cnn", "forecast": "soon"},
    "writing": {"temperature": "0.55", "top_k": "4", "length": "1", "seed": "-3", "look": "love",
                "then": "later"},
    "intervene": {"change": "all", "ask": "why", "example": "", "unit": "16",
                  "pictures": "gates"},
    "tasks": {"made": "chess", "seed": "10000"},
    "claims": {"claim": "moon"},
    "tutorial": {"show": "everything"},
    "mystery": {"round": "1000"},
    "figures": {"checkpoint": "7", "unit": "16", "step": "50", "example": "32"},
}  # fmt: skip
"""What a link may ask for in vain."""


@pytest.mark.parametrize("page", WISHES)
def test_a_link_to_what_is_not_there_says_what_is(
    open_app: Callable[..., AppTest], page: str
) -> None:
    """A sentence for each choice: what was asked for, what there is; once."""
    app = open_app(page, **WISHES[page])
    hold(app)
    told = [warning.value for warning in app.warning]
    for name, value in WISHES[page].items():
        wanted = (
            "77" if name == "units" else "doors" if name == "show" and page == "gates" else value
        )
        said = [each for each in told if f"“{plain(wanted, NAME)}”" in each]
        assert len(said) == 1, (name, value, told)
        assert "which does not exist. Possible: " in said[0]
    assert len(told) == len(WISHES[page])
    assert not app.run().warning


@given(
    strategies.sampled_from([(page, name) for page, names in PAGES.items() for name in names]),
    strategies.text(strategies.characters(codec="utf-8"), max_size=60)
    | strategies.sampled_from(VALUES),
)
@settings(settings.get_profile("fuzz"))
def test_any_text_in_an_address(
    open_app: Callable[..., AppTest], choice: tuple[str, str], text: str
) -> None:
    """Whatever it is."""
    page, name = choice
    hold(open_app(page, **{name: text}))


NAME_OF_RUN = re.sub("https?://", "", MARKUP).replace("/", "\N{DIVISION SLASH}")
"""As much of it as a folder's name can have."""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Path:
    """A folder of one's own runs, with a good one whose name is markup."""
    folder = tmp_path / "runs"
    shutil.copytree(library.PREPARED / "adding-rnn", folder / NAME_OF_RUN)
    monkeypatch.setenv(OWN_RUNS, str(folder))
    return folder


def test_a_run_whose_name_is_markup_is_shown_letter_by_letter(
    own: Path, own_queue: JobQueue, open_app: Callable[..., AppTest]
) -> None:
    """On every page that shows it, beside another of its cell; and by a link to it."""
    for page, names in PAGES.items():
        app = open_app(page, **({"run": NAME_OF_RUN} if "run" in names else {}))
        hold(app)
    app = open_app("gates", run=NAME_OF_RUN)
    assert not app.warning
    (size,) = (group for group in app.get("button_group") if group.proto.id.endswith("-size"))
    assert plain(NAME_OF_RUN, NAME) in [option.content for option in size.proto.options]
    assert app.query_params["run"] == NAME_OF_RUN
    for number in range(run_choice.MOST_SIZES):  # too many for buttons: a list reads no markdown
        shutil.copytree(own / NAME_OF_RUN, own / f"{number}-{NAME_OF_RUN}")
    STORE.clear()  # runs are read once
    app = open_app("gates", run=NAME_OF_RUN)
    hold(app)
    assert bare(NAME_OF_RUN, NAME) in app.selectbox(key="size").options


def fifo(folder: Path) -> None:
    (folder / "history.csv").unlink()
    os.mkfifo(folder / "history.csv")


def nothing_but_a_folder(folder: Path) -> None:
    (folder / "run.json").unlink()
    (folder / "run.json").mkdir()


def link_to_itself(folder: Path) -> None:
    (folder / "run.json").unlink()
    (folder / "run.json").symlink_to(folder / "run.json")


def device(folder: Path) -> None:
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("/dev/zero")


def not_json(folder: Path) -> None:
    (folder / "run.json").write_text(MARKUP)


def deep(folder: Path) -> None:
    (folder / "run.json").write_text("[" * 100_000)


def another_json(folder: Path) -> None:
    (folder / "run.json").write_text('{"schema": {}, "sha256": []}')


FAULTS = (fifo, nothing_but_a_folder, link_to_itself, device, not_json, deep, another_json)


def test_each_bad_run_is_set_aside_by_its_name_and_the_rest_works(
    own: Path, own_queue: JobQueue, open_app: Callable[..., AppTest]
) -> None:
    """Whatever is wrong with it, whatever it is called; pages with runs of that name work too."""
    for number, fault in enumerate(FAULTS):
        fault(Path(shutil.copytree(library.PREPARED / "adding-rnn", own / f"bad-{number}")))
    aid = next(folder.name for folder in sorted(library.AID_RUNS.iterdir()))
    not_json(Path(shutil.copytree(library.PREPARED / "adding-rnn", own / aid)))
    odd = os.fsdecode(b"odd-\xff\xfe")
    shutil.copytree(library.PREPARED / "adding-rnn", own / odd)
    (own / "loop").symlink_to(own / "loop")
    app = open_app("gates", run=NAME_OF_RUN)
    hold(app)
    told = [warning.value for warning in app.warning]
    for name in (*(f"bad-{number}" for number in range(len(FAULTS))), aid, odd):
        assert (
            sum(
                f"The network “{plain(name)}” cannot be read and is left out" in each
                for each in told
            )
            == 1
        )
    assert len(told) == len(FAULTS) + 2
    assert app.get("vega_lite_chart")
    for page in ("aids", "train", "compare", "figures"):
        app = open_app(page)
        hold(app)
        assert app.get("vega_lite_chart") or page == "figures"


def test_a_folder_that_may_not_be_looked_into_is_named(
    own: Path, open_app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run's, or that of all runs."""
    real = os.path.lexists

    def refuse(path: Any) -> bool:
        if "closed" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    shutil.copytree(library.PREPARED / "adding-rnn", own / "closed")
    monkeypatch.setattr(os.path, "lexists", refuse)
    assert "closed" in library.folders()
    monkeypatch.setenv(OWN_RUNS, str(own / ("a" * 300)))
    assert "adding-lstm" in library.folders()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (OWN_RUNS, "/nowhere/at/all"), (OWN_RUNS, __file__), (OWN_RUNS, "x" * 5000),
        (JOBS, __file__), (JOBS, f"{__file__}/below"), (JOBS, "x" * 300),
        (JOBS_EACH, "-1"), (JOBS_EACH, "9" * 5000), (JOB_HOURS, "½"), (NEW_BROWSERS, MARKUP),
        (SCHEDULER, "localhost:8786"), (SCHEDULER, "tcp://here:99999999"), (SCHEDULER, MARKUP),
        (LANGUAGE, "../en"), (LANGUAGE, "x" * 5000), (LANGUAGE, "klingon"), (PROXIED, "yes"),
        (EMBED, "https://a.example *"), (EMBED, "https://a.example;x"), (EMBED, MARKUP),
        (SECRET, "guessed"), (SECRET, "x" * 101), (TEACHER, "guessed"), (TEACHER, "a key\nof two"),
    ],
)  # fmt: skip
def test_an_absurd_environment_is_a_sentence(
    open_app: Callable[..., AppTest],
    monkeypatch: pytest.MonkeyPatch,
    fresh_caches: None,
    variable: str,
    value: str,
) -> None:
    """On the page, which works; on the command line, with exit status 2."""
    monkeypatch.setenv(variable, value)
    app = open_app("gates")
    hold(app)
    (told,) = app.warning
    assert variable in told.value
    assert app.get("vega_lite_chart")
    monkeypatch.setattr(serve, "serve", lambda *_: pytest.fail("it was served"))
    result = CliRunner().invoke(cli.app, ["app"])
    assert result.exit_code == 2
    assert variable in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert len(result.stderr) < 400
    assert variable not in (SECRET, TEACHER) or value.split()[-1] not in result.stderr.split()


TRAINS = {
    "train": "train.start_button", "forecasting": "forecast.start_button",
    "sentiment": "train.start_button", "writing": "train.start_button", "claims": "claims.run",
}  # fmt: skip
"""Pages that train on one press, and the button's text."""


@pytest.mark.parametrize("state", ["file", "gone", "full"])
def test_a_jobs_folder_that_cannot_be_used_is_a_sentence_and_the_rest_works(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_app: Callable[..., AppTest],
    own_queue: JobQueue,
    state: str,
) -> None:
    """A file in its place, a mount that vanished, no room: on every page that trains or shows."""
    folder = own_queue.folder
    key = own_queue.submit(RetentionConfig.of(task="adding", delays=(5,), seeds=(0,), max_steps=1))
    own_queue.stop(key)
    if state == "full":
        monkeypatch.setattr(job_files, "write_whole", _no_room)
        monkeypatch.setattr(Path, "mkdir", _no_room)
    else:
        shutil.rmtree(folder)
        if state == "file":
            folder.write_text("")
            cached_jobs.queue.clear()
    for page, label in TRAINS.items():
        address = {"claim": "retention_vs_delay"} if page == "claims" else {}
        app = open_app(page, **address)
        hold(app)
        if page == "forecasting":
            app.button_group(key="forecast_way").set_value("train").run()
        pressed = [button for button in app.button if button.label == say(label)]
        if pressed:
            pressed[0].click().run()
            hold(app)
            assert app.error or (state == "gone" and "job" in app.query_params), page
    for page in ("retention", "train", "aids", "claims", "compare", "sentiment", "writing"):
        app = open_app(page, job=key, part="bench")
        hold(app)
    for address in ({"class": "abcde"}, {"join": "abcde"}):
        app = open_app("retention", **address)
        hold(app)
        assert app.error
    if state == "file":
        folder.unlink()


def _no_room(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_file_and_column_names_are_shown_letter_by_letter(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Of files that cannot be read, of tables that can, and of layers in weights."""
    name, column = f"{NAME_OF_RUN}.csv", MARKUP.replace('"', "")
    rows = "".join(f"{k},{k * k % 7}\n" for k in range(60))
    series = f'"{column}","b {column}"\n{rows}'.encode()
    for page, start, key, data in (
        ("your_model", {}, "your_weights", b"nothing"),
        ("your_model", {"your_way": "trace"}, "your_trace", b"nothing"),
        ("forecasting", {"forecast_way": "own"}, "forecast_file", b"nothing"),
        ("forecasting", {"forecast_way": "own"}, "forecast_file", b"\0\xff" * 50),
        ("forecasting", {"forecast_way": "own"}, "forecast_file", series),
    ):
        app = open_app(page)
        for group, choice in start.items():
            app.button_group(key=group).set_value(choice).run()
        app.file_uploader(key).set_value((name, data, "text/csv")).run()
        hold(app)
        assert app.error or app.success
    assert f"“{plain(column, NAME)}”" in app.success[0].value
    app = open_app("your_model")
    layer, file = torch.nn.LSTM(1, 2), io.BytesIO()
    torch.save({f"{column}.{k}": v for k, v in layer.state_dict().items()}, file)
    app.file_uploader("your_weights").set_value((name, file.getvalue(), "x/y")).run()
    hold(app)
    assert app.success
    app.file_uploader("your_input").set_value((name, b"a,b\n1,2\n", "text/csv")).run()
    hold(app)
    assert app.error


def test_a_seat_that_is_none_is_said_and_shows_no_controls(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Of a class that is there: neither the projector's page nor somebody's seat."""
    key = Classroom(own_queue).open(
        RetentionConfig.of(task="adding", delays=(5,), seeds=(0,), max_steps=1), "teacher"
    )
    for seat in ("-1", "²", "9" * 5000, MARKUP, "0", ""):
        app = open_app("retention", **{"class": key, "seat": seat})
        hold(app)
        (told,) = app.error
        assert "seat" in told.value
        assert not [button for button in app.button if button.label == say("app.stop")]
    assert not open_app("retention", **{"class": key}).error


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "x" * 100_000, "", None, "http://a:b"])
def test_an_absurd_address_of_the_app_itself_is_no_fault(url: str | None) -> None:
    """A browser says what it was opened by; it may say anything."""
    assert shell.is_loopback(url or "") is False
    app = AppTest.from_function(linked, args=(f"{url}?x={MARKUP}",)).run()
    assert not app.exception


def linked(url: str) -> None:
    from viz_app.kit.page import shell

    shell.link(url)


def heard(node: ast.AST, name: str) -> Iterator[ast.Name]:
    """Where a caught error is used, but for handing it on or having it written safely."""
    if isinstance(node, ast.Raise):
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SAFELY:
        return
    if isinstance(node, ast.Attribute) and node.attr in ("errno", "strerror"):
        return
    if isinstance(node, ast.Name) and node.id == name:
        yield node
    for child in ast.iter_child_nodes(node):
        yield from heard(child, name)


SAFELY = ("plain", "bare", "sentence", "why", "refused")
"""What writes an error so that nothing in it is markup."""

KEPT_FOR_LATER = {
    ("classroom.py", "TROUBLE"), ("uploads.py", "result, taken"),
    ("uploads.py", "_others_doing"), ("uploads.py", "_anew"),
}  # fmt: skip
"""Where an error is kept as it is, and escaped when it is shown, or looked at and never shown."""


def test_no_page_shows_an_error_as_it_is() -> None:
    """An error's message may quote what somebody wrote."""
    folder = Path(viz_app.__file__).parent
    files = [*folder.glob("kit/page/*.py"), *folder.glob("features/*/*.py")]
    assert len(files) > 100
    for path in files:
        source = path.read_text(encoding="utf-8")
        for handler in ast.walk(ast.parse(source)):
            if isinstance(handler, ast.ExceptHandler) and handler.name:
                lines = {n.lineno for part in handler.body for n in heard(part, handler.name)}
                shown = [source.splitlines()[line - 1].strip() for line in sorted(lines)]
                kept = [word for file, word in KEPT_FOR_LATER if file == path.name]
                assert not [s for s in shown if not any(word in s for word in kept)], path.name
