"""A class on one server: sessions that wander over all pages, and what each page costs.

Run by hand: ``python tests/benchmarks/bench_load.py --sessions 40 100``. First one reader looks at
every page, again and again, and the server's own CPU time is counted, beside a bare page of
Streamlit; then so many sessions change page, run, example and what else can be chosen by the
address, one change in about six seconds each. Forty browsers on one machine would measure the
browsers: the sessions are web sockets that speak Streamlit's protocol.

With ``--cold`` each number of sessions gets a server that has just started. With ``--url`` a
server that runs already is asked, several where the option is repeated, each session always the
same one; its memory and CPU are read when ``--pid`` names its processes.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from _sessions import CHOICES, Reader, Session
from _shared import app, bare_app, wait_for_health
from _tables import seconds, size, table

WARMING = 60.0
"""Seconds for which the sessions wander before they are timed, unless the server is to be cold."""


@dataclass
class Tally:
    """What all sessions together have seen."""

    times: list[float] = field(default_factory=list)
    by_page: dict[str, list[float]] = field(default_factory=dict)
    bytes: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, page: str, taken: float, count: int, wrong: list[str]) -> None:
        """An answer."""
        self.times.append(taken)
        self.by_page.setdefault(page, []).append(taken)
        self.bytes += count
        self.errors.update(wrong)


class Servers:
    """The processes that serve, and what they have used."""

    def __init__(self, urls: Sequence[str], processes: Sequence[psutil.Process]) -> None:
        self.urls = urls
        self.processes = processes

    def cpu(self) -> float:
        """Seconds of CPU so far, all together."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes)

    def memory(self) -> list[int]:
        """Bytes of each that are its own or shared, as the system counts them."""
        return [process.memory_info().rss for process in self.processes]


async def wander(
    url: str, number: int, start: float, end: float, pause: float, stay: float, tally: Tally
) -> None:
    """Visits until the time is over; what is answered from ``start`` on is counted."""
    dice = random.Random(number)
    await asyncio.sleep(dice.uniform(0, pause))
    while time.monotonic() < end:
        leaves = time.monotonic() + dice.expovariate(1 / stay) if stay else end
        try:
            async with Session(url, dice.choice(["light", "dark"])) as session:
                reader = Reader(dice)
                while time.monotonic() < min(leaves, end):
                    answer = await session.ask(reader.page, reader.query)
                    if time.monotonic() >= start:
                        tally.add(reader.page, *answer)
                    reader.change()
                    await asyncio.sleep(dice.uniform(0.5 * pause, 1.5 * pause))
        except Exception as error:  # noqa: BLE001
            tally.errors[type(error).__name__] += 1
            await asyncio.sleep(1)


async def crowd(servers: Servers, count: int, asked: argparse.Namespace) -> None:
    """So many sessions for a while, and what they saw."""
    tally = Tally()
    begin = time.monotonic() + (0 if asked.cold else asked.warming)
    end = begin + asked.seconds
    readers = [
        asyncio.create_task(
            wander(
                servers.urls[k % len(servers.urls)], k, begin, end, asked.pause, asked.stay, tally
            )
        )
        for k in range(count)
    ]
    await asyncio.sleep(max(0, begin - time.monotonic()))
    before, used, mine = servers.memory(), servers.cpu(), time.process_time()
    at = time.monotonic()
    curve = [(0.0, sum(before), 0)]
    while time.monotonic() < end:
        await asyncio.sleep(min(asked.every, max(0.0, end - time.monotonic())))
        curve.append((time.monotonic() - at, sum(servers.memory()), len(tally.times)))
    await asyncio.gather(*readers)
    taken = time.monotonic() - at
    report(count, tally, servers, before, servers.cpu() - used, taken, time.process_time() - mine)
    if asked.curve:
        table(["after", "memory", "answers"], [(f"{t:.0f} s", size(m), n) for t, m, n in curve])


def report(
    count: int, tally: Tally, servers: Servers, before: list[int], cpu: float, taken: float,
    mine: float,
) -> None:  # fmt: skip
    """Print what so many sessions saw."""
    times = np.array(tally.times or [np.nan])
    after = servers.memory()
    table(
        ["sessions", "answers", "p50", "p95", "worst", "bytes", "CPU", "an answer", "client's",
         "memory", "after", "load"],
        [(
            count, len(tally.times), *map(seconds, np.percentile(times, (50, 95, 100))),
            size(tally.bytes / max(1, len(tally.times))), f"{100 * cpu / taken:.0f} %",
            seconds(cpu / max(1, len(tally.times))), f"{100 * mine / taken:.0f} %",
            " ".join(map(size, before)), " ".join(map(size, after)), f"{os.getloadavg()[0]:.1f}",
        )],
    )  # fmt: skip
    slowest = sorted(tally.by_page.items(), key=lambda item: -np.percentile(item[1], 95))[:6]
    table(
        ["slowest pages", "answers", "p50", "p95", "worst"],
        [
            (page, len(found), *map(seconds, np.percentile(found, (50, 95, 100))))
            for page, found in slowest
        ],
    )
    for what, number in tally.errors.most_common(20):
        print(f"{number} x {what}")
    print(f"{sum(tally.errors.values())} errors", flush=True)


async def costs(servers: Servers, bare: Servers, count: int, pages: Sequence[str]) -> None:
    """The server's CPU for each warm answer by page, beside a bare page of Streamlit."""
    plain, rows = [], []
    async with Session(bare.urls[0]) as empty, Session(servers.urls[0]) as session:
        await empty.ask("bare", "")
        for page in pages:
            dice = random.Random(page)
            reader = Reader(dice, [page])
            queries = [""]
            for _ in range(4):
                if CHOICES[page]:
                    reader.choose()
                queries.append(reader.query)
            for query in 2 * queries:
                await session.ask(page, query)
            used, answers, taken = servers.cpu(), [], []
            for k in range(count):
                seen, sent, wrong = await session.ask(page, queries[k % len(queries)])
                answers.append(sent)
                taken.append(seen)
                if wrong:
                    print(*wrong)
            cpu = (servers.cpu() - used) / count
            used = bare.cpu()
            for _ in range(count):
                await empty.ask("bare", "")
            plain.append((bare.cpu() - used) / count)
            rows.append((page, cpu, plain[-1], median(taken), float(np.mean(answers))))
    table(
        ["page", "CPU", "bare page", "ratio", "median", "bytes"],
        [
            (page, f"{1000 * cpu:.1f} ms", f"{1000 * least:.1f} ms", f"{cpu / least:.1f}",
             seconds(seen), size(sent))
            for page, cpu, least, seen, sent in rows
        ],
    )  # fmt: skip
    every, least = (float(np.mean([row[k] for row in rows])) for k in (1, 2))
    print(f"mean {1000 * every:.1f} ms, bare {1000 * least:.1f} ms, {every / least:.1f} times\n")


def started(stack: ExitStack, count: int) -> Servers:
    """So many servers over one jobs folder, as soon as they answer."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    found = [stack.enter_context(app(jobs=folder)) for _ in range(count)]
    for url, server in found:
        wait_for_health(url, server)
    return Servers([url for url, _ in found], [psutil.Process(server.pid) for _, server in found])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="*", default=[20, 40, 100])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--warming", type=float, default=WARMING, help="seconds, untimed")
    parser.add_argument("--pause", type=float, default=6, help="mean time between two changes")
    parser.add_argument("--stay", type=float, default=0, help="mean length of a visit; 0: no end")
    parser.add_argument("--cold", action="store_true", help="time from the server's start on")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--url", action="append", help="a server that runs already")
    parser.add_argument("--pid", action="append", type=int, default=[], help="its process")
    parser.add_argument("--changes", type=int, default=25, help="a page's answers; 0: none")
    parser.add_argument("--pages", nargs="*", default=list(CHOICES), help="those that are costed")
    parser.add_argument("--curve", action="store_true", help="print the memory over time")
    parser.add_argument("--every", type=float, default=10, help="seconds between its points")
    asked = parser.parse_args()
    with ExitStack() as stack:
        running = Servers(asked.url or [], [psutil.Process(pid) for pid in asked.pid])
        if not asked.url and not asked.cold:
            running = started(stack, asked.processes)
        if asked.changes and not asked.cold:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url, server = stack.enter_context(bare_app(folder))
            wait_for_health(url, server)
            bare = Servers([url], [psutil.Process(server.pid)])
            asyncio.run(costs(running, bare, asked.changes, asked.pages))
        for count in asked.sessions:
            with ExitStack() as once:
                fresh = asked.cold and not asked.url
                servers = started(once, asked.processes) if fresh else running
                asyncio.run(crowd(servers, count, asked))


if __name__ == "__main__":
    main()
