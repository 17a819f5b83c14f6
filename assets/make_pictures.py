"""Make the README's pictures again: ``python assets/make_pictures.py`` (needs Chromium)."""

import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

import gatescope
from viz_app.features.gates import data as gates
from viz_app.kit import export

ASSETS = Path(__file__).parent
PICTURES = ASSETS / "readme"
PORT = 8599


@contextmanager
def served():
    """The app, while the block runs."""
    command = [Path(sys.executable).parent / "gatescope", "app", "--port", str(PORT)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(100):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stcore/health")
                    break
                except OSError:
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{PORT}"
        finally:
            server.terminate()


def screenshot() -> None:
    """The Gates page as a reader meets it."""
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1650})
        page.goto(address)
        page.locator(".vega-embed").first.wait_for()
        page.wait_for_timeout(2000)
        page.screenshot(path=PICTURES / "app.png")
        browser.close()


def figure() -> None:
    """What the README's lines export."""
    run = gatescope.load_run(ASSETS / "runs" / "adding-lstm")
    batch = run.probe()
    trace = gatescope.record(run.model(), batch.inputs)
    export.save(gates.chart(trace, batch, run.task, example=18), PICTURES / "gates.svg")


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    figure()
    screenshot()
