"""How soon the page Gates is drawn anew, and what it sends, for short and for long sequences.

Run by hand: ``python tests/benchmarks/bench_explorer.py``. A real Chromium zooms into a stretch of
the input, goes back to all of it, and takes other examples, on an LSTM of 64 units over 200 steps
and one of 512 over 10,000; then it points, clicks and counts what goes to the server.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from _shared import (
    CHART,
    PICTURES,
    app,
    chromium,
    new_page,
    wait_for_health,
    wait_for_other_pictures,
    wait_for_rest,
)
from _tables import seconds, size, table
from playwright.sync_api import Page

from gatescope import Run, TrainConfig, save_run
from gatescope.training import build_model

SIZES = {"short": (200, 64), "long": (10_000, 512)}
WARM = 20


def save_untrained(folder: Path, steps: int, units: int) -> None:
    """A run whose network nobody trained, which costs as much to draw as any other."""
    config = TrainConfig(
        task="adding", task_options={"length": steps}, cell="lstm", hidden_size=units,
        initialization="chrono",
    )  # fmt: skip
    model = build_model(config)
    weights = [{n: v.clone() for n, v in model.state_dict().items()} for _ in range(2)]
    parameters = sum(p.numel() for p in model.parameters())
    save_run(Run(config, (), dict(enumerate(weights)), (), 1.0, 0.0, parameters, 0.0), folder)


def strip(page: Page) -> tuple[float, float, float]:
    """Left and right end of the input on the screen, and its middle height."""
    image = page.evaluate("window.drawn()[0].images[0]")
    return image["x"], image["x"] + image["width"], image["y"] - 50


def zoom(page: Page, dice: random.Random) -> float:
    """Drag over a stretch of the input; seconds until the heatmaps are drawn."""
    left, right, y = strip(page)
    low = dice.uniform(0.1, 0.4)
    high = low + dice.uniform(0.2, 0.4)
    before = page.evaluate(PICTURES)
    page.mouse.move(left + low * (right - left), y)
    page.mouse.down()
    page.mouse.move(left + high * (right - left), y, steps=8)
    start = time.perf_counter()
    page.mouse.up()
    wait_for_other_pictures(page, before)
    return time.perf_counter() - start


def whole(page: Page, dice: random.Random) -> float:
    """Back to all steps."""
    button = page.get_by_role("button", name="All steps")
    before = page.evaluate(PICTURES)
    start = time.perf_counter()
    button.click()
    wait_for_other_pictures(page, before)
    return time.perf_counter() - start


def example(page: Page, dice: random.Random) -> float:
    """The next example, or the first after the last."""
    field = page.get_by_label("Example", exact=True)
    now = int(field.input_value())
    before = page.evaluate(PICTURES)
    field.fill(str(now + 1 if now < int(field.get_attribute("max") or 0) else 0))
    start = time.perf_counter()
    field.press("Enter")
    wait_for_other_pictures(page, before)
    return time.perf_counter() - start


def rounds_of(
    page: Page, count: int, *moves: Callable[[Page, random.Random], float]
) -> list[list[float]]:
    """So many rounds of some moves, each timed."""
    dice, found = random.Random(5), [[] for _ in moves]
    for _ in range(count):
        for number, move in enumerate(moves):
            wait_for_rest(page)
            page.wait_for_timeout(400)
            found[number].append(move(page, dice))
    return found


def quiet_moves(page: Page) -> int:
    """Messages to the server while the pointer moves over the chart for a while."""
    sent: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(1)))
    page.reload()
    page.wait_for_selector(CHART)
    wait_for_rest(page)
    page.wait_for_timeout(1500)
    before = len(sent)
    image = page.evaluate("window.drawn()[0].images[0]")
    for step in range(40):
        page.mouse.move(image["x"] + 5 + 10 * step, image["y"] + 20)
    page.wait_for_timeout(500)
    return len(sent) - before


def received(page: Page, url: str) -> float:
    """Bytes of the page for a browser that has been here before."""
    page.goto(url)
    page.wait_for_selector(CHART)
    wait_for_rest(page)
    page.wait_for_timeout(1000)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    total = [0.0]
    session.on("Network.loadingFinished", lambda e: total.append(e["encodedDataLength"]))
    session.on(
        "Network.webSocketFrameReceived",
        lambda e: total.append(len(e["response"]["payloadData"]) * 0.75),
    )
    page.reload()
    page.wait_for_selector(CHART)
    wait_for_rest(page)
    page.wait_for_timeout(1000)
    return sum(total)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    asked = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        runs = Path(place) / "runs"
        for name, (steps, units) in SIZES.items():
            save_untrained(runs / name, steps, units)
        with chromium() as browser, app(Path(place) / "jobs", runs) as (url, server):
            wait_for_health(url, server)
            time.sleep(WARM)
            for name, (steps, units) in SIZES.items():
                page = new_page(browser)
                start = time.perf_counter()
                page.goto(f"{url}/gates?run={name}")
                page.wait_for_selector(CHART)
                opened = time.perf_counter() - start
                found = rounds_of(page, asked.rounds, zoom, whole, example)
                rows.append(
                    (f"{steps:,} x {units}", seconds(opened), *(seconds(median(f)) for f in found))
                )
                page.context.close()
            table(["steps x units", "opened", "zoom", "all steps", "example"], rows)
            page = new_page(browser)
            page.goto(f"{url}/gates")
            page.wait_for_selector(CHART)
            table(
                ["Gates", ""],
                [
                    ("bytes, loaded again", size(received(page, f"{url}/gates"))),
                    ("messages to the server while pointing", quiet_moves(page)),
                ],
            )


if __name__ == "__main__":
    main()
