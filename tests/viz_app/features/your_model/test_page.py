"""One's own network on the page, and on every other page; what is wrong is told in a sentence."""

import io
import pickle
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest
from torch import nn
from torch.nn.utils import parametrizations, prune

from gatescope import load_run, record, save_trace
from gatescope.experiments import Room, Shelf
from gatescope.jobs import JobQueue
from gatescope.training import SummedLoss, own_run
from viz_app.kit import uploaded as brought
from viz_app.kit.page import tabbed, uploads
from viz_app.kit.run_words import settings
from viz_app.pages import script

PAGE = "your_model"
OTHERS = (
    "gates", "gradient_flow", "connectivity", "step_through", "memory", "saturation", "compare",
    "intervene", "figures",
)  # fmt: skip


def saved(value: Any) -> bytes:
    """What torch.save writes."""
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def given(app: AppTest, key: str, name: str, data: bytes) -> AppTest:
    """The page with a file in one of its places."""
    app.file_uploader(key).set_value((name, data, "application/octet-stream"))
    return app.run()


def texts(app: AppTest) -> str:
    """All that is said on a page."""
    assert not app.exception, [error.value for error in app.exception]
    places = (app.markdown, app.caption, app.success, app.info, app.error)
    return "\n".join(str(each.value) for place in places for each in place)


def every_tab(app: AppTest) -> Iterator[str]:
    """All that is said in each tab of a page: also in charts to those who cannot see them."""
    labels = [tab.label for tab in app.tabs]
    for label in labels or [""]:
        if label:
            (page,) = app.session_state[tabbed.LAST]
            app.session_state[tabbed.key_of(page)] = label
            app.run()
        told = texts(app)
        assert not app.error, (label, app.error[0].value)
        alts = [chart.proto.alt for chart in app.get("vega_lite_chart")]
        helps = [each.help or "" for each in (*app.number_input, *app.selectbox)]
        yield "\n".join([told, *alts, *helps])


def test_weights_and_an_input_open_on_every_page(
    open_app: Callable[..., AppTest], own_queue: JobQueue, page_spec: Any
) -> None:
    """Inferred, shown, kept once; Gates then shows the numbers that `record` gives."""
    layer = nn.LSTM(2, 6, num_layers=2, bidirectional=True)
    values = np.random.default_rng(0).normal(size=(15, 2))
    app = open_app(PAGE)
    app = given(app, "your_weights", "lstm.pt", saved(layer.state_dict()))
    assert "nn.LSTM(2, 6, num_layers=2, bidirectional=True)" in texts(app)
    assert f"{sum(p.numel() for p in layer.parameters()):,} weights" in texts(app)
    text = "\n".join(",".join(map(str, row)) for row in values)
    app = given(app, "your_input", "x.csv", b"a,b\n" + text.encode())
    assert "Steps: 15, sequences: 1, features: 2" in texts(app)
    (opening,) = (button for button in app.button if button.label == "Open it on every page")
    opening.click().run()
    (folder,) = own_queue.store.folder.glob("own*")
    assert app.session_state["run"] == folder.name
    run = load_run(folder)
    found = record(run.model(), run.probe().inputs)
    x = torch.tensor(values, dtype=torch.float32).unsqueeze(1)
    expected = record(nn.Sequential(layer), x)
    for leaf in expected.leaves:
        same = found[leaf.path.replace("/0/", "/recurrent/")].to_dataset()
        np.testing.assert_array_equal(same["forget_gate"], leaf["forget_gate"])
    app = open_app("gates", run=folder.name)
    assert "no targets, so there is no score" in texts(app)
    assert len(app.get("vega_lite_chart")) == 1
    again, _ = brought.kept(layer, x, own_queue.store.folder)
    assert again == folder.name
    app.switch_page(script(PAGE)).run()  # where it is seen, too, as long as it is chosen
    assert rows_of(page_spec(app)) == set(range(6))
    assert "a prepared network" not in texts(app)


def rows_of(spec: dict[str, Any]) -> set[int]:
    """The units that a chart shows."""
    return {row["unit"] for row in spec["datasets"]["rows"]}


def test_the_page_opens_with_a_prepared_network(
    open_app: Callable[..., AppTest], page_spec: Any, library: Any
) -> None:
    """Weights or a recording: a picture is there at once, and says what it is."""
    run = library.runs[brought.PREPARED]
    app = open_app(PAGE)
    told = "\n".join([texts(app), *(each.value for each in app.caption)])
    assert "Until you bring your own: a prepared network." in told
    # of a larger file a browser shows but a red icon
    assert f"Files of up to {st.get_option('server.maxUploadSize')} MB" in told
    assert settings(run) in told
    assert rows_of(page_spec(app)) == set(range(run.config.hidden_size))
    app.get("button_group")[0].set_value("trace").run()
    assert "a recording of a prepared network" in texts(app)
    assert rows_of(page_spec(app)) == set(range(run.config.hidden_size))
    assert [tab.label for tab in app.tabs] == ["Gates and states", "Gradient norms"]
    app.session_state["tab_your_model"] = "Gradient norms"
    app.run()
    titles = [page_spec(app, n)["title"] for n in range(len(app.get("vega_lite_chart")))]
    assert titles == [f"recurrent/l0: ‖dL/d{state}‖" for state in "hc"]


def test_a_network_is_shown_before_an_input_is_brought(
    open_app: Callable[..., AppTest], own_queue: JobQueue, spec_of: Any, page_spec: Any
) -> None:
    """On numbers that are told, then on one's own: each time what `record` gives."""
    layer = nn.GRU(2, 3)
    app = given(open_app(PAGE), "your_weights", "gru.pt", saved(layer.state_dict()))
    assert "a prepared network" not in texts(app)
    assert "Until you bring an input: 40 time steps of random numbers" in texts(app)
    generator = torch.Generator().manual_seed(0)
    for x in (torch.randn(40, 1, 2, generator=generator), torch.tensor([[[1.0, 2]], [[3, 4]]])):
        spec = spec_of(page_spec(app))
        expected = record(layer, x)["gru/l0"]["update_gate"].values[:, 0]
        order = [row["unit"] for row in spec.found["datasets"]["rows"]]
        np.testing.assert_allclose(
            spec.told("update_gate"), expected[:, order].ravel(), atol=5.1e-5
        )
        app = given(app, "your_input", "x.csv", b"1,2\n3,4\n")
    assert "Until you bring" not in texts(app)


def test_a_layer_is_chosen_from_a_whole_model(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """A checkpoint with three: a list, and what was done to the weights of each is told."""
    model = nn.ModuleDict(
        {"encoder": nn.LSTM(2, 5), "decoder": nn.GRUCell(3, 4), "plain": nn.RNN(1, 2).double()}
    )
    prune.l1_unstructured(model["encoder"], "weight_hh_l0", 0.5)
    data = saved({"epoch": 2, "model_state_dict": nn.DataParallel(model).state_dict()})
    app = given(open_app(PAGE), "your_weights", "checkpoint.pt", data)
    assert app.selectbox("your_stored").options == ["encoder", "decoder", "plain"]
    assert "nn.LSTM(2, 5)" in texts(app)
    assert "Pruned, the mask multiplied in: `encoder.weight_hh_l0`" in texts(app)
    app.selectbox("your_stored").set_value("decoder").run()
    assert "nn.GRU(3, 4)" in texts(app)
    assert "weights of type `nn.GRUCell`" in texts(app)
    app.selectbox("your_stored").set_value("plain").run()
    assert "nn.RNN(1, 2)" in texts(app)
    assert "stored as float64; the pages compute in float32" in texts(app)
    app.get("button_group")[1].set_value("relu").run()
    assert 'nonlinearity="relu"' in texts(app)
    app = given(app, "your_weights", "lstm.pt", saved(nn.LSTM(3, 2).state_dict()))
    assert "nn.LSTM(3, 2)" in texts(app)
    assert not app.selectbox


def test_of_many_sequences_the_first_are_shown(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """And it is told."""
    file = io.BytesIO()
    np.save(file, np.random.default_rng(0).normal(size=(5, 40, 1)))
    app = given(open_app(PAGE), "your_weights", "r", saved(nn.GRU(1, 3).state_dict()))
    app = given(app, "your_input", "x.npy", file.getvalue())
    assert "Steps: 5, sequences: 40" in texts(app)
    assert "The pages show the first 32 sequences." in texts(app)


LAYERS: dict[str, tuple[Callable[[], nn.RNNBase], int]] = {
    "lstm": (lambda: nn.LSTM(2, 5, num_layers=2, bidirectional=True), 3),
    "gru": (lambda: nn.GRU(1, 4), 1),
    "relu": (lambda: nn.RNN(9, 4, nonlinearity="relu", bias=False), 1),
}


@pytest.mark.parametrize("page", OTHERS)
@pytest.mark.parametrize("kind", LAYERS)
def test_every_page_shows_it(
    kind: str, page: str, open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """Its name and sizes stand there, and nothing breaks where nobody knows a right answer."""
    make, examples = LAYERS[kind]
    layer = make()
    torch.manual_seed(1)
    x = torch.randn(12, examples, layer.input_size)
    key, run = brought.kept(layer, x, own_queue.store.folder)
    app = open_app(page, run=key)
    told = texts(app)
    assert app.session_state["run"] == key
    if page in ("gates", "step_through", "saturation", "intervene"):
        assert f"{run.parameters:,} parameters" in told
    for said in every_tab(app):
        # nobody knows whether, or on what, it was trained
        assert not re.search(r"(?i)after training|trained networks?\b|saw them in training", said)
        assert not re.search(r"(?<![.,\d])1 (examples|sequences|layers|steps)\b", said)
        assert not re.search(r"(?i)median over (1|one)\b|\bnan\b", said)
        # the largest and the smallest of what is the same
        assert not re.search(r"(under 1%|0%|100%)[^.]{0,40} (and|to) \1(?![\d.])", said)
    app = open_app(page, run=key)
    if page == "gradient_flow":
        assert "As brought, the gradient norm 11 steps before the end" in told
        assert "Before and after training" not in [tab.label for tab in app.tabs]
    if page == "compare":
        assert "nothing to compare this network with yet" in told


def test_two_networks_on_one_input_are_compared(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """An LSTM beside a GRU that read the same."""
    x = torch.randn(12, 2, 3)
    first, _ = brought.kept(nn.LSTM(3, 5), x, own_queue.store.folder)
    second, _ = brought.kept(nn.GRU(3, 5), x, own_queue.store.folder)
    app = open_app("gates", run=first)
    app.query_params["run"] = second
    app = app.switch_page(script("gates")).run()
    app = app.switch_page(script("compare")).run()
    assert "nothing to compare" not in texts(app)
    assert len(app.get("vega_lite_chart")) == 1


def test_the_loss_is_the_sum_of_the_last_states() -> None:
    """Gradients of each example are those of its own sum; by torch's own backward pass."""
    layer, x = nn.GRU(3, 4), torch.randn(7, 5, 3)
    run = own_run(layer, x)
    trace = record(run.model(), run.probe().inputs, SummedLoss(run.task, run.probe()))
    inputs = x.clone().requires_grad_()
    output, _ = layer(inputs)
    assert trace.attrs["loss"] == pytest.approx(output[-1].sum().item(), rel=1e-5)
    last = trace["recurrent/l0"]["grad_hidden_state"].values[-1]
    np.testing.assert_array_equal(last, np.ones((5, 4), dtype="float32"))


HOSTILE: dict[str, tuple[bytes, str]] = {
    "a pickle with code": (
        pickle.dumps({"weight_ih_l0": Path("x")}), "this is a Python pickle",
    ),
    "a torch file with code": (saved({"weight_ih_l0": Path("x")}), "none of it was run"),
    "cut off": (saved(nn.GRU(2, 3).state_dict())[:-90], "damaged or cut off"),
    "empty": (b"", "the file is empty"),
    "not finite": (
        safetensors.torch.save(
            nn.GRU(2, 3).state_dict() | {"bias_hh_l0": torch.full((9,), torch.nan)}
        ),
        "bias_hh_l0 holds NaN or infinity",
    ),
    "orthogonal": (
        saved(parametrizations.orthogonal(nn.GRU(2, 3), "weight_hh_l0").state_dict()),
        "weight_hh_l0 is parametrized (as orthogonal does)",
    ),
    "meta": (saved(nn.GRU(2, 3, device="meta").state_dict()), "is on the meta device"),
    "sparse": (
        saved({name: each.to_sparse() for name, each in nn.GRU(2, 3).state_dict().items()}),
        "is stored as sparse_coo",
    ),
}  # fmt: skip


def test_what_an_input_was_taken_for_is_told_asked_and_changed(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    app = open_app(PAGE)
    app = given(app, "your_weights", "gru.pt", saved(nn.GRU(1, 3).state_dict()))
    app = given(app, "your_input", "x.csv", b"level;\n1,5;\n2,5;\n")
    assert "x.csv: separator semicolon, decimal comma, first row: names." in texts(app)
    assert "Steps: 2, sequences: 1" in texts(app)
    app = given(app, "your_input", "y.csv", b"1,5\n2,5\n\n4,5\n")
    (question,) = app.warning
    assert "y.csv can be read in two ways" in question.value
    app.selectbox("your_read_separator").set_value("")
    app.run()
    assert "Steps: 3, sequences: 1" in texts(app)
    assert "Blank lines skipped: 1." in app.warning[0].value
    app.selectbox("your_read_separator").set_value(",")
    app.run()
    assert "row 1 has 2 numbers, but the layer reads 1" in app.error[0].value


def test_hostile_weights_get_a_sentence_and_the_page_goes_on(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """One after another into the same page; then the right file is taken as if nothing were."""
    app = open_app(PAGE)
    for name, (data, words) in HOSTILE.items():
        app = given(app, "your_weights", "evil.pt", data)
        texts(app)
        (error,) = app.error
        assert words in error.value, name
        assert error.value.startswith("evil.pt: ")
        assert "\n" not in error.value
        assert len(app.file_uploader) == 1
        assert "a prepared network" in texts(app)
        assert len(app.get("vega_lite_chart")) == 1
    app = given(app, "your_weights", "gru.pt", saved(nn.GRU(2, 3).state_dict()))
    assert not app.error
    assert "nn.GRU(2, 3)" in texts(app)
    for data, words in (
        (b"1,2\n3,x\n", "row 2, column 2 holds 'x'"),
        (b"a\x81,b\n1,2", "not text in UTF-8"),
        (b"1,2,3\n", "row 1 has 3 numbers, but the layer reads 2"),
    ):
        app = given(app, "your_input", "x.csv", data)
        texts(app)
        assert words in app.error[0].value
    assert not list(own_queue.store.folder.glob("*"))


def test_numbers_can_be_typed(open_app: Callable[..., AppTest], own_queue: JobQueue) -> None:
    """A wrong word is told; a plain RNN asks for its activation."""
    app = given(open_app(PAGE), "your_weights", "r", saved(nn.RNN(1, 3).state_dict()))
    assert "nn.RNN(1, 3)" in texts(app)
    labels = [each.label for each in (*app.file_uploader, *app.get("button_group"))]
    assert {"CSV or NPY, 1 column", "2. An input of 1 feature"} <= set(labels)
    app.get("button_group")[1].set_value("relu").run()
    assert 'nonlinearity="relu"' in texts(app)
    app.get("button_group")[2].set_value("typed").run()
    app.text_area("your_text").set_value("1 2 drei").run()
    assert "row 1, column 3 holds 'drei'" in app.error[0].value or "drei" in app.error[0].value
    app.text_area("your_text").set_value("1 2 3 4").run()
    assert "Steps: 4, sequences: 1, features: 1" in texts(app)


def test_a_projected_lstm_is_told_where_it_can_be_recorded(
    open_app: Callable[..., AppTest], own_queue: JobQueue
) -> None:
    """In Python."""
    app = given(open_app(PAGE), "your_weights", "p", saved(nn.LSTM(1, 4, proj_size=2).state_dict()))
    texts(app)
    assert "proj_size=2: record it in Python" in app.error[0].value
    assert "Open it on every page" not in [button.label for button in app.button]


def traced(tmp_path: Path, **options: Any) -> bytes:
    """A saved trace of a two-layer GRU, three sequences of 14 steps."""
    x = torch.randn(14, 3, 2)
    trace = record(nn.GRU(2, 5, num_layers=2), x, lambda output: output[0].sum(), **options)
    return save_trace(trace, tmp_path / "t.nc").read_bytes()


def test_a_saved_recording_opens(
    open_app: Callable[..., AppTest], tmp_path: Path, page_spec: Any
) -> None:
    """Its layers and examples can be chosen; its gradient norms are drawn."""
    app = open_app(PAGE)
    app.get("button_group")[0].set_value("trace").run()
    app = given(app, "your_trace", "gru.nc", traced(tmp_path))
    told = texts(app)
    assert "gru/l0, gru/l1 · sequences: 3, steps: 14" in told
    assert "with gradients" in told
    app.selectbox("your_layer").set_value("gru/l1")
    app.number_input("your_example").set_value(2).run()
    assert page_spec(app)
    app.session_state["tab_your_model"] = "Gradient norms"
    assert len(app.run().get("vega_lite_chart")) == 2
    part = given(app, "your_trace", "part.nc", traced(tmp_path, time=slice(3, 9)))
    assert "steps: 6" in texts(part)


def test_what_is_no_recording_is_told(
    open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text, a cut file, a strided one, and one that claims more than there may be."""
    app = open_app(PAGE)
    app.get("button_group")[0].set_value("trace").run()
    whole = traced(tmp_path)
    for data, words in (
        (b"time,value", "evil.nc is not a trace"),
        (whole[: len(whole) // 2], "evil.nc is not a trace"),
        (traced(tmp_path, time=4), "has step 0 and then step 4"),
    ):
        app = given(app, "your_trace", "evil.nc", data)
        texts(app)
        assert words in app.error[0].value
    monkeypatch.setattr(brought, "MOST_BYTES", 1000)
    app = given(app, "your_trace", "evil.nc", whole)
    texts(app)
    assert "evil.nc claims" in app.error[0].value


def test_places_free_themselves_and_what_is_gone_is_told(
    open_app: Callable[..., AppTest], own_queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one's own the oldest goes; whoever looks at it reads a sentence, and the page goes on."""
    monkeypatch.setattr(brought, "Shelf", partial(Shelf, room=Room(own_runs=2)))
    monkeypatch.setattr(uploads, "owner", lambda: "ann")
    folder, x = own_queue.store.folder, torch.randn(5, 1, 2)
    first, second = (brought.kept(nn.GRU(2, 3), x, folder, "ann")[0] for _ in range(2))
    others, _ = brought.kept(nn.GRU(2, 3), x, folder, "bob")
    app = open_app("gates", run=first)
    assert app.session_state["run"] == first  # and now it was opened after the second
    third, _ = brought.kept(nn.GRU(2, 3), x, folder, "ann")
    assert {path.name for path in folder.glob("own*")} == {first, others, third}
    app = open_app("gates", run=second)
    assert second in app.warning[0].value
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 1


@pytest.mark.parametrize(
    ("layer", "steps", "words"),
    [
        (nn.LSTM(1, 1500), 3, "The weights take 36 MB in float32, and 34 MB can be shown"),
        (nn.GRU(1, 20), 300_000, "makes 6,000,000 values of each signal, and 4,194,304 can be"),
        (nn.GRU(1, 1000), 4_000, "takes 12,036,000,000"),
    ],
)
def test_what_would_take_too_long_is_refused_before(
    layer: nn.RNNBase, steps: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own sizes, not by those of the file."""
    monkeypatch.setattr(brought, "MOST_PRODUCTS", 10**10)
    with pytest.raises(ValueError, match=words):
        brought.require_small(layer, torch.zeros(steps, 1, 1))
    brought.require_small(nn.GRU(1, 20), torch.zeros(3, 1, 1))


PARTS = ("forget_gate", "cell_candidate", "cell_state", "hidden_state", "grad_hidden_state")


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("way", ["plain", "projected", "not finite", "wide"])
def test_what_a_recording_holds_is_drawn_or_said(
    way: str, open_app: Callable[..., AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each signal alone, in sizes of all kinds, and gradients beyond all numbers."""
    if way == "wide":
        monkeypatch.setattr(brought, "MOST_UNITS", 4)
    layer = nn.LSTM(2, 5, proj_size=2 if way == "projected" else 0)
    trace = record(layer, torch.randn(6, 2, 2), lambda output: output[0].sum())
    node = trace["lstm/l0"]
    if way == "not finite":
        for place, value in enumerate((np.inf, np.nan, 1e30)):
            for signal in node.data_vars.values():
                signal.values[place] = value
    app = open_app(PAGE)
    app.get("button_group")[0].set_value("trace").run()
    for name in PARTS if way != "wide" else PARTS[:1]:
        for beside in (name, "output_gate") if way == "plain" else (name,):
            part = trace.copy()
            part["lstm/l0"] = node.to_dataset()[list({name, beside})]
            data = save_trace(part, tmp_path / "t.nc").read_bytes()
            app = given(app, "your_trace", f"{name} {beside}.nc", data)
            texts(app)
            said = [error.value for error in app.error]
            assert not any("Something unexpected went wrong" in each for each in said)
            if way == "wide":
                assert "has 5 units at /lstm/l0, and 4 can be shown" in said[0]


def test_a_recording_in_which_there_is_nothing_is_told(
    open_app: Callable[..., AppTest], tmp_path: Path
) -> None:
    app = open_app(PAGE)
    app.get("button_group")[0].set_value("trace").run()
    app = given(app, "your_trace", "none.nc", traced(tmp_path, signals=[]))
    texts(app)
    assert "none.nc holds no signals at /gru/l0" in app.error[0].value


def test_layers_whose_names_no_browser_can_be_sent_can_be_chosen(
    open_app: Callable[..., AppTest],
) -> None:
    """Half of a pair of letters, and letters that turn others around."""
    layers = {"\ud800": nn.GRU(2, 3), "a\u202e": nn.LSTM(2, 4)}
    state = {f"{k}.{n}": w for k, layer in layers.items() for n, w in layer.state_dict().items()}
    app = given(open_app(PAGE), "your_weights", "x.pt", saved(state))
    assert "nn.GRU(2, 3)" in texts(app)
    (chosen,) = (each for each in app.selectbox if each.key == "your_stored")
    assert chosen.options == ["\ufffd", "a\ufffd"]


def test_a_network_of_millions_of_features_gets_no_sample(
    open_app: Callable[..., AppTest],
) -> None:
    """The sample would take a gigabyte; the weights are one number."""
    wide = {"weight_ih_l0": torch.zeros(1).expand(1, 8_000_000), "weight_hh_l0": torch.ones(1, 1)}
    app = given(open_app(PAGE), "your_weights", "x.pt", saved(wide))
    assert "reads 8,000,000 features, and a sample is made for 10,000 at most" in texts(app)
