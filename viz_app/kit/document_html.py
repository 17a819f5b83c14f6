"""A sheet as one HTML file: its letters and pictures inside, so that it opens without a network."""

import re
from collections.abc import Iterator
from html import escape
from itertools import count
from json import dumps

from viz_app.kit import document as doc
from viz_app.kit import drawing, fonts

STYLE = """
body {font: 11pt/1.45 'GateScope Sans', 'Source Sans 3', 'Noto Sans SC', 'PingFang SC',
  'Microsoft YaHei', sans-serif; color: #1a1a24; background: #fff; max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem}
h1 {font-size: 1.7em; line-height: 1.2; margin: 0 0 .2em}
h2 {font-size: 1.2em; margin: 1.4em 0 .3em; break-after: avoid}
p {margin: 0 0 .7em}
.quiet {color: #55555f; font-size: .92em}
.framed {border-left: .25em solid #b8135a; padding: .1em 0 .1em .8em}
ol.options {list-style: upper-alpha; margin: 0 0 .7em; padding-left: 1.8em}
ol.options .right {font-weight: 600}
ol.options .right::after {content: ' \\2190'}
.lines {margin: 0 0 .9em}
.lines div {border-bottom: 1px solid #9a9aa6; height: 1.9em}
figure {margin: .4em 0 1em; break-inside: avoid}
figure svg {width: 100%; height: auto; display: block}
table {border-collapse: collapse; width: 100%; margin: 0 0 1em; break-inside: auto}
th, td {text-align: left; vertical-align: top; padding: .3em .6em .3em 0;
  border-bottom: 1px solid #c9c9d1}
tr {break-inside: avoid}
code {font-family: 'GateScope Mono', monospace; font-size: .95em}
footer {margin-top: 2em}
.page {break-before: page}
@page {size: A4; margin: 18mm}
@media print {body {margin: 0; max-width: none; padding: 0}}
"""

OF_ITS_OWN = re.compile(r"\b(?:gradient_|clip)\d+")
"""Names inside a drawing, which another drawing of the same page may have too."""

MARKS = {"strong": "strong", "em": "em", "code": "code"}


def html(document: doc.Document) -> bytes:
    """The file."""
    numbers = count()
    body = "".join(_block(block, numbers) for block in document.blocks)
    drawn = "".join(
        dumps(b.spec, ensure_ascii=False) for b in document.blocks if isinstance(b, doc.Picture)
    )
    faces = fonts.css(f"{drawn}{document.title}{document.subtitle}{body}{document.foot}")
    subtitle = f"<p class='quiet'>{marked(document.subtitle)}</p>" if document.subtitle else ""
    foot = f"<footer class='quiet'>{marked(document.foot)}</footer>" if document.foot else ""
    return (
        f"<!doctype html><html lang='{escape(document.language)}'><head><meta charset='utf-8'>"
        f"<meta name='viewport' content='width=device-width'><title>{escape(document.title)}"
        f"</title><style>{faces}{STYLE}</style></head><body><h1>{marked(document.title)}</h1>"
        f"{subtitle}{body}{foot}</body></html>"
    ).encode()


def _block(block: doc.Block, numbers: Iterator[int]) -> str:
    match block:
        case doc.Heading(text):
            return f"<h2>{marked(text)}</h2>"
        case doc.Text(text, quiet, framed, _):
            looks = " ".join(["quiet"] * quiet + ["framed"] * framed)
            return f"<p class='{looks}'>{marked(text)}</p>" if looks else f"<p>{marked(text)}</p>"
        case doc.Options(options, right):
            items = "".join(
                f"<li class='right'>{marked(option)}</li>"
                if number == right
                else f"<li>{marked(option)}</li>"
                for number, option in enumerate(options)
            )
            return f"<ol class='options'>{items}</ol>"
        case doc.Lines(count):
            return f"<div class='lines'>{'<div></div>' * count}</div>"
        case doc.Picture(spec, _, alternative, part):
            drawn = OF_ITS_OWN.sub(rf"\g<0>of{next(numbers)}", drawing.svg(dumps(spec)))
            return (
                f'<figure role="img" aria-label="{escape(alternative)}" '
                f'style="width:{part:.0%}">{drawn}</figure>'
            )
        case doc.Table(head, rows, widths):
            wide = [f" style='width:{width:.0%}'" for width in widths] or [""] * len(head)
            top = "".join(f"<th{w}>{marked(t)}</th>" for w, t in zip(wide, head, strict=True))
            below = "".join(
                f"<tr>{''.join(f'<td>{marked(text)}</td>' for text in row)}</tr>" for row in rows
            )
            return f"<table><tr>{top}</tr>{below}</table>"
        case doc.NewPage():
            return "<div class='page'></div>"


def marked(text: str) -> str:
    """A text with its marked words as HTML; all else of it is text."""
    parts = []
    for words, look in doc.words_of(text):
        mark = MARKS.get(look)
        parts.append(f"<{mark}>{escape(words)}</{mark}>" if mark else escape(words))
    return "".join(parts)
