"""The pages that there are, by the menu in which they stand."""

FRONT = "start"
"""What opens without an address."""

PAGES = {
    "learn": ("start", "lessons", "tasks", "mystery", "class", "glossary"),
    "watch": (
        "gates", "step_through", "gradient_flow", "connectivity", "saturation", "architectures"
    ),
    "break": ("intervene",),
    "measure": ("memory", "retention", "compare", "claims", "tutorial"),
    "training": ("train", "aids", "forecasting", "sentiment", "writing"),
    "yours": ("your_model", "figures"),
}  # fmt: skip
"""Their addresses."""

TEACHER = "server"
"""The page that the teacher alone sees."""

ROOMS = {"class": "classroom", "aids": "techniques", "writing": "text"}
"""Rooms whose page kept an older address."""

OF_GATES = ("run", "checkpoint", "layer", "example", "sort", "window", "units", "show", "unit")
"""Choices of Gates, which earlier stood at the root: an address without a page that has one of them
opens Gates."""


def script(address: str) -> str:
    """The file of a page, as Streamlit takes it: from the folder of ``app.py``."""
    return f"features/{ROOMS.get(address, address)}/page.py"
