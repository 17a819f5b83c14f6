"""Measure the prepared runs that write: ``python assets/make_writing.py``."""

from gatescope import load_run
from viz_app.features.text.measures import PATH, measured, to_json
from viz_app.kit.library import DATA_RUNS


def main() -> None:
    """Write one file with the measures of all of them."""
    runs = [load_run(folder) for folder in sorted(DATA_RUNS.glob("characters-*"))]
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(to_json([(run, measured(run)) for run in runs]))


if __name__ == "__main__":
    main()
