"""CPU time in turn: who is called when, and what is divided by what; no time is asserted."""

import time

import pytest

from gatescope.experiments.tutorial import (
    EXPERIMENTS,
    TIME_COLUMNS,
    interleaved,
    times_table,
    timing,
)


def test_each_takes_its_turn_in_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that only the work moves: seconds a call are exactly what each call takes."""
    now, called = 0.0, []

    def work(name: str, seconds: float):  # type: ignore[no-untyped-def]
        def call() -> None:
            nonlocal now
            now += seconds
            called.append(name)

        return call

    monkeypatch.setattr(time, "process_time", lambda: now)
    table = interleaved({"a": work("a", 0.5), "b": work("b", 2.0)}, rounds=3, calls=2)
    warm = called[: 2 * timing.WARM]
    assert set(warm) == {"a", "b"}
    assert "".join(called[len(warm) :]) == "aabb" + "bbaa" + "aabb"
    seconds = table.pivot(index="round", columns="setting", values="seconds")
    assert seconds["a"].tolist() == [0.5] * 3
    assert seconds["b"].tolist() == [2.0] * 3


def test_every_table_has_its_networks_in_every_round() -> None:
    table = times_table(rounds=2)
    assert tuple(table.columns) == TIME_COLUMNS
    assert (table["seconds"] > 0).all()
    counts = table.groupby(["what", "round"])["setting"].agg(tuple)
    for name in timing.TIMED:
        for kind in ("", "_units", "_forward"):
            cells = set(counts[(f"{name}{kind}", 0)])
            assert cells == set(counts[(f"{name}{kind}", 1)]) == set(EXPERIMENTS[name].settings)
    for length in timing.LENGTHS:
        assert set(counts[(f"convolution_{length}", 1)]) == {"lstm", "convolution"}


def test_equal_units_are_the_lstms() -> None:
    like = timing._configs("stocks")
    equal = timing._same_units(like)
    assert len({config.hidden_size for config in like.values()}) == 3
    assert {config.hidden_size for config in equal.values()} == {like["lstm"].hidden_size}


def test_the_convolution_has_about_as_many_weights() -> None:
    sizes = [sum(w.numel() for w in layer.parameters()) for layer in timing.like_layers()]
    assert max(sizes) < 1.07 * min(sizes)
