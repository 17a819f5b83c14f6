"""A class on one server: twenty sessions that change run and example at the same time.

Run by hand: ``python tests/benchmarks/bench_classroom.py``. Twenty browsers on one machine would
measure the browsers, so most sessions are web sockets that speak Streamlit's protocol, ask for
a run and an example by the address and read until the page has ended; a few are real pages,
timed until the heatmaps are redrawn.
"""

import argparse
import asyncio
import random
import threading
import time
from collections import Counter
from statistics import median

import numpy as np
import psutil
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
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

RUNS = [
    f"{task}-{cell}"
    for task in ("adding", "temporal-order", "digits")
    for cell in ("lstm", "gru", "rnn")
]
EXAMPLES = 20
KEPT_RUNS = 2
"""For so many changes a browser keeps large messages, which are then sent as a hash alone."""


class Tally:
    """What all sessions together have seen."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.changes: list[float] = []
        self.bytes: list[int] = []
        self.errors: Counter[str] = Counter()


class Session:
    """One reader without a browser."""

    def __init__(self, socket: ClientConnection, page: str = "") -> None:
        self.socket = socket
        self.page = page
        self.ages: dict[str, int] = {}

    async def ask(self, query: str) -> tuple[float, int, list[str]]:
        """Run the page with an address; seconds, bytes and what went wrong."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.cached_message_hashes.extend(self.ages)
        message.rerun_script.context_info.color_scheme = "light"
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        count, wrong, charts = 0, [], 0
        self.ages = {name: age + 1 for name, age in self.ages.items() if age < KEPT_RUNS}
        while True:
            data = await asyncio.wait_for(self.socket.recv(), 60)
            assert isinstance(data, bytes)
            count += len(data)
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof("type")
            if answer.metadata.cacheable:
                self.ages[answer.hash] = 0
            if kind == "ref_hash":
                self.ages[answer.ref_hash] = 0
                charts += 1
            elif kind == "new_session":
                self.page = answer.new_session.page_script_hash
            elif kind == "delta":
                element = answer.delta.new_element.WhichOneof("type")
                charts += element in ("arrow_vega_lite_chart", "vega_lite_chart")
                if element == "exception":
                    wrong.append(answer.delta.new_element.exception.type)
            elif kind == "script_finished":
                if answer.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    wrong.append(ForwardMsg.ScriptFinishedStatus.Name(answer.script_finished))
                if not charts:
                    wrong.append("no chart")
                return time.perf_counter() - start, count, wrong


async def reader(url: str, number: int, end: float, pause: float, tally: Tally) -> None:
    """Open the page, then change run or example until the time is over."""
    dice = random.Random(number)
    await asyncio.sleep(dice.uniform(0, 3))
    address = url.replace("http", "ws") + "/_stcore/stream"
    run, example = RUNS[0], 0
    try:
        async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:
            session = Session(socket)
            taken, _, wrong = await session.ask("")
            tally.first.append(taken)
            tally.errors.update(wrong)
            while True:
                await asyncio.sleep(dice.uniform(0.5 * pause, 1.5 * pause))
                if time.monotonic() > end:
                    return
                if dice.random() < 0.5:
                    run = dice.choice([other for other in RUNS if other != run])
                else:
                    example = dice.choice([k for k in range(EXAMPLES) if k != example])
                taken, count, wrong = await session.ask(f"run={run}&example={example}")
                tally.changes.append(taken)
                tally.bytes.append(count)
                tally.errors.update(wrong)
    except Exception as error:  # noqa: BLE001
        tally.errors[type(error).__name__] += 1


def sockets(url: str, count: int, end: float, pause: float, tally: Tally) -> threading.Thread:
    """All readers without a browser, in a thread of their own."""

    async def everyone() -> None:
        await asyncio.gather(*(reader(url, k, end, pause, tally) for k in range(count)))

    thread = threading.Thread(target=lambda: asyncio.run(everyone()))
    thread.start()
    return thread


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
        field.fill(str(dice.choice([k for k in range(EXAMPLES) if k != now])))
        start = time.perf_counter()
        field.press("Enter")
    wait_for_other_pictures(page, before)
    return time.perf_counter() - start


def browse(pages: list[Page], end: float, pause: float, tally: Tally) -> None:
    """Change each real page in turn until the time is over."""
    dice = random.Random(99)
    while True:
        for page in pages:
            page.wait_for_timeout(1000 * dice.uniform(0.5, 1.5) * pause / len(pages))
            if time.monotonic() > end:
                return
            try:
                wait_for_rest(page)
                tally.changes.append(change(page, dice))
            except Exception as error:  # noqa: BLE001
                tally.errors[type(error).__name__] += 1


def row(name: str, count: int, tally: Tally) -> tuple[object, ...]:
    """A line of the table."""
    times = tally.changes or [float("nan")]
    return (
        name,
        count,
        seconds(median(tally.first)) if tally.first else "",
        len(tally.changes),
        seconds(median(times)),
        seconds(float(np.percentile(times, 95))),
        seconds(max(times)),
        size(float(np.mean(tally.bytes))) if tally.bytes else "",
        ", ".join(f"{count} {what}" for what, count in tally.errors.items()) or "none",
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=18, help="without a browser")
    parser.add_argument("--pages", type=int, default=2, help="in a real browser")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=6, help="mean time between two changes")
    asked = parser.parse_args()
    without, real = Tally(), Tally()
    with chromium() as browser, app() as (url, server):
        wait_for_health(url, server)
        process = psutil.Process(server.pid)
        pages = []
        for _ in range(asked.pages):
            page = new_page(browser)
            start = time.perf_counter()
            page.goto(url)
            page.wait_for_selector(CHART)
            real.first.append(time.perf_counter() - start)
            wait_for_rest(page)
            pages.append(page)
        before, worked = process.memory_info().rss, process.cpu_times()
        start = time.monotonic()
        end = start + asked.seconds
        thread = sockets(url, asked.sessions, end, asked.pause, without)
        browse(pages, end, asked.pause, real)
        thread.join()
        taken = time.monotonic() - start
        after, now = process.memory_info().rss, process.cpu_times()
        for page in pages:
            page.context.close()
    cpu = now.user + now.system - worked.user - worked.system
    table(
        ["sessions", "n", "first", "changes", "median", "p95", "longest", "bytes", "errors"],
        [row("web socket", asked.sessions, without), row("Chromium", asked.pages, real)],
    )
    table(
        ["server", "before", "after", "CPU"],
        [("memory", size(before), size(after), f"{cpu:.0f} s in {taken:.0f} s")],
    )


if __name__ == "__main__":
    main()
