"""A class of a hundred phones and a teacher: how soon all have followed, and answers are counted.

Run by hand: ``python tests/benchmarks/bench_class.py --phones 100``. The phones are web sockets
that speak Streamlit's protocol: each has a browser's name, joins by the class's word, looks each
second where the class is, as its page asks it to, and presses buttons. The teacher's own page is
open meanwhile. The moves are made as the teacher's buttons make them, in the server's store.
"""

import argparse
import asyncio
import random
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import psutil
from _shared import app, wait_for_health
from _tables import seconds, table
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from viz_app.kit.classes.store import Classes
from viz_app.kit.classes.value import Asked, Class, Where
from viz_app.kit.question import OneOf
from viz_app.serving.names import COOKIE

LOOK = 0.02
"""Seconds between two looks at what has come about."""

PATIENCE = 45.0
"""Seconds after which a phone counts as lost."""

LESSON = "write_keep_show"
TOUR: tuple[tuple[str, dict[str, str]], ...] = (
    *(
        ("lessons", {"lesson": LESSON, "step": step})
        for step in ("guess_place", "guess_left", "show", "guess_leak")
    ),
    ("gates", {"run": "adding-lstm", "example": "3"}), ("intervene", {"run": "adding-gru"}),
    ("step_through", {"run": "adding-lstm"}), ("memory", {}), ("tasks", {}), ("start", {}),
)  # fmt: skip
"""Where the teacher goes."""

ROUNDS = (1, 2, 3)
"""Rounds of Mystery that are played."""


class Phone:
    """A browser with one page open.

    Attributes
    ----------
    page
        Streamlit's name of the page that it shows, and its ``query``.
    arrived
        When a page was last drawn whole, by its name.
    buttons
        What can be pressed, by its text.
    """

    def __init__(self, url: str) -> None:
        with urllib.request.urlopen(f"{url}/class") as answer:
            cookies = answer.headers.get_all("set-cookie") or []
        (self.cookie,) = (each.split(";")[0] for each in cookies if each.startswith(COOKIE))
        self.name = self.cookie.partition("=")[2].rpartition(".")[0]
        self._url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self.pages: dict[str, str] = {}
        self.page, self.query, self.opened = "", "", ""
        self.arrived: dict[str, float] = {}
        self.buttons: dict[str, str] = {}
        self.texts: set[str] = set()
        self.wrong: list[str] = []
        self._fragments: dict[str, tuple[float, float]] = {}
        self._whole = False

    async def live(self, page: str, query: str) -> None:
        """Open a page, and do as it asks until this is cancelled."""
        async with connect(
            self._url, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE,  # type: ignore[list-item]
            compression=None, additional_headers={"Cookie": self.cookie},
        ) as socket:  # fmt: skip
            self._socket = socket
            self.query = query
            await self._send(page_name=page)
            await asyncio.gather(self._listen(socket), self._look())

    async def press(self, label: str) -> None:
        """Press the button of that text."""
        await self._send(button=self.buttons[label])

    async def _send(self, page_name: str = "", fragment: str = "", button: str = "") -> None:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash = self.query, self.opened
        rerun.page_name, rerun.fragment_id = page_name, fragment
        rerun.is_auto_rerun = bool(fragment)
        rerun.context_info.color_scheme = "light"
        if button:
            rerun.widget_states.widgets.add(id=button, trigger_value=True)
        await self._socket.send(message.SerializeToString())

    async def _look(self) -> None:
        """Each part of the page that asks for it is drawn again after its seconds."""
        while True:
            await asyncio.sleep(0.05)
            now = time.monotonic()
            for fragment, (every, due) in list(self._fragments.items()):
                if now >= due:
                    self._fragments[fragment] = every, now + every
                    await self._send(fragment=fragment)

    async def _listen(self, socket: ClientConnection) -> None:
        async for data in socket:
            assert isinstance(data, bytes)
            self._take(ForwardMsg.FromString(data))

    def _take(self, told: ForwardMsg) -> None:
        kind = told.WhichOneof("type")
        if kind == "navigation":
            self.opened = told.navigation.page_script_hash
            pages = told.navigation.app_pages
            self.pages = {
                each.page_script_hash: "start" if each.is_default else each.url_pathname
                for each in pages
            }
        elif kind == "new_session":
            self._whole = not told.metadata.run.fragment_ids
            if self._whole:  # a part that is drawn may be of the page before
                self.opened = told.new_session.page_script_hash
                self._fragments.clear()
                self.buttons.clear()
                self.texts.clear()
        elif kind == "page_info_changed":
            self.query = told.page_info_changed.query_string
        elif kind == "auto_rerun":
            every = told.auto_rerun.interval
            now = time.monotonic()
            self._fragments[told.auto_rerun.fragment_id] = every, now + every
        elif kind == "script_finished":
            ended = told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            if ended and self._whole:
                self.page = self.pages.get(self.opened, "")
                self.arrived[f"{self.page}?{self.query}"] = time.monotonic()
        elif kind == "delta":
            element = told.delta.new_element
            what = element.WhichOneof("type")
            if what == "button":
                self.buttons[element.button.label] = element.button.id
            elif what == "markdown":
                self.texts.add(element.markdown.body)
            elif what == "exception" or (what == "alert" and element.alert.format == Alert.ERROR):
                self.wrong.append(str(element)[:200])


async def until(done: Callable[[], bool], what: str) -> float:
    """Wait for something; returns when it had come about."""
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            print(f"within {PATIENCE:g} s there was not: {what}", flush=True)
            break
        await asyncio.sleep(LOOK)
    return time.monotonic()


async def lesson(url: str, jobs: Path, asked: argparse.Namespace, process: psutil.Process) -> None:
    """Join, follow the teacher over some pages, and play some rounds."""
    store = Classes(jobs / "server" / "classes.sqlite")
    teacher = Phone(url)
    key = store.open(teacher.name)
    phones = [Phone(url) for _ in range(asked.phones)]
    lives = [asyncio.create_task(teacher.live("class", ""))]
    await until(lambda: teacher.page == "class", "the teacher's page")
    for phone in phones:
        lives.append(asyncio.create_task(phone.live("class", urlencode({"join": key}))))
        await asyncio.sleep(asked.joining / asked.phones)
    await until(lambda: len(store.seats(key)) == asked.phones, "all phones in the class")
    await asyncio.sleep(3)

    def cpu() -> float:
        there = [process, *process.children(recursive=True)]
        return sum(float(sum(each.cpu_times()[:2])) for each in there)

    idle, at = cpu(), time.monotonic()
    await asyncio.sleep(5)
    used, waited = cpu() - idle, time.monotonic() - at
    print(f"waiting costs {100 * used / waited:.0f} % of a core", flush=True)

    moved, costs = [], []
    for page, query in TOUR * asked.tours:
        where = Where.of(page, query)
        begin, before = time.monotonic(), cpu()
        store.bring(key, teacher.name, where)
        taken = await arrivals(phones, page, query, begin)
        moved.append((query.get("step", page), taken))
        costs.append((query.get("step", page), seconds((cpu() - before) / asked.phones)))
        await asyncio.sleep(asked.pause)
    report("from the teacher's move to the phone's page", moved)
    table(["the server's CPU for each phone's move", ""], costs)

    dice = random.Random(1)
    counted: list[tuple[str, list[float]]] = []
    shown: list[tuple[str, list[float]]] = []
    for number in ROUNDS:
        await play(store, key, teacher, phones, number, dice, counted, shown)
    report("from a tap to the answer in the store", counted)
    report("from opening a question to its buttons on the phone", shown)

    wrong = [each for phone in (teacher, *phones) for each in phone.wrong]
    print(f"{len(wrong)} errors", *wrong[:3], flush=True)
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)


async def arrivals(
    phones: list[Phone], page: str, query: dict[str, str], begin: float
) -> list[float]:
    """After how many seconds each phone shows a page, and of a lesson its step."""
    step = f"step={query.get('step', '')}"

    def came(phone: Phone) -> float | None:
        times = [
            at
            for name, at in phone.arrived.items()
            if name.partition("?")[0] == page and (step == "step=" or step in name)
        ]
        late = [at for at in times if at > begin]
        return min(late) - begin if late else None

    await until(lambda: all(came(phone) is not None for phone in phones), f"all phones on {page}")
    return [PATIENCE if (found := came(phone)) is None else found for phone in phones]


async def play(
    store: Classes, key: str, teacher: Phone, phones: list[Phone], number: int,
    dice: random.Random, counted: list[tuple[str, list[float]]],
    shown: list[tuple[str, list[float]]],
) -> None:  # fmt: skip
    """A round of Mystery: opened, answered by all within three seconds, shown."""
    asked = Asked(f"mystery.{number}", OneOf(3, 0), "Which?", ("a", "b", "c"))
    begin = time.monotonic()
    store.bring(key, teacher.name, Where.of("mystery", {"round": str(number)}), asked)
    store.lead(key, teacher.name, Class.opened)
    there: dict[int, float] = {}

    def ready() -> bool:
        for place, phone in enumerate(phones):
            if place not in there and guesses(phone):
                there[place] = time.monotonic() - begin
        return len(there) == len(phones)

    await until(ready, f"buttons of round {number}")
    shown.append((f"round {number}", list(there.values())))
    seats = {member.seat: place for place, phone in enumerate(phones)
             if (member := store.member(phone.name)) is not None}  # fmt: skip
    taps: dict[int, float] = {}
    taken: dict[int, float] = {}

    async def tap(place: int, phone: Phone) -> None:
        await asyncio.sleep(dice.uniform(0, 3))
        taps[place] = time.monotonic()
        await phone.press(dice.choice(guesses(phone)))

    async def count() -> None:
        def all_there() -> bool:
            now = time.monotonic()
            for seat, _ in store.answers(key, asked.place):
                taken.setdefault(seats[seat], now)
            return len(taken) == len(phones)

        await until(all_there, f"all answers of round {number}")

    await asyncio.gather(count(), *(tap(place, phone) for place, phone in enumerate(phones)))
    counted.append((f"round {number}", [taken[place] - taps[place] for place in taken]))
    store.lead(key, teacher.name, Class.closed)
    await asyncio.sleep(2)
    store.lead(key, teacher.name, Class.shown)
    await asyncio.sleep(3)


def guesses(phone: Phone) -> list[str]:
    """The buttons of a round that can be pressed: those with a number for a key come last."""
    if phone.page != "mystery":
        return []
    wanted = ("gate", "state", "trained", "untrained")
    return [label for label in phone.buttons if any(each in label for each in wanted)]


def report(what: str, times: list[tuple[str, list[float]]]) -> None:
    """Print how long something took."""
    rows = [*times, ("all", [each for _, some in times for each in some])]
    table(
        [what, "phones", "p50", "p95", "worst"],
        [
            (name, len(some), *map(seconds, np.percentile(some, (50, 95, 100))))
            for name, some in rows
        ],
    )


def main() -> None:
    """Start a server, and give it a class."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=100)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--tours", type=int, default=2, help="the first finds nothing prepared")
    parser.add_argument("--joining", type=float, default=10.0, help="seconds in which all join")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds on each page")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        app(Path(folder), processes=asked.processes) as (url, server),
    ):
        wait_for_health(url, server)
        time.sleep(8)
        asyncio.run(lesson(url, Path(folder), asked, psutil.Process(server.pid)))


if __name__ == "__main__":
    main()
