"""The pages that there are, by the part of the menu in which they stand."""

PAGES = {
    "see": ("gates", "gradient_flow", "connectivity", "step_through", "architectures"),
    "measure": ("memory", "retention", "saturation", "compare"),
    "try": (
        "train", "aids", "forecasting", "sentiment", "writing", "intervene", "tasks", "claims",
        "tutorial", "mystery",
    ),
    "yours": ("your_model", "figures"),
}  # fmt: skip
"""Their addresses; the first is what opens without one."""

TEACHER = "server"
"""The page that the teacher alone sees."""

ROOMS = {"aids": "techniques", "writing": "text"}
"""Rooms whose page kept an older address."""


def script(address: str) -> str:
    """The file of a page, as Streamlit takes it: from the folder of ``app.py``."""
    return f"features/{ROOMS.get(address, address)}/page.py"
