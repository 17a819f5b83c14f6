"""What the benchmarks share: the app in a process, and a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
DRAWN = ROOT / "tests" / "browser" / "drawn.js"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHART = ".vega-embed canvas, .vega-embed svg"
PICTURES = "(window.drawn()[0]?.images ?? []).map((image) => image.url).join()"
"""The pixels of all heatmaps, as JavaScript."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


BARE = """
import streamlit as st

rows = [{"x": step, "y": step % 7} for step in range(50)]
axes = {name: {"field": name, "type": "quantitative"} for name in "xy"}
st.vega_lite_chart({"data": {"values": rows}, "mark": "line", "encoding": axes})
"""
"""The least that Streamlit can show with a chart: what no page can be quicker than."""


@contextmanager
def bare_app(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Start `BARE`; its address at once, before it answers, and its process."""
    (folder / "bare.py").write_text(BARE)
    port = free_port()
    command = [*_streamlit(str(folder / "bare.py"), port), "--runner.postScriptGC", "false"]
    with _serving(command, port, {**os.environ}) as found:
        yield found


@contextmanager
def app(
    jobs: Path | None = None, runs: Path | None = None, processes: int = 1
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Start the app as a user would; its address at once, before it answers, and its process.

    ``jobs`` is the folder in which it keeps its jobs, None the usual one; ``runs`` is one more
    folder of runs; ``processes`` of them serve it.
    """
    port = free_port()
    command = [str(Path(sys.executable).with_name("gatescope")), "app", "--port", str(port)]
    command += ["--processes", str(processes)] if processes > 1 else []
    if not Path(command[0]).exists():
        command = _streamlit("viz_app/app.py", port)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("GATESCOPE_RUNS", None)
    if runs is not None:
        environment["GATESCOPE_RUNS"] = str(runs)
    if jobs is not None:
        environment["GATESCOPE_JOBS"] = str(jobs)
    with _serving(command, port, environment) as found:
        yield found


def _streamlit(script: str, port: int) -> list[str]:
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    return [*command, "--server.headless", "true", "--logger.hideWelcomeMessage", "true"]


@contextmanager
def _serving(
    command: list[str], port: int, environment: dict[str, str]
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


def wait_for_health(url: str, server: "subprocess.Popen[bytes]", limit: float = 90) -> None:
    """Wait until the app answers."""
    end = time.monotonic() + limit
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise SystemExit("the app did not start")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A real Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise SystemExit("there is no chromium on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser) -> Page:
    """A page with a memory of its own that remembers what its charts draw."""
    context = browser.new_context(viewport={"width": 1400, "height": 1800})
    context.add_init_script(path=DRAWN)
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


def wait_for_other_pictures(page: Page, before: str) -> None:
    """Wait until other heatmaps than those are drawn."""
    page.wait_for_function(
        f"(before) => {{ const now = {PICTURES}; return now && now !== before; }}", arg=before
    )


def wait_for_rest(page: Page) -> None:
    """Wait until the app has nothing more to do for this page."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
