"""Measure the prepared runs' memory: ``python assets/make_memory.py [name ...]``."""

import sys
import time

from gatescope import load_run
from gatescope.experiments.memory import measure, to_json
from viz_app.kit.library import PREPARED
from viz_app.kit.memory_shipped import FOLDER


def main(names: list[str]) -> None:
    """Write one file a run, for the named runs or for all."""
    FOLDER.mkdir(exist_ok=True)
    for folder in sorted(PREPARED.iterdir()):
        if folder.is_dir() and (not names or folder.name in names):
            start = time.perf_counter()
            run = load_run(folder)
            (FOLDER / f"{folder.name}.json").write_text(to_json(run, measure(run)))
            print(f"{folder.name}  {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
