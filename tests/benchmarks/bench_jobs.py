"""How soon each page shows its first chart, and what live jobs cost the readers of another page.

Run by hand: ``python tests/benchmarks/bench_jobs.py``. Two networks are trained while a browser
changes cell and example on the page Gates: at first nobody watches them, then two more browsers on
this same machine do, each of which draws what it is sent, and so takes time from the one that is
measured.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import psutil
from _shared import (
    CHART,
    PICTURES,
    app,
    bare_app,
    chromium,
    new_page,
    wait_for_health,
    wait_for_other_pictures,
    wait_for_rest,
)
from _tables import seconds, table
from playwright.sync_api import Browser, Page

from gatescope import TrainConfig
from gatescope.jobs import JobQueue, SingleRun

PAGES = (
    *("gates", "gradient_flow", "connectivity", "step_through", "architectures"),
    *("memory", "retention", "saturation", "compare", "compare?part=bench"),
    *("train", "aids", "forecasting", "sentiment", "writing"),
    *("intervene", "tasks", "claims", "tutorial"),
)
SHOWN = {"tutorial": '[data-testid="stExpander"]'}
"""What is waited for on a page that opens without a chart: its answers."""
WARM = 20
"""Seconds after its start in which the server draws first pictures by itself."""


def visits(browser: Browser, address: str, count: int, shown: str = CHART) -> list[float]:
    """Seconds until an address shows what it is visited for, each time in a new browser."""
    times = []
    for _ in range(count):
        page = new_page(browser)
        start = time.perf_counter()
        page.goto(address)
        page.wait_for_selector(shown)
        times.append(time.perf_counter() - start)
        wait_for_rest(page)
        page.context.close()
    return times


def first_charts(
    browser: Browser, url: str, bare: str, pages: Sequence[str], rounds: int
) -> list[tuple[str, ...]]:
    """Each page: the first visit anybody makes, and the median of later ones.

    The ratios are to a bare page of Streamlit with one chart, visited in the same round.
    """
    visits(browser, bare, 2)
    rows = []
    for name in pages:
        first, *later = visits(browser, f"{url}/{name}", rounds + 1, SHOWN.get(name, CHART))
        least = median(visits(browser, bare, rounds))
        ratio = f"{median(later) / least:.2f}"
        rows.append(
            (name or "gates", seconds(first), seconds(median(later)), seconds(least), ratio)
        )
    return rows


def change(page: Page, dice: random.Random) -> float:
    """Another cell or example in a real page; seconds until its heatmaps are drawn."""
    before = page.evaluate(PICTURES)
    if dice.random() < 0.5:
        others = [radio for radio in page.get_by_role("radio").all() if not radio.is_checked()]
        chosen = dice.choice(others)
        start = time.perf_counter()
        chosen.click()
    else:
        field = page.get_by_label("Example", exact=True)
        now = int(field.input_value())
        field.fill(str(dice.choice([k for k in range(20) if k != now])))
        start = time.perf_counter()
        field.press("Enter")
    wait_for_other_pictures(page, before)
    return time.perf_counter() - start


def changes(page: Page, count: int, dice: random.Random) -> list[float]:
    """Seconds for each of so many changes on the page Gates."""
    found = []
    for _ in range(count):
        wait_for_rest(page)
        page.wait_for_timeout(1000 * dice.uniform(0.5, 1.0))
        found.append(change(page, dice))
    return found


def endless(folder: Path) -> list[str]:
    """Ask for two networks that train until they are stopped; the server takes them up."""
    queue = JobQueue(folder, limit=0)
    settings = {"task": "adding", "task_options": {"length": 100}, "hidden_size": 32}
    configs = [TrainConfig(**settings, cell=c, max_steps=1_000_000) for c in ("lstm", "gru")]
    return [queue.submit(SingleRun(run=config)) for config in configs]


def watch(browser: Browser, url: str, keys: list[str]) -> list[Page]:
    """A browser for each job, which shows its curve."""
    pages = []
    for key in keys:
        pages.append(new_page(browser))
        pages[-1].goto(f"{url}/train?job={key}")
        pages[-1].get_by_text("of at most").wait_for()
        pages[-1].wait_for_selector(CHART)
    return pages


def busy(server: int) -> int:
    """How many processes the server has that train."""
    found = psutil.Process(server).children(recursive=True)
    return sum("gatescope.jobs.worker" in " ".join(child.cmdline()) for child in found)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", nargs="*", default=PAGES, help="of the app, as in an address")
    parser.add_argument("--changes", type=int, default=25, help="0 times the first charts alone")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as jobs,
        chromium() as browser,
        app(Path(jobs)) as (url, server),
    ):
        wait_for_health(url, server)
        with bare_app(Path(jobs)) as (bare, other):
            wait_for_health(bare, other)
            time.sleep(WARM)
            rows = first_charts(browser, url, bare, asked.pages, asked.rounds)
        table(["page", "first visit", "later", "a bare page", "ratio"], rows)
        if asked.changes == 0:
            return
        page = new_page(browser)
        page.goto(f"{url}/gates")
        page.wait_for_selector(CHART)
        dice = random.Random(7)
        changes(page, 3, dice)
        quiet = changes(page, asked.changes, dice)
        keys = endless(Path(jobs))
        for watcher in watch(browser, url, keys):  # the server takes jobs up when it is visited
            watcher.context.close()
        alone = changes(page, asked.changes, dice)
        watching = watch(browser, url, keys)
        watched = changes(page, asked.changes, dice)
        working = busy(server.pid)
        for watcher in watching:
            watcher.get_by_role("button", name="Stop", exact=True).last.click()
            watcher.context.close()
        again = changes(page, asked.changes, dice)
    before = median([*quiet, *again])
    table(
        ["gates page", "live jobs", "watchers", "median", "longest", "ratio"],
        [
            (name, jobs, watchers, seconds(median(times)), seconds(max(times)),
             f"{median(times) / before:.2f}")
            for name, jobs, watchers, times in (
                ("before", 0, 0, quiet),
                ("during", working, 0, alone),
                ("during", working, len(keys), watched),
                ("after", 0, 0, again),
            )
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
