"""A sheet as HTML and as PDF: all that stands on it is there, in order, with letters of its own."""

import io
import re
from html import unescape
from typing import Any

import pypdf
import pytest

from viz_app.kit import document as doc
from viz_app.kit.document_html import html
from viz_app.kit.document_pdf import pdf

BARS: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"unit": "seven", "gate": 0.9}, {"unit": "eight", "gate": 0.1}]},
    "mark": {"type": "bar", "clip": True},
    "width": 200,
    "height": 60,
    "encoding": {
        "y": {"field": "unit", "type": "nominal"},
        "x": {"field": "gate", "type": "quantitative"},
        "color": {"field": "gate", "type": "quantitative"},
    },
}
SHEET = doc.Document(
    "Write, keep, show",
    "en",
    (
        doc.Heading("Guess first"),
        doc.Text("Two of **fifty** numbers are *marked*: `record` tells [how](https://a.b)."),
        doc.Options(("Only the marked ones", "All of them"), right=0),
        doc.Lines(3),
        doc.Picture(BARS, (300.0, 120.0), "Unit seven is open, unit eight is shut.", 0.5),
        doc.Picture(BARS, (300.0, 120.0), "The same again.", 0.5),
        doc.Table(("Minute", "What"), (("0–3", "Guess & wait"), ("3–9", "Look")), (0.2, 0.8)),
        doc.Text("Only the marked numbers matter.", framed=True),
        doc.NewPage(),
        doc.Text("For another day", quiet=True),
    ),
    "10 minutes",
    "Lesson 4",
)
SAID = (
    "Write, keep, show", "10 minutes", "Guess first", "Two of fifty numbers are marked: record",
    "Only the marked ones", "All of them", "Minute", "Guess & wait",
    "Only the marked numbers matter.", "For another day",
)  # fmt: skip


def read(data: bytes) -> list[str]:
    """The text of each page, on one line."""
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return [" ".join(page.extract_text().split()) for page in pages]


def in_order(text: str, *said: str) -> None:
    """All is said, one after another."""
    at = 0
    for each in said:
        assert each in text[at:], each
        at += text[at:].index(each) + len(each)


def test_a_pdf_says_all_in_order() -> None:
    """Also the letters of its pictures; each page has its foot and its number."""
    first, second = read(pdf(SHEET))
    text = first + " " + second
    in_order(text.replace("Lesson 4 1 / 2", ""), *SAID)
    assert "A. Only the marked ones ←" in first
    assert first.count("seven") == 2
    assert "1 / 2" in first
    assert "2 / 2" in second
    assert text.count("Lesson 4") == 2


def test_a_pdf_has_its_letters_inside() -> None:
    """Every font is a subset that is embedded; it opens the same everywhere."""
    found = set()
    for page in pypdf.PdfReader(io.BytesIO(pdf(SHEET))).pages:
        for font in page["/Resources"]["/Font"].values():
            entry = font.get_object()
            parts = entry.get("/DescendantFonts", [entry])
            for part in parts:
                descriptor = part.get_object().get("/FontDescriptor")
                if descriptor is None:
                    assert not page.extract_text().strip() or "/BaseFont" in entry
                    continue
                found.add(str(descriptor.get_object()["/FontName"]))
                assert {"/FontFile2", "/FontFile3"} & descriptor.get_object().keys()
    assert any("GateScopeSans" in name for name in found)
    assert any("GateScopeMono" in name for name in found)


def test_an_html_file_says_all_and_asks_for_nothing() -> None:
    """Its pictures share no names; nothing comes from elsewhere; markup in texts is text."""
    text = html(SHEET).decode()
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", text, flags=re.DOTALL)
    in_order(" ".join(unescape(re.sub(r"<[^>]+>", "", body)).split()), *SAID)
    assert text.count("<svg") == 2
    assert 'aria-label="Unit seven is open, unit eight is shut."' in text
    names = re.findall(r'\bid="([^"]+)"', text)
    assert names
    assert len(set(names)) == len(names)
    assert not re.search(r"(src|href)=.https?:|url\(.?https?:", text)
    assert "lang='en'" in text
    wild = doc.Document("<b>", "en", (doc.Text("**<script>** & `<i>`"),))
    assert "<strong>&lt;script&gt;</strong> &amp; <code>&lt;i&gt;</code>" in html(wild).decode()
    assert "<script> & <i>" in read(pdf(wild))[0]


def test_the_same_sheet_is_the_same_file() -> None:
    """Nothing of the day or the machine is in it; a PDF's fonts may be numbered otherwise."""
    assert html(SHEET) == html(SHEET)
    first, second = (pypdf.PdfReader(io.BytesIO(pdf(SHEET))) for _ in range(2))
    assert first.metadata == second.metadata


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain", [("plain", "")]),
        ("**You are the *write* gate**", [("You are the ", "strong"), ("write", "strong"),
                                          (" gate", "strong")]),
        ("2 * 3 * 4", [("2 * 3 * 4", "")]),
        ("**a** *b* `c` [d](e)", [("a", "strong"), (" ", ""), ("b", "em"), (" ", ""),
                                  ("c", "code"), (" ", ""), ("d", "")]),
    ],
)  # fmt: skip
def test_words_look_as_they_are_marked(text: str, words: list[tuple[str, str]]) -> None:
    """What is marked looks so."""
    assert list(doc.words_of(text)) == words
