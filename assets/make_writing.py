"""Measure the prepared runs that write: ``python assets/make_writing.py``."""

from gatescope import load_run
from viz_app.views.library import DATA_RUNS
from viz_app.views.writing_shipped import PATH, measured, to_json


def main() -> None:
    """Write one file with the measures of all of them."""
    runs = [load_run(folder) for folder in sorted(DATA_RUNS.glob("characters-*"))]
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(to_json([(run, measured(run)) for run in runs]))


if __name__ == "__main__":
    main()
