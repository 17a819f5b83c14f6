"""Sheets on paper: a student's gives nothing away, a teacher's has every answer; and the plans."""

import io
from itertools import pairwise
from pathlib import Path

import pypdf
import pytest
from typer.testing import CliRunner

from tests.viz_app.features.lessons.test_lesson import FACTS, MASTER
from viz_app.commands.main import app
from viz_app.features.lessons import facts, lesson, plans, sheets, standalone
from viz_app.features.lessons.paper import ENDINGS, paper
from viz_app.features.lessons.value import Lesson
from viz_app.kit.document import Document, Options, Picture, Table, Text

CURVE = """
[steps.draw]
words = "Now draw."
[steps.draw.question]
kind = "curve"
asks = "How much is left?"
truth = "left"
at = [1, 5, 10]
low = 0
high = 1
near = 0.1
x = "steps back"
y = "gradient"
because = "It shrinks."
[steps.draw.question.wrong]
high = "Too slow."
[closing.wipe]"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lesson:
    """A lesson of every kind of question, in place of those that there are."""
    text = MASTER.replace('after = ["a_state"]', "after = []").replace("{what}", "it")
    path = tmp_path / "04_write.toml"
    path.write_text(text.replace("\n[closing.wipe]", CURVE, 1), encoding="utf-8")
    read = lesson.read(path)
    for module in (sheets, plans):
        monkeypatch.setattr(module, "lesson", lambda name: read)
        monkeypatch.setattr(module, "facts_of", lambda *_: FACTS | {"left": (0.9, 0.5, 0.25)})
    monkeypatch.setattr(plans, "names", lambda: ("write",))
    return read


def said(document: Document) -> str:
    """All of its texts."""
    found = [document.title, document.subtitle]
    for block in document.blocks:
        match block:
            case Text():
                found.append(block.text)
            case Options():
                found += block.options
            case Table():
                found += [cell for row in block.rows for cell in row]
    return "\n".join(found)


def test_a_students_sheet_gives_nothing_away(made: Lesson) -> None:
    """Every question and option, room for each, and neither a truth nor a reason."""
    document = sheets.sheet("write", "student")
    text = said(document)
    for asked in made.questions.values():
        assert asked.asks in text
        assert all(option in text for option in asked.options.values())
    for secret in (
        "There.",
        "So it is.",
        "The end.",
        "Done.",
        "68.97",
        "69.0",
        "It shrinks.",
        "0.25",
    ):
        assert secret not in text
    assert not [block for block in document.blocks if isinstance(block, Options) and block.right]
    drawn = [block for block in document.blocks if isinstance(block, Picture)]
    assert [block.alternative for block in drawn] == ["steps back: gradient"]


def test_a_teachers_sheet_has_every_answer(made: Lesson) -> None:
    """The truth, the reason, what to say of wrong ones, the notes, and the picture."""
    document = sheets.sheet("write", "teacher")
    text = said(document)
    for note in (
        *made.teacher.values(),
        "Right: 6 and 30. There.",
        "**49:** The end.",
        "So it is.",
    ):
        assert note in text
    assert "Right: 0.90 at 1, 0.50 at 5 and 0.25 at 10. It shrinks." in text
    assert "**Too high:** Too slow." in text
    assert "Right: 69 steps." in text
    assert "Right: B → A." in text
    marked = [block.right for block in document.blocks if isinstance(block, Options)]
    assert marked == [1]
    (picture,) = (block for block in document.blocks if isinstance(block, Picture))
    assert "marked" in picture.alternative


def test_a_plan_fills_its_minutes(made: Lesson) -> None:
    """From 0 to the last minute without a gap."""
    for name, plan in plans.PLANS.items():
        assert plan.opening + plan.each * len(plan.lessons) + plan.closing == plan.minutes
        (table,) = (b for b in plans.document(name).blocks if isinstance(b, Table))
        ends = [tuple(map(int, row[0].split("–"))) for row in table.rows]
        assert ends[0][0] == 0
        assert all(one[1] == other[0] for one, other in pairwise(ends))


FIRST, *OTHERS = lesson.names()


@pytest.mark.parametrize(
    "name", [FIRST, *(pytest.param(name, marks=pytest.mark.long) for name in OTHERS)]
)
def test_every_lesson_is_set_on_paper(name: str) -> None:
    """Its two sheets: every word of every question, and few pages."""
    told = lesson.lesson(name)
    for kind in sheets.KINDS:
        document = sheets.sheet(name, kind)
        text = said(document)
        for asked in told.questions.values():
            assert asked.told(facts.facts_of(name)).asks in text
        pages = pypdf.PdfReader(io.BytesIO(paper(document, "pdf"))).pages
        assert len(pages) <= 6
        assert told.title in pages[0].extract_text()


def test_the_command_writes_sheets_and_plans(
    made: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sheet as PDF and HTML, and what plays; of a lesson that is not there, which are."""
    from viz_app.commands import sheets as command

    monkeypatch.setattr(command, "names", lambda: ("write",))
    monkeypatch.setattr(standalone, "lesson", lambda name: made)
    monkeypatch.setattr(standalone, "facts_of", lambda *_: FACTS | {"left": (0.9, 0.5, 0.25)})
    done = CliRunner().invoke(app, ["sheets", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    stems = ("plan-forty-five", "plan-ninety", "write-student", "write-teacher")
    files = {f"gatescope-{stem}.{end}" for stem in stems for end in ENDINGS}
    assert written == sorted({*files, "gatescope-write-lesson.html"})
    assert (tmp_path / "out" / "gatescope-write-student.pdf").read_bytes().startswith(b"%PDF")
    wrong = CliRunner().invoke(app, ["sheets", "wrote", "--out", str(tmp_path / "no")])
    assert wrong.exit_code == 2
    assert "there are 1 write" in wrong.output
    assert command.chosen(["1", "write"]) == ["write", "write"]
    with pytest.raises(ValueError, match="no lesson '2'"):
        command.chosen(["2"])
    assert not (tmp_path / "no").exists()
