"""How long the app takes to its first chart and to another run, and how much it sends.

Run by hand: ``python tests/benchmarks/bench_startup.py``.
"""

import argparse
import subprocess
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median

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
from _tables import seconds, size, table
from playwright.sync_api import Browser, Page


def cold_start(
    browser: Browser,
    serving: AbstractContextManager[tuple[str, subprocess.Popen[bytes]]],
    path: str = "",
) -> tuple[float, float]:
    """A new process: seconds until it answers, and until the first chart is drawn."""
    page = new_page(browser)
    start = time.perf_counter()
    with serving as (url, server):
        wait_for_health(url, server)
        answered = time.perf_counter() - start
        page.goto(f"{url}/{path}")
        page.wait_for_selector(CHART)
        drawn = time.perf_counter() - start
        page.context.close()
    return answered, drawn


class Traffic:
    """Bytes that come to a page, over the network and by the web socket."""

    def __init__(self, page: Page) -> None:
        self.http = self.socket = 0
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._loaded)
        session.on("Network.webSocketFrameReceived", self._frame)

    def _loaded(self, event: dict) -> None:
        self.http += int(event["encodedDataLength"])

    def _frame(self, event: dict) -> None:
        response = event["response"]
        text = response["payloadData"]
        binary = response["opcode"] == 2  # then the text is base64
        self.socket += 3 * len(text) // 4 if binary else len(text)

    def take(self) -> tuple[int, int]:
        """Bytes since the last time."""
        found = (self.http, self.socket)
        self.http = self.socket = 0
        return found


TOUR = [
    ("temporal order", ["GRU", "RNN"]),
    ("digits", ["GRU", "LSTM"]),
    ("adding", ["GRU", "RNN"]),
]
"""Another task keeps the cell, so that these are the nine runs, each once, from an LSTM on."""


def choose_task(page: Page, task: str) -> float:
    """Choose a task; seconds until its chart is drawn."""
    before = page.evaluate(PICTURES)
    page.get_by_test_id("stSelectbox").first.locator("input").click()
    option = page.get_by_role("option", name=task)
    option.wait_for()
    start = time.perf_counter()
    option.click()
    wait_for_other_pictures(page, before)
    return time.perf_counter() - start


def choose_cell(page: Page, cell: str) -> float:
    """Choose a cell; seconds until its chart is drawn."""
    before = page.evaluate(PICTURES)
    start = time.perf_counter()
    page.get_by_role("radio", name=cell, exact=True).click()
    wait_for_other_pictures(page, before)
    return time.perf_counter() - start


def rest(page: Page) -> None:
    """Wait for the end of what a change has started."""
    page.wait_for_timeout(150)
    wait_for_rest(page)


def tour(page: Page) -> list[float]:
    """Every run once."""
    times = []
    for task, cells in TOUR:
        times.append(choose_task(page, task))
        rest(page)
        for cell in cells:
            times.append(choose_cell(page, cell))
            rest(page)
    return times


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with chromium() as browser, tempfile.TemporaryDirectory() as place:
        rows = []
        for _ in range(rounds):
            ours = cold_start(browser, app(), "gates")
            bare = cold_start(browser, bare_app(Path(place)))
            rows.append([*ours, *bare, ours[1] / bare[1]])
        medians = [median(column) for column in zip(*rows, strict=True)]
        table(
            ["cold start", "answers", "first chart", "a bare page answers", "chart", "ratio"],
            [
                (name, *map(seconds, times), f"{ratio:.2f}")
                for name, (*times, ratio) in [*enumerate(rows, start=1), ("median", medians)]
            ],
        )
        with app() as (url, server):
            wait_for_health(url, server)
            page = new_page(browser)
            traffic = Traffic(page)
            loads = []
            for name in ("first load", "reload"):
                traffic.take()
                start = time.perf_counter()
                if name == "reload":
                    page.reload()
                else:
                    page.goto(f"{url}/gates")
                page.wait_for_selector(CHART)
                taken = time.perf_counter() - start
                wait_for_rest(page)
                page.wait_for_timeout(1000)
                http, socket = traffic.take()
                loads.append((name, seconds(taken), size(http), size(socket)))
            table(["Gates", "chart", "http", "web socket"], loads)
            tours = []
            for name in ("first time", "again"):
                if tours:
                    choose_cell(page, "LSTM")
                    rest(page)
                    traffic.take()
                times = tour(page)
                http, socket = traffic.take()
                sent = size((http + socket) / len(times))
                tours.append((name, len(times), seconds(median(times)), seconds(max(times)), sent))
            table(["another run", "changes", "median", "longest", "bytes a change"], tours)
            page.context.close()


if __name__ == "__main__":
    main()
