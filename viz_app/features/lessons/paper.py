"""A sheet as the bytes of a file, by its ending."""

from typing import Literal

from viz_app.kit.document import Document
from viz_app.kit.document_html import html
from viz_app.kit.document_pdf import pdf

Ending = Literal["pdf", "html"]
ENDINGS: tuple[Ending, ...] = ("pdf", "html")


def paper(document: Document, ending: Ending) -> bytes:
    """The file."""
    return pdf(document) if ending == "pdf" else html(document)


def file_name(name: str, kind: str) -> str:
    """Of a sheet, or of a plan, without its ending."""
    return f"gatescope-{name}-{kind}".replace("_", "-")
