"""Two readers of one server, each in their own language, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import App, rest
from viz_app.text import say, speaking

pytestmark = pytest.mark.browser

LEFT = """() => {
  const found = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const text = node.getAttribute(name) ?? "";
      if (/[A-Za-z]{4,}/.test(text) && !/[\\u4e00-\\u9fff]/.test(text)) found.add(text);
    }
  }
  return [...found];
}"""
"""Labels and hints without a Chinese character."""


@pytest.fixture
def chinese(app: App, chromium: Browser) -> Iterator[Page]:
    """A page of a browser whose language is Chinese."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(40_000)
    yield page
    context.close()


def said(key: str, language: str, **values: Any) -> str:
    """A text in a language."""
    with speaking(language):
        return say(key, **values)


def test_each_browser_has_its_language(screen: Any, chinese: Page, app: App) -> None:
    """At the same time, on the same view; what Streamlit says too, and `html lang`."""
    chinese.goto(f"{app.url}/gates?run=adding-gru")
    screen.open("/gates?run=adding-gru")
    chinese.get_by_role("heading", name=said("gates.title", "zh"), exact=True).wait_for()
    screen.page.get_by_role("heading", name=said("gates.title", "en"), exact=True).wait_for()
    html = "document.documentElement.lang"
    screen.until(lambda: chinese.evaluate(html) == "zh", "a page that says its language")
    screen.until(lambda: screen.page.evaluate(html) == "en", "and the other in its own")
    screen.until(
        lambda: set(chinese.evaluate(LEFT)) <= {"LSTM", "GRU", "RNN"}, "no hint in English"
    )
    # a callback and what follows from it
    chinese.get_by_role("radio", name="LSTM").click()
    screen.until(lambda: "run=adding-lstm" in chinese.url, "the other network")
    rest(chinese)
    expect(chinese.get_by_text(said("app.look_for", "zh"))).to_be_visible()
    expect(chinese.get_by_text(said("app.look_for", "en"))).to_have_count(0)
    assert "lang=" not in chinese.url


@pytest.mark.long
def test_what_is_chosen_from_the_menu_stays(screen: Any, app: App) -> None:
    """In the address, on the next page, and on the next visit without it."""
    page = screen.page
    screen.open("/tasks")
    page.get_by_role("button", name=said("app.language", "en")).click()
    page.get_by_text(said("app.language_name", "zh"), exact=True).click()
    title = page.get_by_role("heading", name=said("tasks.title", "zh"), exact=True)
    title.wait_for()
    screen.until(lambda: "lang=zh" in page.url, "the language in the address")
    kept = {"name": "gatescope_language", "value": "zh"}
    screen.until(
        lambda: any(kept.items() <= each.items() for each in page.context.cookies()), "a cookie"
    )
    page.goto(f"{app.url}/memory")
    page.get_by_role("heading", name=said("memory.title", "zh"), exact=True).wait_for()
    page.goto(f"{app.url}/tasks?lang=en")
    page.get_by_role("heading", name=said("tasks.title", "en"), exact=True).wait_for()


@pytest.mark.long
def test_a_link_keeps_the_language_that_an_address_asked_for(screen: Any, app: App) -> None:
    """A page that is opened anew by a link of ours; nothing is remembered for the next visit."""
    page = screen.page
    page.goto(f"{app.url}/glossary?lang=zh")
    page.get_by_role("heading", name=said("glossary.title", "zh"), exact=True).wait_for()
    page.locator('a[href*="gates"]').filter(has_text=said("gates.title", "zh")).last.click()
    page.get_by_role("heading", name=said("gates.title", "zh"), exact=True).wait_for()
    screen.until(lambda: "lang=zh" in page.url, "the language in the address")
    assert not [each for each in page.context.cookies() if each["name"] == "gatescope_language"]
