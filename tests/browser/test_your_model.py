"""One's own network, from its file to its gates, in a real browser."""

import io
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
import torch
from torch import nn

from gatescope import record, save_trace
from viz_app.text import say

pytestmark = pytest.mark.browser


def test_from_a_file_of_weights_to_gates(screen: Any, tmp_path: Any) -> None:
    """A hostile file first, then the right one; the gates have an address; a recording opens."""
    page = screen.page
    page.goto(screen.root + "/your_model")
    opened = page.get_by_text("Until you bring your own: a prepared network.")
    opened.wait_for()
    screen.settle()
    screen.drawn("input gate", "forget gate")
    files = page.locator("input[type=file]")
    files.first.set_input_files(
        {"name": "evil.pt", "mimeType": "application/octet-stream", "buffer": b"PK\x03\x04 no"}
    )
    refused = page.get_by_text("evil.pt: the file is damaged or cut off")
    refused.wait_for()
    page.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").first.click()
    refused.wait_for(state="hidden")
    data = io.BytesIO()
    torch.save(nn.GRU(2, 7).state_dict(), data)
    files.first.set_input_files(
        {"name": "gru.pt", "mimeType": "application/octet-stream", "buffer": data.getvalue()}
    )
    page.get_by_text("nn.GRU(2, 7)").wait_for()
    opened.wait_for(state="hidden")
    rows = "\n".join(f"{k % 5},{-k % 3}" for k in range(24)).encode()
    files.nth(1).set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": rows})
    page.get_by_text("Steps: 24, sequences: 1, features: 2").wait_for()
    page.get_by_role("button", name="Open it on every page").click()
    page.wait_for_url("**/gates?*run=own*")
    screen.drawn("update gate", "hidden state")
    run = parse_qs(urlparse(page.url).query)["run"][0]
    assert run.startswith("own")
    page.reload()
    screen.drawn("update gate", "hidden state")
    page.get_by_text(say("app.settings_of_run")).click()
    page.get_by_text("no targets, so there is no score").wait_for()

    page.goto(screen.root + "/your_model")
    page.get_by_text("A saved recording").click()
    page.get_by_text("A recording (.nc)").wait_for()  # its place, not that of the weights
    trace = record(nn.LSTM(2, 5), torch.randn(12, 2, 2), lambda output: output[0].sum())
    path = save_trace(trace, tmp_path / "mine.nc")
    files.first.set_input_files(path)
    page.get_by_text("lstm/l0 · sequences: 2, steps: 12").wait_for()
    screen.settle()
    screen.drawn("input gate", "forget gate")
    page.get_by_role("tab", name="Gradient norms").click()
    screen.drawn("lstm/l0: ‖dL/dc‖")
