"""The app in a process of its own, and a page of a real Chromium that tells of every error."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request
from playwright.sync_api import TimeoutError as Late

from gatescope import Run, TrainConfig, save_run
from gatescope.training import build_model

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
DRAWN = Path(__file__).with_name("drawn.js")
SIZE = {"width": 1280, "height": 720}
"""A laptop's screen, as a projector shows it."""

EDGE = 80
"""Pixels at the window's top and bottom where something may lie over the page."""

TITLE, LINE = 6, 30
"""Pixels between the heights of two texts of one line at most, and of a title above a text."""

SCROLL = """(by) => {
    const main = document.querySelector("[data-testid=stMain]");
    const before = main.scrollTop;
    main.scrollBy({ top: by, behavior: "instant" });
    return main.scrollTop - before;
}"""

NOISE = re.compile(r"http://127\.0\.0\.1:\d+/[a-z_]+/_stcore/(host-config|health)")
"""Below a page's own address Streamlit first looks for itself in the wrong place."""

START, SOON = 120.0, 40.0
"""Seconds to wait for the app, and for a change on a page."""

RESTS = '[data-testid="stApp"][data-test-script-state="notRunning"]'
"""The app while it works at nothing."""

ON_ITS_WAY = 300
"""Milliseconds after which the app has begun with what was just done."""


@dataclass(frozen=True)
class App:
    """The running app: its address, what it prints, and the folder of its run `WIDE`."""

    url: str
    log: Path
    wide: Path


WIDE = "wide"
"""A run with more cells than can each be told by itself: 250 steps of 64 units."""


def save_untrained(folder: Path, steps: int, units: int) -> None:
    """A run whose network nobody trained."""
    config = TrainConfig(task="adding", task_options={"length": steps}, hidden_size=units)
    model = build_model(config)
    weights = [{n: v.clone() for n, v in model.state_dict().items()} for _ in range(2)]
    count = sum(parameter.numel() for parameter in model.parameters())
    save_run(Run(config, (), dict(enumerate(weights)), (), 1.0, 0.0, count, 0.0), folder)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Serve the app on a free port of this machine alone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("app") / "app.log"
    command = [sys.executable, "-c", "from viz_app.commands.main import main; main()", "app"]
    command += ["--port", str(port)]
    here = os.pathsep.join((str(ROOT / "core"), str(ROOT)))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": here}
    environment["GATESCOPE_JOBS"] = str(tmp_path_factory.mktemp("jobs"))
    runs = tmp_path_factory.mktemp("runs")
    save_untrained(runs / WIDE, 250, 64)
    environment["GATESCOPE_RUNS"] = str(runs)
    environment.pop("GATESCOPE_LANGUAGE", None)
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for_health(server, url, log)
        yield App(url, log, runs / WIDE)
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


def _wait_for_health(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture
def colour_scheme() -> str:
    """What the reader's system prefers; a test says "dark" by parametrizing it."""
    return "light"


@pytest.fixture
def page(app: App, chromium: Browser, colour_scheme: Any) -> Iterator[Page]:
    """A fresh page; any error in the browser or on the server fails the test at its end."""
    start = app.log.stat().st_size
    errors: list[str] = []

    def spoke(message: ConsoleMessage) -> None:
        url = message.location["url"]
        missing = "404" in message.text and NOISE.fullmatch(url)
        if message.type == "error" and not missing:
            errors.append(f"console: {message.text} ({url})")

    def asked(request: Request) -> None:
        if not request.url.startswith((app.url, "data:", "blob:")):
            errors.append(f"asked for {request.url[:200]}, which is not the app")

    context = chromium.new_context(
        viewport=SIZE, color_scheme=colour_scheme, accept_downloads=True, locale="en-GB"
    )
    try:
        context.add_init_script(path=DRAWN)
        page = context.new_page()
        page.set_default_timeout(1000 * SOON)
        page.on("console", spoke)
        page.on("pageerror", lambda error: errors.append(f"page: {error}"))
        page.on("request", asked)
        yield page
        shown = page.get_by_test_id("stException")
        errors += [f"on the page: {text}" for text in shown.all_inner_texts()]
    finally:
        context.close()
    log = app.log.read_bytes()[start:].decode(errors="replace")
    if "Traceback" in log:
        errors.append(f"server: {log[-2000:]}")
    if errors:
        pytest.fail("\n".join(errors))


def until(page: Page, condition: Callable[[], bool], what: str, seconds: float = SOON) -> None:
    """Wait for a condition; ``what`` is said when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"within {seconds:g} s there was not: {what}")
        page.wait_for_timeout(50)


def rest(page: Page) -> None:
    """Wait until the app has answered what was just done."""
    page.wait_for_timeout(ON_ITS_WAY)
    page.wait_for_selector(RESTS)


def still(locator: Locator) -> dict[str, float]:
    """Where something lies in the window, once it has stopped moving."""
    seen: list[Any] = [None]

    def stays() -> bool:
        seen.append(locator.bounding_box())
        return seen[-1] is not None and seen[-1] == seen[-2]

    until(locator.page, stays, "something that stays where it is")
    place: dict[str, float] = seen[-1]
    return place


class Screen:
    """What stands on a page and in its charts, and waiting for it."""

    def __init__(self, page: Page, root: str) -> None:
        self.page = page
        self.root = root

    def open(self, path: str = "/gates") -> None:
        """Go to an address of the app and wait for the chart."""
        self.page.goto(self.root + path)
        self.page.wait_for_selector(RESTS)
        self.until(lambda: bool(self.texts()), "a chart")

    def settle(self) -> None:
        """Wait until what was done is answered and there is a chart with something in it."""
        rest(self.page)
        self.until(lambda: bool(self.texts()), "a chart")

    def press(self, key: str) -> None:
        """Press a key once the app rests: while a page is drawn nobody may hear it."""
        self.page.wait_for_selector(RESTS)
        self.page.keyboard.press(key)

    def click(self, button: Locator) -> None:
        """Click once the app rests: on what is about to be drawn anew a click may be lost."""
        rest(self.page)
        button.click()

    def choose(self, field: Locator, option: str, exact: bool = True) -> None:
        """Pick from a list; one that opens while the page is drawn anew closes again."""
        wanted = self.page.get_by_role("option", name=option, exact=exact)

        def opened() -> bool:
            field.click()
            with suppress(Late):
                wanted.wait_for(timeout=5000)
            return wanted.is_visible()

        self.until(opened, f"a list with {option}")
        wanted.click()

    def until(self, condition: Callable[[], bool], what: str, seconds: float = SOON) -> None:
        """Wait for a condition; ``what`` is said when it does not come."""
        until(self.page, condition, what, seconds)

    def charts(self) -> list[dict[str, Any]]:
        """Every chart: its texts and its pictures, as drawn."""
        found: list[dict[str, Any]] = self.page.evaluate("window.drawn()")
        return found

    def titles(self) -> set[str]:
        """Every text of every chart."""
        return {text["text"] for chart in self.charts() for text in chart["texts"]}

    def drawn(self, *texts: str) -> None:
        """Wait until the charts say all of these."""
        self.until(lambda: set(texts) <= self.titles(), f"charts that say {', '.join(texts)}")

    def texts(self) -> list[str]:
        """All texts of the first chart; none in the moment when it is drawn anew."""
        return [text["text"] for chart in self.charts()[:1] for text in chart["texts"]]

    def text(self, pattern: str) -> str:
        """The one text of the first chart that fits, or nothing."""
        found = [text for text in self.texts() if re.search(pattern, text)]
        return found[0] if len(found) == 1 else ""

    def says(self, pattern: str) -> str:
        """The one text of the first chart that fits, waited for."""
        return self.found(lambda: self.text(pattern), f"a text like {pattern}")

    def found(self, look: Callable[[], T], what: str) -> T:
        """What is seen, once there is something: a second look may meet a chart drawn anew."""
        seen: list[T] = []

        def there() -> bool:
            seen[:] = [look()]
            return bool(seen[0])

        self.until(there, what)
        return seen[0]

    def pointed(
        self,
        place: Callable[[], tuple[float, float]],
        look: Callable[[], dict[str, Any]],
        wanted: dict[str, Any],
    ) -> dict[str, Any]:
        """All that is told of a place at which one points, once that is wanted.

        A chart that is drawn anew has not seen the pointer: it is moved there again.
        """

        def told() -> dict[str, Any]:
            self.page.mouse.move(*place())
            found = look()
            return found if wanted.items() <= found.items() else {}

        return self.found(told, f"{wanted} while pointing there")

    def image(self, number: int) -> dict[str, Any]:
        """The first picture of a chart, waited for."""

        def first() -> dict[str, Any]:
            drawn = [chart["images"] for chart in self.charts()[number:][:1]]
            return next(iter(drawn[0]), {}) if drawn else {}

        return self.found(first, f"a picture in chart {number}")

    def picture(self, title: str) -> dict[str, Any] | None:
        """The picture that stands under a title; None while it is not drawn."""
        charts = self.charts()
        if not charts:
            return None
        chart = charts[0]
        above = [text for text in chart["texts"] if text["text"] == title]
        if not above:
            return None
        # a legend of the lines may have the same words: the titles stand on the left
        top = min(above, key=lambda text: text["x"])["y"]
        below = [image for image in chart["images"] if -4 < image["y"] - top < 40]
        places = {(round(image["x"]), round(image["y"])) for image in below}
        return below[0] if len(places) == 1 else None  # the signs lie on the colours

    def heatmap(self, title: str) -> dict[str, Any]:
        """The picture that stands under a title, waited for."""
        return self.found(lambda: self.picture(title) or {}, f"a heatmap titled {title}")

    def url(self, title: str) -> str:
        """The pixels of a heatmap as they were sent; empty while it is not drawn."""
        found = self.picture(title)
        return "" if found is None else str(found["url"])

    def cell(self, title: str, step: int, row: int, steps: int, rows: int) -> tuple[float, float]:
        """The middle of a cell in the window."""
        image = self.heatmap(title)
        x = image["x"] + (step + 0.5) / steps * image["width"]
        y = image["y"] + (row + 0.5) / rows * image["height"]
        return x, self.bring(y)

    def box(self, locator: Locator) -> dict[str, float]:
        """Where something lies in the window; waited for, as charts are drawn anew meanwhile."""
        return self.found(lambda: {**(locator.bounding_box() or {})}, "something in the window")

    def bring(self, y: float) -> float:
        """Scroll the page where a height of the window is not in view; where it is then."""
        if EDGE < y < SIZE["height"] - EDGE:
            return y
        scrolled: float = self.page.evaluate(SCROLL, round(y - SIZE["height"] / 2))
        return y - scrolled

    def pixels(self, box: dict[str, Any]) -> Image.Image:
        """What is seen in a rectangle of the window, scrolled to where that is needed."""
        clip = {side: box[side] for side in ("x", "y", "width", "height")}
        middle = clip["y"] + clip["height"] / 2
        clip["y"] += self.bring(middle) - middle
        return Image.open(BytesIO(self.page.screenshot(clip=clip))).convert("RGB")

    def tooltip(self) -> dict[str, str]:
        """The tooltip's rows by their names; empty while there is none."""
        rows: list[list[str]] = self.page.evaluate(
            """[...document.querySelectorAll("#vg-tooltip-element.visible tr")].map(
                (row) => [...row.cells].map((cell) => cell.textContent.trim()))"""
        )
        return {row[0].rstrip(":"): row[1] for row in rows if len(row) == 2}

    def readout(self) -> dict[str, str]:
        """Unit, step and values that stand in the title lines of heatmaps, by name."""
        texts = [text for chart in self.charts()[:1] for text in chart["texts"]]
        found: dict[str, str] = {}
        for text in texts:
            told = re.fullmatch(r"unit (.*), step (.*): (.*)", text["text"])
            if told is None:
                continue
            found |= {"unit": told[1], "step": told[2]}
            above = [
                other for other in texts
                if -TITLE < text["y"] - other["y"] < LINE and other["x"] < text["x"] + TITLE
                and not other["text"].startswith("unit ")
            ]  # fmt: skip
            title = min(above, key=lambda other: (other["x"] // LINE, abs(other["y"] - text["y"])))
            found[title["text"]] = told[3]
        return found

    def drag(self, slider: Locator, share: float) -> None:
        """Drag a slider's thumb to a share of its track, from under the menus where it is there."""
        slider.evaluate("slider => slider.scrollIntoView({block: 'center'})")
        # the input itself, which has the role, is hidden and lies elsewhere
        thumb = slider.get_by_test_id("stSliderThumbValue").locator("..")
        start, track = still(thumb), self.box(thumb.locator(".."))
        middle = start["y"] + start["height"] / 2
        mouse = self.page.mouse
        mouse.move(start["x"] + start["width"] / 2, middle)
        mouse.down()
        mouse.move(track["x"] + share * track["width"], middle, steps=12)
        mouse.up()


@pytest.fixture
def screen(page: Page, app: App) -> Screen:
    """The page with eyes and patience."""
    return Screen(page, app.url)
