"""Make the README's pictures again: ``python assets/make_pictures.py`` (needs Chromium)."""

import io
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

import gatescope
from viz_app import features
from viz_app.features import Start
from viz_app.features.gates import data as gates
from viz_app.kit import drawing, export
from viz_app.kit.figure_layout import Layout, preset

ASSETS = Path(__file__).parent
PICTURES = ASSETS / "readme"
PORT = 8599
SHEET = (
    (
        *(("nature", view) for view in ("gates", "step", "saturation", "connectivity", "layers")),
        *(("neurips", view) for view in ("compare", "intervene", "sentiment", "gradients")),
    ),
    (("slide", "gates"), ("slide", "step"), ("slide", "benchmark")),
)
"""The sheet of figures, row by row: a preset and a view each."""

RUNS = {"sentiment": "reviews-gru", "layers": "layers-gru-lstm"}
DOTS, GAP, GROUND = 48, 12, "#d8dbe0"
"""Of the sheet: an inch, pixels between figures, and what they lie on."""
STILL, TICK = 860, 240
"""Pixels of the animation's row, and milliseconds of a frame."""


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
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"{address}/gates")
        page.locator(".vega-embed").first.wait_for()
        page.wait_for_timeout(2000)
        page.screenshot(path=PICTURES / "app.png")
        browser.close()


def animation() -> None:
    """Start, played: a frame for every second time step, and the end a while longer."""
    spec = export.spec(Start().chart(width=STILL))
    (now,) = (signal for signal in spec["config"]["signals"] if signal["name"] == "now")
    frames = []
    for step in range(1, 50, 2):
        now["value"] = step
        data = drawing.draw("png", drawing.svg(json.dumps(spec)), scale=1.0)
        frames.append(Image.open(io.BytesIO(data)).convert("RGB").quantize(32))
    times = [TICK] * (len(frames) - 1) + [2500]
    frames[0].save(
        PICTURES / "start.gif", save_all=True, append_images=frames[1:], duration=times, loop=0,
        optimize=True,
    )  # fmt: skip


def figure() -> None:
    """What the README's lines export."""
    run = gatescope.load_run(ASSETS / "runs" / "adding-lstm")
    batch = run.probe()
    trace = gatescope.record(run.model(), batch.inputs)
    export.save(gates.chart(trace, batch, run.task, example=18), PICTURES / "gates.svg")


def figures() -> None:
    """Twelve figures at three presets, as pictures of their PDFs, all to the same scale."""
    rows = [[of_pdf(view, preset(name)) for name, view in row] for row in SHEET]
    heights = [max(picture.height for picture in row) for row in rows]
    width = max(sum(picture.width + GAP for picture in row) for row in rows) + GAP
    sheet = Image.new("RGB", (width, sum(heights) + GAP * (len(rows) + 1)), GROUND)
    y = GAP
    for row, height in zip(rows, heights, strict=True):
        x = GAP
        for picture in row:
            sheet.paste(picture, (x, y))
            x += picture.width + GAP
        y += height + GAP
    sheet.quantize(192, dither=Image.Dither.NONE).save(PICTURES / "figures.png", optimize=True)


def of_pdf(view: str, layout: Layout) -> Image.Image:
    """A figure's page."""
    found = features.view(view, [RUNS.get(view, "adding-lstm")], {}).figure()
    document = pypdfium2.PdfDocument(export.render(found.set(layout), "pdf"))
    try:
        return document[0].render(scale=DOTS / 72).to_pil().convert("RGB")
    finally:
        document.close()


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    figure()
    figures()
    animation()
    screenshot()
