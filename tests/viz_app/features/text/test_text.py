"""The text chart and the bars of bits: what they draw, in which colours, against plain counting."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from gatescope import Run, load_run, record
from gatescope.writing import MEANINGS, labels_of, mean_bits
from viz_app.features import Text
from viz_app.features.gates import data as gates
from viz_app.features.text import measures
from viz_app.features.text import reading as writing
from viz_app.features.text import words as writing_words
from viz_app.features.text.chart_bits_per_character import BitsBar, bits_chart
from viz_app.features.text.chart_coloured_text import (
    COLUMNS,
    INK,
    LEGEND,
    LETTERS,
    WIDE,
    places,
    setting,
    written_rows,
    written_spec,
)
from viz_app.features.text.measures import measured, measures_of, ngrams, shipped
from viz_app.kit import export
from viz_app.kit.chart.line_charts import figure
from viz_app.kit.chart.style import STATE_TABLES
from viz_app.kit.chart.window import LAPTOP, WINDOWS, Look, Window
from viz_app.kit.library import folder_of
from viz_app.kit.recordings import HERE
from viz_app.kit.view import ViewError
from viz_app.kit.words import decimals
from viz_app.text import say, words

TEXT = "`Curiouser!' cried (Alice)\nand it's `so"


@pytest.fixture(scope="module")
def run() -> Run:
    return load_run(folder_of("characters-lstm"))


@pytest.fixture(scope="module")
def reading(run: Run) -> writing.Reading:
    return writing.read(run, TEXT, given=5)


def test_each_character_has_its_place() -> None:
    """Lines end at a break, and after the longest line; its break still stands on it."""
    assert places("ab\nc") == [(0, 0), (0, 1), (0, 2), (1, 0)]
    long = places("x" * COLUMNS + "\n" + "y")
    assert long[-2:] == [(0, COLUMNS), (1, 0)]
    assert places("x" * (COLUMNS + 1))[-1] == (1, 0)
    assert places("one two three", 8)[8:] == [(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]
    assert places("one three", 8)[3:5] == [(0, 3), (1, 0)]


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("count", [1, 438, 1400])
def test_a_text_is_set_for_the_window(window: Window, count: int) -> None:
    """Letters as wide as their place, no smaller than the smallest type, and no line that is
    drawn beyond the window; of a text that is too long the end."""
    text = ("word " * count)[:count]
    how = setting(text, window)
    lines = places(text, how.columns)[-1][0] + 1 - how.left_out
    assert how.columns * WIDE * how.size <= window.width + 1
    assert how.size >= window.type_size
    assert lines * how.line + LEGEND <= window.height
    assert lines >= 1
    if count <= 438:
        assert how.left_out == 0


def test_a_new_text_appears_after_what_was_given(reading: writing.Reading) -> None:
    """By a clock in the browser, which ends at the last character; else nothing moves."""
    data = reading.coloured(writing.Cell("recurrent/l0", "cell_state", 62), {})
    look = Look("light", LAPTOP)
    (clock,) = written_spec(data, words(), look, appears=True)["config"]["signals"]
    assert clock["value"] == reading.given
    assert clock["on"][0]["update"].endswith(f", {len(TEXT)})")
    assert "signals" not in written_spec(data, words(), look)["config"]


def test_400_characters_are_written_and_read_in_a_second() -> None:
    """One step per character without recording, then one recording of all."""
    view = Text("characters-lstm", "Alice ", seed=11)
    view.but(length=50).reading()
    began = time.process_time()
    assert len(view.reading().text) == 406
    assert time.process_time() - began < 1


def test_the_shipped_networks_beat_counting_letters() -> None:
    """By a tenth of a bit and more, each on the whole test set; and one detects quotations."""
    for name in measures.PREPARED_RUNS:
        found = measures_of(load_run(folder_of(name)))
        assert found.bits < min(ngrams("test")) - 0.1
    found = measures_of(load_run(folder_of("characters-lstm")))
    scores = {f.meaning: f.score for f in found.found}
    assert scores["quotes"] > 0.98
    assert min(scores["word_end"], scores["capital"]) > 0.8


def test_what_is_said_of_a_text_of_one_character(run: Run) -> None:
    """Nothing moves, and nothing was written."""
    reading = writing.read(run, "a", given=1)
    cell = writing.Cell("recurrent/l0", "cell_state", 87)
    assert writing_words.look_for(reading, cell) == []
    assert "1 character," in writing_words.alternative(reading, cell, None)


def test_the_rows_are_the_recordings(run: Run, reading: writing.Reading) -> None:
    """Value by value; underlined exactly in quotes, bold exactly what was given."""
    cell = writing.Cell("recurrent/l0", "cell_state", 62)
    bounds = HERE.bounds("characters-lstm", cell.node)
    rows = written_rows(reading.coloured(cell, bounds, "quotes"), "light")
    (leaf,) = record(run.model(), run.task.encode(TEXT)).leaves  # type: ignore[attr-defined]
    np.testing.assert_array_equal(
        [row["value"] for row in rows], leaf["cell_state"].values[:, 0, 62].astype(float)
    )
    underlined = "".join(row["letter"] for row in rows if row["true"])
    assert underlined == "`Curiouser!`so"
    assert [row["given"] for row in rows] == [True] * 5 + [False] * (len(TEXT) - 5)
    assert rows[0]["bits"] is None
    assert rows[TEXT.index("\n")]["letter"] == "⏎"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_letters_stand_out_from_their_ground(
    run: Run, reading: writing.Reading, theme: str
) -> None:
    """Of both inks each letter has the one of higher contrast, and at least 3 (WCAG 2)."""

    def light(rgb: list[int]) -> float:
        parts = [c / 255 for c in rgb]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def rgb(text: str) -> list[int]:
        return [int(text[k : k + 2], 16) for k in (1, 3, 5)]

    cell = writing.Cell("recurrent/l0", "cell_state", 62)
    data = reading.coloured(cell, {"cell_state": 2.0})
    for row in written_rows(data, theme):  # type: ignore[arg-type]
        share = np.array((row["value"] + 2) / 4)
        ground = light(STATE_TABLES[theme].rgb(share).tolist())  # type: ignore[index]

        def contrast(ink: str, ground: float = ground) -> float:
            low, high = sorted([light(rgb(ink)), ground])
            return (high + 0.05) / (low + 0.05)

        assert contrast(row["ink"]) == max(map(contrast, INK)) >= 3


def test_the_chart_is_valid_and_its_legend_is_the_table(run: Run) -> None:
    """Altair's own check; the page's spec has the same rows."""
    view = Text("characters-lstm", TEXT, length=0, look="capital")
    spec = view.chart().to_dict()
    (scale,) = (
        layer["encoding"]["color"]["scale"] for layer in spec["layer"]
        if layer.get("encoding", {}).get("color", {}).get("field") == "value"
    )  # fmt: skip
    assert scale["range"] == list(STATE_TABLES["light"].colours)
    data = writing.read(run, TEXT, len(TEXT)).coloured(
        view.cell(), HERE.bounds(view.run, view.cell().node), "capital"
    )
    page = written_spec(data, words(), Look("light", LAPTOP))
    assert page["datasets"] == spec["datasets"]
    assert len(view.table()) == len(TEXT) == len(spec["datasets"][LETTERS])


def test_a_browser_is_sent_only_what_is_drawn(reading: writing.Reading) -> None:
    """It refuses new rows of a dataset that nothing draws, as the lines' would be here."""
    view = reading.gates("recurrent/l0", range(192), {})
    spec = view.spec(gates.GatesLook(), (62, len(TEXT) - 1))
    assert "cells" not in spec["datasets"]
    assert view.seen.shape.steps == len(TEXT)


def test_what_is_shipped_is_what_is_measured(run: Run) -> None:
    """All over again."""
    kept = measures_of(run)
    assert kept.found in shipped().values()
    assert kept.bits == pytest.approx(mean_bits(run.model(), run.task, "test"), abs=1e-4)  # type: ignore[arg-type]
    for now, before in zip(measured(run).found, kept.found, strict=True):
        assert (now.meaning, now.signal, now.unit) == (before.meaning, before.signal, before.unit)
        assert now.score == pytest.approx(before.score, abs=1e-3)


def test_the_sentence_about_this_text_by_hand(run: Run, reading: writing.Reading) -> None:
    found = measures_of(run).of("quotes")
    assert found is not None
    values = reading.values(writing.Cell(found.node, found.signal, found.unit))
    inside = [v for v, c in zip(values, labels_of("quotes", TEXT), strict=True) if c]
    outside = [v for v, c in zip(values, labels_of("quotes", TEXT), strict=True) if not c]
    told = writing_words.on_this_text(reading, found)
    assert f"{decimals(sum(inside) / len(inside))} on average" in told
    assert f"elsewhere at {decimals(sum(outside) / len(outside))}" in told
    assert f"{len(inside)} of {len(TEXT)} characters" in told


@pytest.mark.parametrize("meaning", MEANINGS)
def test_every_meaning_has_its_sentences(run: Run, meaning: str) -> None:
    """Also on a text where it holds nowhere, and on one character alone."""
    found = measures_of(run).of(meaning)
    assert found is not None
    assert say(f"writing.meaning_{meaning}") in writing_words.of_unit(found)
    for text in (TEXT, "a", "`(Ab"):
        writing_words.on_this_text(writing.read(run, text), found)
        writing_words.look_for(
            writing.read(run, text), writing.Cell(found.node, found.signal, found.unit)
        )


def test_bars_are_ranked_and_labelled(run: Run) -> None:
    bars = measures.bars({"one": (run, measures_of(run))}, "one")
    assert [bar.bits for bar in bars[1:]] == list(ngrams("test"))
    ranked = [BitsBar("b", 1.0, network=True), *bars]
    spec = export.spec(bits_chart(ranked, "bits", Look("light", LAPTOP)))
    assert spec["layer"][0]["encoding"]["y"]["sort"][0] == "b"
    assert spec["height"] <= LAPTOP.height
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"][0] == 0


def test_the_curve_is_the_history_in_bits(run: Run) -> None:
    """Nats over ln 2; a run that blew up is drawn as far as it has numbers."""
    (line,) = measures.learning(run).lines
    assert line.value.tolist() == pytest.approx([row.loss / math.log(2) for row in run.history])
    assert line.x.tolist() == [row.step for row in run.history]
    lost = [replace(row, loss=np.nan) for row in run.history[1:]]
    blown = replace(run, history=(run.history[0], *lost))
    spec = figure([[measures.learning(blown)]], "light", 700).to_dict()
    (rows,) = spec["datasets"].values()
    assert [row["x"] for row in rows] == [run.history[0].step]


def test_a_text_grows_as_it_is_written_at_once() -> None:
    """However many parts; where it goes on otherwise is kept once."""
    view = Text("characters-lstm", "Alice ", length=0)
    for _ in range(3):
        view = view.written(20, 0.5, 4)
    assert view == Text("characters-lstm", "Alice ", 0.5, 4, 60)
    longer = view.written(10, 1.5, None).written(10, 1.5, None)
    assert longer == view.but(length=80, then=((60, 1.5, None),))
    assert longer.text()[:-20] == view.text()
    with pytest.raises(ViewError, match="`then` must change between 0 and 60"):
        view.but(then=((60, 1.5, None),))
