"""Every page in Chinese: no word of English is left but names."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from gatescope.experiments.claims import CLAIMS
from tests.viz_app.text.test_language import READ, on_tabs, seen
from viz_app import pages
from viz_app.features.text.view import PROMPT
from viz_app.text import FOLDER, speaking, texts

PAGES = [page for part in pages.PAGES.values() for page in part]
NAMES = {
    "GateScope", "Python", "PyTorch", "Keras", "HTML", "netCDF", "safetensors", "ONNX", "JSON",
    "LSTM", "ReLU", "IRNN", "JANET", "minLSTM", "minGRU", "tanh", "Adam", "RMSprop", "BPTT",
    "chrono", "Dropout", "dropout", "ReduceLROnPlateau", "Hebbian", "Transformer", "softmax",
    "Nature", "NeurIPS", "PowerPoint", "Chromium", "Wi-Fi", "CPython", "Ctrl", "Shift", "Home",
    "Esc", "Enter", "Page", "Down", "Alice", "Carroll",
}  # fmt: skip
"""Of programs, formats, cells, functions, journals, keys and books."""

PEOPLE = {
    name
    for key, text in texts("en").items() if key.startswith("claims.source_")
    for name in re.findall(r"[A-Z]\w{3,}", text)
}  # fmt: skip
PEOPLE |= {"Wilson", "Newcombe", "Spearman", "Madsen", "Karpathy", "Witten", "Bell", "Johnson"}
PEOPLE |= {"Student", "Welch"}
"""Whose findings and methods they are."""

GIVEN = READ | set(re.findall(r"\w+", PROMPT))
"""What networks read and write, which is of English books."""

IN_TEXTS = {
    "scikit", "learn", "Markdown", "LaTeX", "gatescope", "GOOG", "prev", "GATESCOPE", "JOBS",
    "https", "school", "example", "Dask", "hidden", "state", "server", "classes", "sqlite",
    "localhost", "host", "behind", "proxy", "Cookie", "PageUp", "PageDown", "Vega", "Lite",
}  # fmt: skip
"""Libraries, files, addresses, options and keys, which a page shows where something is wrong."""

TERMINAL = ("cli", "terminal", "error")
"""Texts full of what is typed."""

WORD = re.compile(r"[A-Za-z]{4,}")


@pytest.fixture
def open_chinese(open_app: Callable[..., AppTest]) -> Iterator[Callable[..., AppTest]]:
    """Open the app as a reader of Chinese."""
    with speaking("zh"):
        yield lambda page, /, **address: open_app(page, **address, lang="zh")


def left(found: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Texts in which a word of English stands, and that word."""
    unsaid = re.compile(r"<[^<>]*>|`[^`]*`|:\w+-badge|&\w+;|\]\(glossary\?[^)]*\)")
    return {
        (text[:60], word)
        for _, text in found
        for word in WORD.findall(unsaid.sub(" ", text))
        if word not in NAMES | PEOPLE | GIVEN
    }


@pytest.mark.parametrize("page", PAGES)
def test_no_english_is_left(open_chinese: Callable[..., AppTest], page: str) -> None:
    """On all its tabs."""
    app = open_chinese("" if page == pages.FRONT else page)
    found = list(on_tabs(app))
    if page == "writing":  # what a network has written is in its picture's alternative
        found = [pair for pair in found if not pair[0].endswith(".alt")]
    assert left(found) == set()


@pytest.mark.parametrize("claim", CLAIMS)
def test_no_claim_is_in_english(open_chinese: Callable[..., AppTest], claim: str) -> None:
    """Each has sentences of its own."""
    assert left(seen(open_chinese("claims", claim=claim))) == set()


def test_no_text_has_english_in_it() -> None:
    """Whatever page or state shows it: what is between braces and marks of code aside."""
    files = [path for path in (FOLDER / "zh").glob("*.toml") if path.stem not in TERMINAL]
    assert len(files) > 30
    found = [
        (f"{path.stem}.{key}", re.sub(r"\{[^{}]*\}|\]\([^)]*\)", " ", text))
        for path in files
        for key, text in tomllib.loads(path.read_text(encoding="utf-8")).items()
    ]
    assert {word for _, word in left(found)} - IN_TEXTS == set()
    assert left([("key", "一个 cell 和 LSTM")]) == {("一个 cell 和 LSTM", "cell")}
