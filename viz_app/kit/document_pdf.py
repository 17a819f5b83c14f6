"""A sheet as a PDF: text stays text, pictures stay lines, and the letters are inside.

ReportLab sets the text and leaves room for the pictures, which Vega draws and pypdf puts there.
"""

import io
from functools import cache, partial
from itertools import groupby
from json import dumps
from typing import Any
from xml.sax.saxutils import escape

import pypdf
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    HRFlowable,
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
    paragraph,
)
from reportlab.platypus import Table as Grid

from viz_app.kit import document as doc
from viz_app.kit import drawing, fonts

paragraph.ALL_CANNOT_START += "，：；？！》”…"  # what a Chinese line cannot begin with either

INK, QUIET, RULE, SHADE = (HexColor(c) for c in ("#1a1a24", "#55555f", "#9a9aa6", "#f7f0f4"))
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
SIZE, LEADING = 10.5, 15.0
LINE = 8 * mm
"""Between two lines to write on."""

BROKEN_ANYWHERE = {"zh", "ja"}
"""Languages whose lines end between any two letters."""


class _Room(Flowable):  # type: ignore[misc]
    """Room for a picture; it notes where that comes."""

    def __init__(self, picture: doc.Picture, scale: float) -> None:
        super().__init__()
        self.picture, self.scale = picture, scale
        self.width, self.height = (scale * side for side in picture.pixels)
        self.place = (0, 0.0, 0.0)

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self.place = (self.canv.getPageNumber() - 1, *self.canv.absolutePosition(0, 0))


def pdf(document: doc.Document) -> bytes:
    """The file."""
    look = _Look(document.language)
    story: list[Flowable] = [look.paragraph(document.title, size=20, leading=25, strong=True)]
    if document.subtitle:
        story.append(look.paragraph(document.subtitle, quiet=True))
    story.append(Spacer(0, 6))
    rooms: list[_Room] = []
    for block in document.blocks:
        story += look.block(block, rooms)
    out = io.BytesIO()
    template = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN,
        bottomMargin=MARGIN + 4 * mm, title=document.title, author="GateScope",
        lang=document.language, invariant=1,
    )  # fmt: skip
    # a frame pads its content
    template.leftMargin, template.rightMargin = MARGIN - 6, MARGIN - 6
    template.build(story, canvasmaker=partial(_Numbered, look, document.foot))
    return _with_pictures(out.getvalue(), rooms)


def _with_pictures(data: bytes, rooms: list[_Room]) -> bytes:
    if not rooms:
        return data
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    for room in rooms:
        number, x, y = room.place
        drawn = pypdf.PdfReader(
            io.BytesIO(drawing.draw("pdf", drawing.svg(dumps(room.picture.spec))))
        ).pages[0]
        scale = room.width / float(drawn.mediabox.width)
        place = pypdf.Transformation().scale(scale).translate(x, y)
        writer.pages[number].merge_transformed_page(drawn, place)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]
    """Pages that say which they are, and of how many."""

    def __init__(self, look: "_Look", foot: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._look, self._foot = look, foot
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page in self._pages:
            self.__dict__.update(page)
            number = f"{self._pageNumber} / {len(self._pages)}"
            for text, right in ((self._foot, False), (number, True)):
                line = self._look.paragraph(text, size=8.5, quiet=True, right=right)
                _, height = line.wrap(WIDTH, MARGIN)
                line.drawOn(self, MARGIN, MARGIN - height)
            super().showPage()
        super().save()


class _Look:
    """How the blocks of a language are set."""

    def __init__(self, language: str) -> None:
        self.wrap = "CJK" if language.split("-")[0] in BROKEN_ANYWHERE else None

    def paragraph(
        self, text: str, size: float = SIZE, leading: float | None = None, *, strong: bool = False,
        quiet: bool = False, right: bool = False, framed: bool = False, tied: bool = False,
        after: float = 6.0, indent: float = 0.0,
    ) -> Paragraph:  # fmt: skip
        """A paragraph."""
        size = size - 1 if quiet and size == SIZE else size
        look: dict[str, Any] = {"spaceAfter": after, "leftIndent": indent}
        if framed:
            look = {"borderPadding": (3, 4, 5, 8), "backColor": SHADE, "leftIndent": 10,
                    "spaceBefore": 6, "spaceAfter": 12}  # fmt: skip
        style = ParagraphStyle(
            "text", fontName=_family("Sans", strong), fontSize=size,
            leading=leading or size * LEADING / SIZE, textColor=QUIET if quiet else INK,
            alignment=2 if right else 0, wordWrap=self.wrap, keepWithNext=tied, **look,
        )  # fmt: skip
        return Paragraph(_marked(text, strong), style)

    def block(self, block: doc.Block, rooms: list[_Room]) -> list[Flowable]:
        """What a block is on paper."""
        match block:
            case doc.Heading(text):
                head = self.paragraph(text, 13, strong=True, after=4, tied=True)
                return [CondPageBreak(30 * mm), Spacer(0, 8), head]
            case doc.Text(text, quiet, framed, tied):
                return [self.paragraph(text, quiet=quiet, framed=framed, tied=tied)]
            case doc.Options(options, right):
                return self._options(options, right)
            case doc.Lines(count):
                rule = HRFlowable(width="100%", color=RULE, thickness=0.6, spaceBefore=LINE)
                return [KeepTogether([rule] * count), Spacer(0, 10)]
            case doc.Picture() as picture:
                rooms.append(_Room(picture, picture.part * WIDTH / picture.pixels[0]))
                return [rooms[-1], Spacer(0, 8)]
            case doc.Table(head, rows, widths):
                return [self._table(head, rows, widths), Spacer(0, 8)]
            case doc.NewPage():
                return [PageBreak()]

    def _options(self, options: tuple[str, ...], right: int | None) -> list[Flowable]:
        last, found = len(options) - 1, []
        for number, option in enumerate(options):
            said = f"**{option}** ←" if number == right else option
            found.append(
                self.paragraph(
                    f"{doc.letter(number)}.  {said}", after=8 if number == last else 2, indent=12,
                    tied=number < last or right is not None,
                )
            )  # fmt: skip
        return found

    def _table(
        self, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], widths: tuple[float, ...]
    ) -> Grid:
        cells = [
            [self.paragraph(text, 9.5, strong=number == 0, after=0) for text in row]
            for number, row in enumerate((head, *rows))
        ]
        parts = widths or (1 / len(head),) * len(head)
        rules = [
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE), ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ]  # fmt: skip
        wide = [part * WIDTH for part in parts]
        return Grid(cells, colWidths=wide, repeatRows=1, style=TableStyle(rules), hAlign="LEFT")


@cache
def _families() -> dict[str, frozenset[int]]:
    """The letters of each shipped family; ReportLab knows them from here on."""
    found = {}
    for path in sorted(fonts.TRUETYPE.glob("*.ttf"), key=_order):
        font = TTFont(path.stem, path)
        pdfmetrics.registerFont(font)
        if path.stem.endswith("-Regular"):
            found[path.stem.removesuffix("-Regular")] = frozenset(font.face.charToGlyph)
    return found


def _order(path: Any) -> tuple[bool, bool, str]:
    """Sans first, the fixed-width one last: a letter is set in the first that has it."""
    return "Sans" not in path.stem, "Mono" in path.stem, path.stem


def _family(part: str, strong: bool = False) -> str:
    name = next(name for name in _families() if part in name)
    weight = "Semibold" if strong else "Regular"
    return f"{name}-{weight if f'{name}-{weight}' in _known() else 'Regular'}"


def _known() -> set[str]:
    return set(pdfmetrics.getRegisteredFontNames())


def _marked(text: str, strong: bool) -> str:
    """A text as ReportLab reads it, each stretch of letters in a family that has them."""
    parts = []
    for words, look in doc.words_of(text):
        first = "Mono" if look == "code" else "Sans"

        def family(letter: str, first: str = first) -> str:
            there = [name for name, has in _families().items() if ord(letter) in has]
            return next((name for name in there if first in name), there[0] if there else first)

        for name, letters in groupby(words, family):
            font = _family(name, strong or look == "strong")
            said = escape("".join(letters))
            said = f'<font name="{font}">{said}</font>'
            parts.append(f'<font color="#55555f">{said}</font>' if look == "em" else said)
    return "".join(parts)
