"""What a file was taken for, in words."""

from collections.abc import Sequence

from gatescope.loading import Reading, Treatment
from viz_app.kit.words import commas
from viz_app.text import has, say
from viz_app.text.plain import NAME, plain

SEPARATORS = {
    ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space", "": "none"
}  # fmt: skip
MARKS = {".": "point", ",": "comma", " ": "space", "'": "apostrophe", "": "none"}
FIELDS = ("separator", "decimal", "thousands", "dates", "first_row", "encoding")
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
USUAL = {"thousands": ("",), "dates": ("",), "encoding": ("utf-8", "utf-8-sig")}
"""Values that the line leaves out."""


def value_name(field: str, value: str) -> str:
    """A value of a field of `Reading`, as a person would say it."""
    if field == "separator":
        return (
            say(f"reading.separator_{SEPARATORS[value]}") if value in SEPARATORS else plain(value)
        )
    if field in ("decimal", "thousands"):
        return say(f"reading.mark_{MARKS[value]}")
    if field == "first_row":
        return say(f"reading.first_row_{value}")
    return ENCODINGS.get(value, value.upper()) if field == "encoding" else value


def line(file: str, reading: Reading) -> str:
    """What a file was taken for, in a line."""
    values = {field: getattr(reading, field) for field in FIELDS}
    parts = [
        say(f"reading.{field}", value=value_name(field, value))
        for field, value in values.items()
        if value is not None and value not in USUAL.get(field, ())
    ]
    return say("reading.line", file=plain(file, NAME), parts=commas(parts))


def treated(treatments: Sequence[Treatment]) -> list[str]:
    """A sentence for each thing that was done to a file or to its series."""
    groups = ("reading", "forecast")
    keys = [
        next(key for group in groups if has(key := f"{group}.treated_{each.key}"))
        for each in treatments
    ]
    return [
        say(key, column=plain(each.column, NAME), count=each.count)
        for key, each in zip(keys, treatments, strict=True)
    ]
