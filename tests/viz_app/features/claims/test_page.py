"""The page Claims: what it shows is what was shipped, and what its jobs have trained."""

import json
import math
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from gatescope import Run
from gatescope.experiments import ResultError
from gatescope.experiments.claims import CLAIMS, ClaimConfig, ClaimResult
from gatescope.jobs import JobQueue
from gatescope.training import Progress, TrainConfig, build_model
from viz_app.features.claims import data as claims
from viz_app.features.claims import lessons as claims_lessons
from viz_app.features.claims import words as claims_words
from viz_app.kit.sharing import STORE
from viz_app.pages import script
from viz_app.text import say

PAGE = "claims"


def text(app: AppTest) -> str:
    """All sentences of the page in one piece."""
    return "\n".join(part.value for part in [*app.markdown, *app.caption, *app.info])


def table_of(app: AppTest, tab: str) -> pd.DataFrame:
    """The table of a tab."""
    app.session_state["tab_claims"] = say(f"claims.tab_{tab}")
    (table,) = app.run().table
    return table.value


def made(config: TrainConfig, loss: float) -> Run:
    """A run of two evaluations with a chosen loss."""
    weights = build_model(config).state_dict()
    history = tuple(
        Progress(step, config.max_steps, math.nan, value, 0.5, 1e-3, 1.0, 30.0)
        for step, value in ((0, 1.0), (50, loss))
    )
    later = {name: tensor + 1 for name, tensor in weights.items()}
    return Run(config, history, {0: weights, 50: later}, (), loss, 0.5, 9, 30.0)


@pytest.mark.parametrize("key", CLAIMS)
def test_a_claim_shows_its_shipped_numbers(open_app: Callable[..., AppTest], key: str) -> None:
    """Sentence, sources, budget, verdict, one chart a panel, and the numbers of the JSON file."""
    app = open_app(PAGE, claim=key)
    assert not app.exception
    claim, shipped = CLAIMS[key], json.loads((claims.FOLDER / f"{key}.json").read_text())
    told = text(app)
    result = claims.prepared(key)
    for sentence in (
        claims_words.sources(claim),
        claims_words.budget(claim),
        claims_words.verdict(claim, result),
        *claims_lessons.lessons(claim, result),
    ):
        assert sentence in told
    charts = app.get("vega_lite_chart")
    assert len(charts) == len(set(shipped["curves"]["panel"]))
    assert all(chart.proto.alt for chart in charts)
    parts, numbers = (table_of(app, tab) for tab in ("judged", "numbers"))
    assert len(parts) == len(shipped["parts"])
    words = {"met": "yes", "not_met": "no", "undecided": "undecided"}
    assert parts["met"].tolist() == [words[part.outcome] for part in result.parts]
    for part in shipped["parts"]:
        low, high = (
            float((part["interval"] or {}).get(end, part["value"])) for end in ("low", "high")
        )
        met = low >= part["bound"] if part["at_least"] else high <= part["bound"]
        missed = high < part["bound"] if part["at_least"] else low > part["bound"]
        name = claims_words._part_name(next(p for p in result.parts if p.key == part["key"]))
        assert parts["met"][name] == ("yes" if met else "no" if missed else "undecided")
    shown = [m for m in shipped["table"]["measure"] if m not in ("difference", "rate")]
    assert len(numbers) == len(shown)
    assert app.code[0].value == (f"gatescope claim {key} --out runs/claim-{key.replace('_', '-')}")
    assert app.query_params["claim"] == key


def test_it_opens_on_the_first_claim_and_keeps_the_choice(
    open_app: Callable[..., AppTest],
) -> None:
    """A name that there is not is the first; after another page it is still the chosen one."""
    for address in ({}, {"claim": "nothing"}):
        assert open_app(PAGE, **address).query_params["claim"] == next(iter(CLAIMS))
    app = open_app(PAGE)
    app.selectbox(key="claim").set_value("distractors").run()
    assert app.query_params["claim"] == "distractors"
    assert "forget gate lets an LSTM ignore" in text(app)
    app.switch_page(script("tasks")).run()
    app.switch_page(script(PAGE)).run()
    assert app.query_params["claim"] == "distractors"


def test_a_claim_without_a_result_says_what_to_do(
    open_app: Callable[..., AppTest], fresh_caches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its button is there."""

    def missing(key: str) -> ClaimResult:
        raise ResultError(key)

    monkeypatch.setattr(claims, "prepared", missing)
    app = open_app(PAGE)
    assert not app.exception
    assert "make assets" in app.info[0].value
    assert "Run it now" in [button.label for button in app.button]
    assert not app.get("vega_lite_chart")


def test_the_button_asks_for_the_claim_and_shows_what_there_is(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Waiting with nothing, then one run of eight: its numbers, and no verdict yet."""
    own_queue.limit = 0  # nothing starts
    app = open_app(PAGE, claim="adding")
    next(button for button in app.button if button.label == "Run it now").click().run()
    assert not app.exception
    job = app.query_params["job"]
    assert own_queue.experiment(job, ClaimConfig) == ClaimConfig(key="adding")
    assert not app.get("vega_lite_chart")
    own_queue.store.put(made(CLAIMS["adding"].configs()["rnn/100/1"], 0.125))
    app = open_app(PAGE, job=job)
    assert not app.exception
    assert app.query_params["claim"] == "adding"
    assert "No verdict yet: 1 of 20 networks are trained." in text(app)
    assert len(app.get("vega_lite_chart")) == 1
    assert table_of(app, "numbers")["Ours"].tolist() == ["0.1250"]
    next(button for button in app.button if button.label.startswith("Back")).click().run()
    assert "job" not in app.query_params
    assert "Replicated: 3 of 3 criteria met (5 seeds)." in text(app)
    app = open_app(PAGE, job=job)
    app.selectbox(key="claim").set_value("distractors").run()
    assert "job" not in app.query_params
    assert "forget gate lets an LSTM ignore" in text(app)


def test_a_claim_that_trains_nothing_is_measured_at_once(
    open_app: Callable[..., AppTest],
) -> None:
    """In a process of its own; its numbers are those that were shipped, without a job."""
    STORE.clear()
    app = open_app(PAGE, claim="gradient_decay")
    shipped = table_of(app, "numbers")["Ours"].tolist()
    app.session_state["tab_claims"] = say("claims.tab_curves")
    app.run()
    next(button for button in app.button if button.label == "Run it now").click().run()
    assert not app.exception
    assert "job" not in app.query_params
    assert app.success[0].value.startswith("Measured on this computer in")
    assert len(app.get("vega_lite_chart")) == 3
    assert table_of(app, "numbers")["Ours"].tolist() == shipped


def test_an_address_of_no_job_is_a_sentence(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """And the way back is there."""
    app = open_app(PAGE, job="nothing")
    assert not app.exception
    assert "There is no job 'nothing'" in app.error[0].value
    next(b for b in app.button if b.label == say("claims.back")).click().run()
    assert app.get("vega_lite_chart")
