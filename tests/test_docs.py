"""The documentation: its Python runs, its commands exist, and it is read without a network."""

import importlib
import inspect
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser
from typer.main import get_command

import gatescope
from viz_app.commands.main import app

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "assets" / "docs"
PAGES = sorted((FOLDER / "pages").rglob("*.md"))
BLOCKS = [
    pytest.param(block, id=f"{path.relative_to(FOLDER / 'pages')}-{number}")
    for path in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    )
]  # fmt: skip
PACKAGES = ("recording", "intervention", "cells", "tasks", "training", "analysis", "experiments",
            "loading")  # fmt: skip


def test_there_are_examples() -> None:
    """Several, on several pages."""
    assert len(BLOCKS) >= 8


@pytest.mark.parametrize("block", BLOCKS)
def test_python_in_the_documentation_runs(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each block stands alone, and says what must be so."""
    monkeypatch.chdir(tmp_path)
    assert "\nassert " in block
    with patch.dict(gatescope.CELLS):
        exec(compile(block, "a block of the documentation", "exec"), {"__name__": "__main__"})


def test_every_command_in_the_documentation_exists() -> None:
    """``gatescope`` and ``make`` lines name real commands, and their options are real."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    shells = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    lines = re.findall(r"^gatescope ([a-z]+)(.*)$", shells, re.MULTILINE)
    assert lines
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, rest in lines:
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known
    targets = set(re.findall(r"\bmake ([a-z]+)\b", text + (ROOT / "README.md").read_text("utf-8")))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "docs" in re.findall(r"^(\w[\w-]*):", makefile, re.MULTILINE)
    for target in targets - {"without"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


class Links(HTMLParser):
    """What a page fetches, where it leads, and the places in it that one can lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.followed: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of each tag."""
        has = {name: value or "" for name, value in attrs}
        self.places |= {has[name] for name in ("id", "name") if name in has}
        if tag in ("script", "img", "iframe", "source", "video") and "src" in has:
            self.fetched.append(has["src"])
        if tag == "link" and has.get("rel") not in ("canonical", "next", "prev"):
            self.fetched.append(has.get("href", ""))
        if tag == "a" and "href" in has:
            self.followed.append(has["href"])


@cache
def read(path: Path) -> Links:
    """A page of the site."""
    links = Links()
    links.feed(path.read_text(encoding="utf-8"))
    return links


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation as ``make docs`` writes it, but for the notebooks' outputs."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"]
    command += ["-f", str(FOLDER / "mkdocs.yml"), "-d", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.long
def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """No script, style, font or picture; what a style names lies there too."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        fetched = [link for link in read(page).fetched if not link.startswith("data:")]
        assert [link for link in fetched if re.match(r"(\w+:)?//", link)] == [], page
        missing = [link for link in fetched if not (page.parent / link.split("?")[0]).exists()]
        assert missing == [] or page.name == "404.html", page
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import )[\"']?(https?:)?//", style.read_text("utf-8")), style


@pytest.mark.long
def test_every_link_leads_somewhere(site: Path) -> None:
    """To a page of the site and a place in it, or to the web."""
    seen = 0
    for page in sorted(site.rglob("*.html")):
        if page.name == "404.html":
            continue
        for link in read(page).followed:
            if re.match(r"\w+:", link):
                continue
            path, _, place = link.partition("#")
            there = (page.parent / path).resolve() if path else page
            assert there.exists(), f"{page}: {link}"
            if place and there.suffix == ".html":
                assert place in read(there).places, f"{page}: {link}"
            seen += 1
    assert seen > 500


@pytest.mark.long
def test_all_there_is_is_documented(site: Path) -> None:
    """Public names, cells, tasks, commands, terms; formulas are drawn by the browser itself."""
    for package in PACKAGES:
        module = importlib.import_module(f"gatescope.{package}")
        names = {place.rpartition(".")[2] for place in read(site / f"api/{package}.html").places}
        values = {name: getattr(module, name) for name in module.__all__}
        public = {n for n, v in values.items() if inspect.isfunction(v) or isinstance(v, type)}
        assert len(public) > 3
        assert public <= names
    cells = (site / "cells.html").read_text(encoding="utf-8")
    assert all(f"<code>{name}</code>" in cells for name in gatescope.CELLS)
    tasks = (site / "tasks.html").read_text(encoding="utf-8")
    assert all(f"<code>{name}</code>" in tasks for name in gatescope.TASKS)
    commands = (site / "cli.html").read_text(encoding="utf-8")
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f">gatescope {name}" in commands
    analyses = (site / "analyses.html").read_text(encoding="utf-8")
    assert analyses.count("<math ") > 15
    assert "arithmatex" not in analyses
    for page in site.rglob("*.html"):
        assert "<!-- guide" not in page.read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.browser
def test_it_is_read_and_searched_as_files(site: Path, chromium: Browser) -> None:
    """Opened from the disk: no request leaves, no error is told, and the search finds."""
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    for name in ("index", "analyses", "api/recording", "notebooks/1-a-first-look"):
        page.goto((site / f"{name}.html").as_uri())
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("s")
    page.keyboard.type("Lyapunov")
    page.wait_for_selector(".md-search-result__item")
    assert "yapunov" in page.locator(".md-search-result__item").first.inner_text()
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert told == []
