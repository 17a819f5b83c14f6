"""A table of texts as text: in columns, as Markdown, as LaTeX."""

import math
from collections.abc import Iterable

import pandas as pd

from viz_app.kit.chart.breadth import breadth, is_wide, pieces

LETTER, AROUND = 8, 26
"""Pixels that a letter and a column's margins take on a page."""

LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "±": r"$\pm$", "–": "--", "…": r"\ldots{}", "≥": r"$\ge$", "≤": r"$\le$", "·": r"$\cdot$",
    "⁻": r"$^{-}$",
}  # fmt: skip
LATEX |= {digit: f"$^{number}$" for number, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}


def in_columns(table: pd.DataFrame, *, right: bool = False) -> str:
    """For a terminal; all columns but the first at the right where they are numbers."""
    rows = _rows(table)
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            _padded(text, width, left=not (right and place))
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) + sum(map(is_wide, text))


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _columns(text))
    return text + space if left else space + text


def parted(table: pd.DataFrame, pixels: int) -> list[pd.DataFrame]:
    """A table as tables of as many columns as stand side by side, each with the rows' names.

    Parameters
    ----------
    table
        Of texts, which may be broken between words.
    pixels
        How wide a table may be.
    """
    left = pixels - _least_width([table.index.name, *table.index])
    parts: list[list[str]] = [[]]
    room = left
    for name in table.columns:
        wide = _least_width([name, *table[name]])
        if parts[-1] and wide > room:
            parts.append([])
            room = left
        parts[-1].append(name)
        room -= wide
    return [table[part] for part in parts]


def _least_width(texts: Iterable[object]) -> int:
    """Pixels of a column whose texts are broken between words."""
    words = [word.strip() for text in texts for word in pieces(f"{text or '-'}")]
    return AROUND + math.ceil(LETTER * max(map(breadth, words)))


def markdown(table: pd.DataFrame) -> str:
    """As GitHub has it, numbers at the right."""
    head, *rows = _rows(table)
    ruled = [head, [":--"] + ["--:"] * (len(head) - 1), *rows]
    cells = [[cell.replace("|", r"\|") for cell in row] for row in ruled]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def latex(table: pd.DataFrame, caption: str, ruled: int) -> str:
    """With the package booktabs, and a rule after so many rows where others follow."""
    head, *rows = _rows(table)
    body = [_latex_row(row) for row in rows]
    if len(body) > ruled:
        body.insert(ruled, r"\midrule")
    lines = [
        r"% \usepackage{booktabs}", r"\begin{table}", r"\centering",
        rf"\caption{{{escaped(caption)}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}", r"\toprule", _latex_row(head),
        r"\midrule", *body, r"\bottomrule", r"\end{tabular}", r"\end{table}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text as LaTeX writes it."""
    return "".join(LATEX.get(letter, letter) for letter in text)


def _rows(table: pd.DataFrame) -> list[list[str]]:
    """The table with its head."""
    rows = zip(table.index, table.to_numpy(), strict=True)
    return [[str(table.index.name), *table.columns], *([str(name), *row] for name, row in rows)]


def _latex_row(cells: list[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
