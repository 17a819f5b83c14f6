"""One class on two processes behind nginx, and one of them is killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page

from viz_app.kit.environment import JOBS
from viz_app.serving import nginx, one
from viz_app.text import say

pytestmark = [pytest.mark.browser, pytest.mark.long]

ROOT = Path(__file__).parents[2]
SOON, START = 40.0, 60.0
ANSWERS = """() => Promise.race([
    fetch("/_stcore/health", {cache: "no-store"}).then((answer) => answer.ok),
    new Promise((done) => setTimeout(done, 1500, false))])"""
"""Whether the process that a browser belongs to answers within a moment."""


@dataclass(frozen=True)
class Server:
    """Two processes behind nginx."""

    url: str
    process: "subprocess.Popen[bytes]"

    def workers(self) -> list[psutil.Process]:
        """The processes that serve pages."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if one.__name__ in child.cmdline()]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Served on a free port, with a jobs folder of its own."""
    nginx.program()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from viz_app.commands.main import main; main()", "app"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'core'}:{ROOT}", JOBS: str(tmp_path / "j")}
    environment.pop("GATESCOPE_LANGUAGE", None)
    process = subprocess.Popen(
        [*command, "--port", str(port), "--processes", "2"], cwd=tmp_path, env=environment
    )
    found = Server(f"http://127.0.0.1:{port}", process)
    try:
        end = time.monotonic() + START
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{found.url}/_stcore/health", timeout=START).close()
                break
            except OSError:
                time.sleep(0.2)
        yield found
    finally:
        workers = found.workers()
        process.terminate()
        assert process.wait(START) == 0
        _, alive = psutil.wait_procs(workers, 5)
        assert not alive


@contextmanager
def stopped(worker: psutil.Process) -> Iterator[None]:
    """A process that answers nobody for a while."""
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()


def belongs(page: Page, worker: psutil.Process) -> bool:
    """Whether a browser's requests go to that process."""
    with stopped(worker):
        return not page.evaluate(ANSWERS)


def opened(chromium: Browser, url: str) -> Page:
    """A browser of its own at a page of the app."""
    page = chromium.new_context(viewport={"width": 1200, "height": 900}).new_page()
    page.set_default_timeout(1000 * SOON)
    page.goto(url)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    return page


def on_both(server: Server, chromium: Browser) -> tuple[Page, Page, psutil.Process]:
    """A browser on each process, and the first one's process."""
    first, second = server.workers()
    pages: dict[int, Page] = {}
    for _ in range(12):
        page = opened(chromium, f"{server.url}/mystery")
        worker = first if belongs(page, first) else second
        pages.setdefault(worker.pid, page)
        if len(pages) == 2:
            return pages[first.pid], pages[second.pid], first
    raise AssertionError("twelve browsers on one process: the cookie does not share them out")


def test_a_class_on_two_processes_outlives_one(server: Server, chromium: Browser) -> None:
    """Classes, experiments and uploads work on both; after kill -9 the class goes on."""
    teacher, student, worker = on_both(server, chromium)
    assert not belongs(student, worker)

    teacher.goto(f"{server.url}/class")
    teacher.get_by_role("button", name=say("class.begin")).click()
    word = teacher.locator(".st-key-class_word h1").inner_text()
    student.goto(f"{server.url}/class?join={word}")
    teacher.get_by_text("1 student has joined").wait_for()
    teacher.goto(f"{server.url}/mystery")
    teacher.get_by_role("button", name=say("class.open")).click()
    student.get_by_role("button", name="forget gate").click()
    student.get_by_text("Your guess: forget gate").wait_for()
    teacher.get_by_text(say("class.answered", answers=1, here=1)).wait_for()

    teacher.goto(f"{server.url}/class")
    teacher.get_by_role("button", name=say("class.pace_own")).click()
    teacher.get_by_text(say("class.own_pace")).wait_for()  # led, a new tab goes to the class
    for page in (teacher, student):  # what is sent and the page that reads it are one process
        upload(page, server.url)
    teacher.goto(f"{server.url}/retention")
    teacher.get_by_role("tab", name=say("retention.tab_own"), exact=True).click()
    teacher.get_by_label("Step limit", exact=True).fill("20")
    teacher.get_by_label("Step limit", exact=True).press("Tab")
    teacher.get_by_role("button", name=say("retention.class_button")).click()
    teacher.wait_for_url("**/retention?class=*")
    teacher.get_by_role("button", name=say("class.lead_again")).click()
    teacher.get_by_role("button", name=say("class.bring")).click()
    student.wait_for_url("**/retention?*seat=0*")
    student.get_by_text("1 student has joined").wait_for()
    teacher.get_by_text("1 student has joined").wait_for()

    os.kill(worker.pid, signal.SIGKILL)
    student.reload()
    student.get_by_text("1 student has joined").wait_for()
    everything = re.compile(r"1 student has joined · (\d+) of \1 runs finished")
    student.get_by_text(everything).wait_for(timeout=3000 * SOON)
    teacher.get_by_text(everything).wait_for()  # on the process that took the dead one's place
    assert worker.pid not in {each.pid for each in server.workers()}
    upload(teacher, server.url)
    for page in (teacher, student):
        page.context.close()


def upload(page: Page, url: str) -> None:
    """Send a series of one's own, and see it read."""
    page.goto(f"{url}/forecasting")
    page.get_by_role("radio", name=say("forecast.way_own")).click()
    rows = "".join(f"{n % 17},{n % 5}\n" for n in range(400))
    page.locator("input[type=file]").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": f"a,b\n{rows}".encode()}
    )
    page.get_by_text("400 rows of").wait_for()
