"""Forecasts and the tutorial's answers, in a real browser."""

import re
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

pytestmark = pytest.mark.browser


def test_a_series_a_forecast_and_a_file_of_ones_own(screen: Any) -> None:
    """The prepared picture, another series by its address, and a file that is mended and told."""
    page = screen.page
    page.goto(screen.root + "/forecasting")
    page.get_by_text(re.compile("The network beats the persistence")).wait_for()
    screen.drawn("measured", "network", "linear forecast")
    page.goto(screen.root + "/forecasting?series=stocks&cell=gru&forecast=3")
    page.get_by_text(re.compile("zero-change .naive. forecast: over 654 forecasts")).wait_for()
    screen.drawn("zero change (naive) forecast")
    wanted = {"series": ["stocks"], "cell": ["gru"], "forecast": ["3"]}
    asked = f"{wanted} in the address"
    screen.until(lambda: wanted.items() <= parse_qs(urlparse(page.url).query).items(), asked)
    screen.settle()
    page.get_by_text("my CSV").click()
    rows = ["day,level"] + [f"2024-01-{d:02d},{d * 7 % 11}" for d in range(1, 31)]
    rows[4], rows[5] = rows[5], rows[4]
    page.locator("input[type=file]").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    )
    page.get_by_text("30 rows of “level”").wait_for()
    page.get_by_text("not in the order of time: 1.").wait_for()


def test_the_tutorials_answers_open_their_runs_and_pages(screen: Any) -> None:
    """All answers, one kind of them, the runs behind one, and the page that shows more."""
    page = screen.page
    page.goto(screen.root + "/tutorial")
    page.get_by_text("20 statements").wait_for()
    page.get_by_text("Criteria met").nth(6).click()
    screen.drawn("LSTM", "guessing")
    screen.settle()
    screen.choose(page.get_by_test_id("stSelectbox"), "not rep", exact=False)
    page.get_by_text("An RNN can hold what came long ago").wait_for(state="detached")
    page.get_by_role("button", name="See it: Step through").first.click()
    page.wait_for_url(re.compile("/step_through"))
