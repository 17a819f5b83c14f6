"""What the documentation is made of besides its own pages: the sources that say it first.

Pages of ``pages/`` take parts of them by a line of their own:

``<!-- guide: Install -->``   a section of ``assets/guide.md``, without its heading
``<!-- file: CHANGELOG.md -->``   a whole Markdown file, without its title
``<!-- cells -->``, ``<!-- tasks -->``, ``<!-- commands -->``, ``<!-- glossary -->``,
``<!-- lessons -->``   what is there, read from the code
``<!-- notebook: 1-a-first-look -->``   a notebook, with its outputs where ``make docs`` has run it
``<!-- public: gatescope.analysis -->``   each public name of a package, from its docstring
``<!-- shown: viz_app.kit.export -->``   the same of a module of the app
"""

import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import latex2mathml.converter
import nbformat

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "core"), str(ROOT), str(Path(__file__).parent)]

os.environ["GATESCOPE_LANGUAGE"] = "en"

from make_sheets import folder, name_of  # noqa: E402
from run_notebooks import SOURCES, made_of  # noqa: E402

PART = re.compile(r"^<!-- (\w+)(?:: (.*?))? -->$", re.MULTILINE)
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)#\s]+)((?:#[^)]*)?\))")
FENCE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
MATH = re.compile(
    r'<(span|div) class="arithmatex">\s*\\([(\[])(.*?)\\[)\]]\s*</\1>', re.DOTALL
)  # fmt: skip

ELSEWHERE = "https://unpkg.com/iframe-worker/shim"
"""What the theme runs where a page is opened as a file; ours is `pages/worker.js`."""

COPIED = {"assets/readme": "readme", "assets/benchmarks": "benchmarks"}
"""Folders of pictures and tables that pages show, and where they lie in the site."""

PAGE_OF = {
    "assets/guide.md": "record.md",
    "CONTRIBUTING.md": "contribute.md",
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "assets/benchmarks/record.md": "benchmarks/record.md",
    "assets/benchmarks/record_gpu.md": "benchmarks/record_gpu.md",
}
"""Files that are pages of the site."""


def on_files(files: Any, config: Any) -> Any:
    """Add pictures and tables from beside the documentation."""
    from mkdocs.structure.files import File, InclusionLevel

    copied = {ROOT / source: there for source, there in COPIED.items()}
    if folder().exists():
        copied[folder()] = "sheets"
    for source, there in copied.items():
        for path in sorted(source.iterdir()):
            added = File.generated(config, f"{there}/{path.name}", abs_src_path=str(path))
            added.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(added)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Put in what the lines of `PART` ask for."""
    depth = page.file.src_uri.count("/")
    return PART.sub(lambda found: made(found[1], found[2] or "", depth), markdown)


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """Write formulas as MathML, which browsers draw by themselves."""

    def formula(found: re.Match[str]) -> str:
        display = "block" if found[2] == "[" else "inline"
        text = re.sub(r"&lt;", "<", re.sub(r"&gt;", ">", re.sub(r"&amp;", "&", found[3])))
        return latex2mathml.converter.convert(text.strip(), display=display)

    return MATH.sub(formula, html)


def on_post_build(config: Any) -> None:
    """Have the search's helper taken from the site, where the theme would fetch it."""
    site = Path(config.site_dir)
    for path in set(site.rglob("*.html")) - set((site / "sheets").glob("*.html")):
        text = path.read_text(encoding="utf-8")
        up = "../" * (len(path.relative_to(site).parts) - 1)
        if text.count(ELSEWHERE) != 1:
            raise ValueError(f"the theme no longer fetches {ELSEWHERE}: look what it does instead")
        path.write_text(text.replace(ELSEWHERE, f"{up}worker.js"), encoding="utf-8")
    for path in site.rglob("*.map"):
        path.unlink()


def made(kind: str, name: str, depth: int) -> str:
    """A part of a page, as Markdown."""
    parts: dict[str, Callable[[], str]] = {
        "guide": lambda: relinked(section("assets/guide.md", name), "assets", depth),
        "file": lambda: relinked(without_title(name), str(Path(name).parent), depth),
        "cells": cells,
        "tasks": tasks,
        "commands": commands,
        "glossary": glossary,
        "lessons": lessons,
        "notebook": lambda: relinked(notebook(name), "assets/notebooks", depth),
        "public": lambda: public(name),
        "shown": lambda: shown(name),
    }
    if kind not in parts:
        raise ValueError(f"<!-- {kind} --> is none of {', '.join(parts)}")
    return parts[kind]()


def section(file: str, title: str) -> str:
    """What stands under a heading of a file, its own headings one level higher or as they are."""
    text = (ROOT / file).read_text(encoding="utf-8")
    lines, level, inside = [], 0, False
    for line in text.splitlines():
        inside ^= line.startswith("```")
        heading = None if inside else re.match(r"(#+) (.*)", line)
        if heading and level and len(heading[1]) <= level:
            break
        if level:
            shorter = heading and len(heading[1]) > 2
            lines.append(f"## {heading[2]}" if shorter and heading else line)
        elif heading and heading[2] == title:
            level = len(heading[1])
    if not level:
        raise ValueError(f"{file} has no section “{title}”")
    return "\n".join(lines).strip()


def without_title(file: str) -> str:
    """A Markdown file without its first heading."""
    return re.sub(r"\A# .*\n", "", (ROOT / file).read_text(encoding="utf-8")).strip()


def relinked(text: str, folder: str, depth: int) -> str:
    """Links that lead from a file of the repository, as they lead from a page of the site."""
    up = "../" * depth

    def link(found: re.Match[str]) -> str:
        target = found[2]
        if re.match(r"[a-z]+:", target):
            return found[0]
        path = (ROOT / folder / target).resolve().relative_to(ROOT).as_posix()
        if path in PAGE_OF:
            return f"{found[1]}{up}{PAGE_OF[path]}{found[3]}"
        for source, there in COPIED.items():
            if path.startswith(f"{source}/"):
                return f"{found[1]}{up}{there}/{path.removeprefix(f'{source}/')}{found[3]}"
        return f"`{path}`"  # of the repository alone

    parts = FENCE.split(text)
    return "".join(part if FENCE.fullmatch(part) else LINK.sub(link, part) for part in parts)


def cells() -> str:
    """Every cell: its equations, its source, what it records."""
    from gatescope import CELLS
    from viz_app.text import name_of

    parts = []
    for name, cell in CELLS.items():
        made = cell(2, 3)
        size = sum(weight.numel() for weight in made.parameters())
        about = inspect.cleandoc((cell.__doc__ or "").split("\n    Parameters\n")[0])
        about = re.split(r"\n\s*\n(?=[ ]{4}|Source)|\nParameters\n", about)[0]
        gate = f"`{cell.retention_gate}`" if cell.retention_gate else "none"
        parts.append(
            f"## {name_of('cell', name)}\n\n`{name}` · {rst(about)}\n\n"
            f"```text\n{inspect.cleandoc(made.equations)}\n```\n\n"
            f"- Source: {made.source}\n- Weights for: {', '.join(f'`{b}`' for b in cell.blocks)}\n"
            f"- Gate that keeps the old state: {gate}\n"
            f"- Parameters with 2 inputs and 3 units: {size}\n"
        )
    return "\n".join(parts)


def tasks() -> str:
    """Every task: its row, its source, its options."""
    from gatescope import DATA_TASKS, TASKS
    from viz_app.text import has, name_of, say

    parts = []
    for name, task in {**TASKS, **DATA_TASKS}.items():
        told = inspect.cleandoc(task.__doc__ or "")
        what = say(f"task.{name}_what") if has(f"task.{name}_what") else ""
        parts.append(f"## {name_of('task', name)}\n\n`{name}`: {what}\n\n{rst(told)}\n")
    return "\n".join(parts)


def rst(text: str) -> str:
    """A docstring as Markdown: its rows of code fenced, its sections as lists."""
    parts = re.split(r"(?m)^(.*)::\n\n((?:[ ]{4}.*(?:\n|\Z)|\n)+)", f"{text}\n")
    done = [_prose(parts[0])]
    for lead, code, prose in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        fenced = f"```text\n{inspect.cleandoc(code.rstrip())}\n```"
        done.append(f"{_prose(lead)}{':' if lead else ''}\n\n{fenced}\n\n{_prose(prose)}")
    return "\n".join(done).strip()


def _prose(text: str) -> str:
    text = re.sub(r"(?m)^(\w[\w ]*)\n-{3,}\n", r"**\1**\n\n", text)
    text = re.sub(r"(?m)^(\w[\w, ]*)\n[ ]{4}((?:.*)(?:\n[ ]{4}.*)*)", _described, text)
    return re.sub(r"``([^`]+)``", r"`\1`", text)


def _described(found: re.Match[str]) -> str:
    return f"- `{found[1]}`: {' '.join(line.strip() for line in found[2].splitlines())}"


def commands() -> str:
    """Every command with its arguments and options, as ``--help`` says them."""
    from typer.main import get_command

    from viz_app.commands.main import app

    parts: list[str] = []

    def walk(command: Any, name: str) -> None:
        for part, below in getattr(command, "commands", {}).items():
            walk(below, f"{name} {part}")
        if getattr(command, "commands", None):
            return
        parts.append(f"## {name}\n\n{command.help or ''}\n")
        rows = []
        for parameter in command.params:
            called = " ".join(f"`{option}`" for option in parameter.opts)
            if parameter.param_type_name == "argument":
                called = f"`{parameter.metavar or str(parameter.name).upper()}`"
            said = str(getattr(parameter, "help", "") or "").replace("|", "\\|")
            rows.append(f"| {called} | {said} |")
        parts.append("\n".join(["| option | what |", "|---|---|", *rows]) + "\n")

    walk(get_command(app), "gatescope")
    return "\n".join(parts)


def glossary() -> str:
    """Every term in both languages."""
    from viz_app.kit.glossary import TERMS, signs
    from viz_app.text import say, speaking

    def said(language: str, key: str) -> str:
        with speaking(language):
            return say(f"glossary.{key}")

    parts, group = [], ""
    for term in TERMS.values():
        if term.group != group:
            group = term.group
            title = f"{said('en', f'group_{group}')} · {said('zh', f'group_{group}')}"
            parts.append(f"\n## {title}\n\n| term | meaning |\n|---|---|")
        both = [said(language, term.key) for language in ("en", "zh")]
        meanings = [said(language, f"{term.key}_is") for language in ("en", "zh")]
        symbol = f"<br>*{signs(term.symbol)}*" if term.symbol else ""
        row = f"| **{both[0]}**<br>{both[1]}{symbol} | {meanings[0]}<br>{meanings[1]} |"
        parts.append(row)
    return "\n".join(parts)


def lessons() -> str:
    """Every lesson: its minutes, what one can do after it, its sheets where they are made."""
    from viz_app.features.lessons.lesson import lesson, names
    from viz_app.kit.glossary import without_marks

    parts = ["| lesson | minutes | goal | on paper |", "|---|---|---|---|"]
    for each in (lesson(name, "en") for name in names()):
        paper = " · ".join(_sheets(each.id, kind, f"{kind}'s") for kind in ("teacher", "student"))
        goal = without_marks(each.goal)
        parts.append(f"| {each.number}. {each.title} | {each.minutes} | {goal} | {paper} |")
    plans = {"ninety": "ninety minutes", "forty_five": "forty-five minutes"}
    told = [_sheets(plan, "plan", words) for plan, words in plans.items()]
    return "\n".join([*parts, "", f"Plans of a class: {', '.join(told)}."])


def _sheets(what: str, kind: str, words: str) -> str:
    """A sheet's name, which leads to it in both languages where it is made."""
    if not folder().exists():
        return words
    links = [f"[{said}](sheets/{name_of(what, kind, language)})"
             for language, said in (("en", words), ("zh", "中文"))]  # fmt: skip
    return f"{links[0]} ({links[1]})"


def notebook(name: str) -> str:
    """A notebook as Markdown, with what its cells say and draw where it was run."""
    source = SOURCES / f"{name}.ipynb"
    run = made_of(source)
    book = nbformat.read(run if run.exists() else source, as_version=4)
    parts = []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            parts.append(re.sub(r"\A# \d\. .*\n", "", cell.source))
            continue
        parts.append(f"```python\n{cell.source}\n```")
        parts += [_output(output) for output in cell.get("outputs", [])]
    return "\n\n".join(part for part in parts if part)


def _output(output: Any) -> str:
    data = output.get("data", {})
    if output.get("name") == "stdout":
        return f"```text\n{output.text.rstrip()}\n```"
    if "image/svg+xml" in data:
        svg = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>", "", data["image/svg+xml"], flags=re.DOTALL)
        line = re.sub(r"\s*\n\s*", " ", svg).strip()
        return f"<div>{line}</div>"
    if "text/html" in data:
        rows = re.sub(r"<style.*?</style>", "", data["text/html"], flags=re.DOTALL)
        return re.sub(r"\s*\n\s*", "", rows)
    return f"```text\n{data['text/plain']}\n```" if "text/plain" in data else ""


def public(package: str) -> str:
    """Each public function and class of a package, where it is defined; some may be named first."""
    package, *first = package.split()
    module = importlib.import_module(package)
    names = [*first, *(name for name in module.__all__ if name not in first)]
    parts = []
    for name in sorted(names, key=lambda name: _rank(getattr(module, name))):
        value = getattr(module, name)
        if not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        where = getattr(value, "__module__", package)
        if where.split(".")[0] in ("gatescope", "viz_app"):
            parts.append(f"::: {where}.{value.__qualname__}")
    return "\n\n".join(parts)


def _rank(value: Any) -> int:
    """Functions first, then classes, errors last."""
    return 2 * inspect.isclass(value) + _is_error(value)


def _is_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, Exception)


def shown(module: str) -> str:
    """Functions and classes of a module of the app, which has packages without an ``__init__``."""
    there = importlib.import_module(module)
    parts = []
    for each in getattr(there, "__all__", vars(there)):
        value = getattr(there, each)
        where = getattr(value, "__module__", "")
        ours = where.startswith("viz_app") if hasattr(there, "__all__") else where == module
        if each.startswith("_") or not ours or not callable(value):
            continue
        called = "" if _is_error(value) else f"```python\n{each}{_signature(value)}\n```\n\n"
        parts.append(f"### {each}\n\n{called}{rst(inspect.getdoc(value) or '')}")
    return "\n\n".join(parts)


def _signature(value: Any) -> str:
    """Its parameters with their usual values; of many, one a line."""
    parameters = [str(part) for part in inspect.signature(value).parameters.values()]
    text = re.sub(r"\b(?:typing|collections\.abc|viz_app(?:\.\w+)+)\.", "", ", ".join(parameters))
    if len(text) < 80:
        return f"({text})"
    lines = [re.sub(r"\b(?:typing|collections\.abc|viz_app(?:\.\w+)+)\.", "", part)
             for part in parameters]  # fmt: skip
    return "(\n" + "".join(f"    {line},\n" for line in lines) + ")"
