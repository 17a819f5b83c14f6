"""Readers without a browser: web sockets that speak Streamlit's protocol, and what they ask for."""

import asyncio
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from urllib.parse import urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from viz_app.kit.library import open_library
from viz_app.pages import FRONT

STEPS = {name: run.steps for name, run in open_library().runs.items()}
RUNS = {"run": list(STEPS)}
EXAMPLES = {"example": range(20)}
LAYERS = ("layers-1", "layers-2", "layers-4", "layers-gru-lstm", "both-ways-last", "both-ways-ends")
SENTENCES = (
    "a wonderful film that is never dull",
    "not a good film , but not a bad one either",
    "the story is thin and the jokes are worse",
    "i did not expect to like it , and i did",
)
CELLS = ("lstm", "gru", "rnn")
CHOICES: dict[str, Mapping[str, Sequence[object]]] = {
    "start": {},
    "gates": RUNS | EXAMPLES | {"checkpoint": (), "sort": ("index", "peak"), "unit": range(8)},
    "gradient_flow": RUNS,
    "connectivity": RUNS | EXAMPLES | {"t": range(20), "relative": (0, 1)},
    "step_through": RUNS | EXAMPLES | {"checkpoint": (), "unit": range(8), "step": range(20)},
    "architectures": {"run": LAYERS} | EXAMPLES,
    "memory": RUNS | {"log": (0, 1)},
    "retention": {},
    "saturation": RUNS | {"checkpoint": ()},
    "compare": RUNS | EXAMPLES | {"part": ("example", "bench")},
    "train": {},
    "aids": {"aid": ("clipping", "l1", "l2", "dropout", "plateau", "batch_size", "hidden_size")},
    "forecasting": {
        "series": ("sea-temperature", "dengue", "weather", "stocks", "temperature"),
        "cell": CELLS,
        "forecast": range(30),
    },
    "sentiment": {"run": [f"reviews-{cell}" for cell in CELLS], "sentence": SENTENCES},
    "writing": {"run": [f"characters-{cell}" for cell in CELLS], "seed": range(20)},
    "intervene": RUNS | EXAMPLES | {"ask": ("cannot_forget", "forgets_all", "silenced")},
    "tasks": {"made": ("adding", "temporal_order", "digits", "parity"), "seed": range(20)},
    "claims": {"claim": ("adding", "temporal_order", "copy", "gradient_decay")},
    "tutorial": {"show": ("holds", "depends", "wrong")},
    "mystery": {"round": range(20)},
    "your_model": {},
    "figures": RUNS,
}
"""All pages, and what a reader changes on each by its address."""

WITHOUT_CHART = ("train", "your_model", "figures", "tutorial")
"""Pages that open on a form, a list, or a picture."""

KEPT_RUNS = 2
"""For so many changes a browser keeps large messages, which are then sent as a hash alone."""

PATIENCE = 120.0
"""Seconds after which an answer counts as none."""


class Reader:
    """What somebody looks at: a page, and what is chosen on it."""

    def __init__(self, dice: random.Random, pages: Sequence[str] = tuple(CHOICES)) -> None:
        self.dice = dice
        self.pages = pages
        self.page = dice.choice(pages)
        self.chosen: dict[str, object] = {}

    @property
    def query(self) -> str:
        """The address's own part."""
        return urlencode(self.chosen)

    def turn_page(self) -> None:
        """To another page; the run goes along where that page has it."""
        others = [page for page in self.pages if page != self.page]
        self.page = self.dice.choice(others or self.pages)
        run = self.chosen.get("run")
        here = run is not None and run in CHOICES[self.page].get("run", ())
        self.chosen = {"run": run} if here else {}

    def choose(self) -> None:
        """Another run, example, checkpoint or what else there is to choose here; else turn page."""
        if not CHOICES[self.page]:
            return self.turn_page()
        name = self.dice.choice(list(CHOICES[self.page]))
        options = CHOICES[self.page][name] or STEPS[str(self.chosen.get("run", next(iter(STEPS))))]
        if name == "run":
            self.chosen.pop("checkpoint", None)
        self.chosen[name] = self.dice.choice([k for k in options if k != self.chosen.get(name)])

    def change(self) -> None:
        """What a student does next: one time in four another page."""
        self.turn_page() if self.dice.random() < 0.25 else self.choose()


class Session:
    """A connection to the server: asks for addresses and reads what comes until the run ends."""

    def __init__(self, url: str, theme: str = "light") -> None:
        self._connection = connect(
            url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=PATIENCE,
            compression=None,
        )
        self._theme = theme
        self._ages: dict[str, int] = {}
        self._pages: dict[str, str] = {}

    async def __aenter__(self) -> "Session":
        self._socket = await self._connection.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connection.__aexit__(kind, error, traceback)

    async def ask(self, page: str, query: str) -> tuple[float, int, list[str]]:
        """Run a page with an address; seconds, bytes and what went wrong."""
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = query
        rerun.page_script_hash = self._pages.get(page, "")
        rerun.page_name = "" if page in self._pages or page == FRONT else page
        rerun.cached_message_hashes.extend(self._ages)
        rerun.context_info.color_scheme = self._theme
        self._ages = {name: age + 1 for name, age in self._ages.items() if age < KEPT_RUNS}
        start = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        count, wrong, charts = 0, [], 0
        while True:
            data = await asyncio.wait_for(self._socket.recv(), PATIENCE)
            assert isinstance(data, bytes)
            count += len(data)
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof("type")
            if answer.metadata.cacheable:
                self._ages[answer.hash] = 0
            if kind == "ref_hash":
                self._ages[answer.ref_hash] = 0
                charts += 1
            elif kind == "navigation":
                self._pages = _hashes(answer.navigation.app_pages)
            elif kind == "delta":
                element = answer.delta.new_element
                what = element.WhichOneof("type")
                charts += what in ("arrow_vega_lite_chart", "vega_lite_chart")
                if what == "exception":
                    wrong.append(f"{page}: {element.exception.type}")
                elif what == "alert":
                    charts += 1  # the page says why there is none
                    if element.alert.format == Alert.ERROR:
                        wrong.append(f"{page}: {element.alert.body[:60]}")
            elif kind == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                if answer.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    wrong.append(ForwardMsg.ScriptFinishedStatus.Name(answer.script_finished))
                if not charts and page not in WITHOUT_CHART:
                    wrong.append(f"{page}: no chart")
                return time.perf_counter() - start, count, wrong


def _hashes(pages: Iterable[object]) -> dict[str, str]:
    """Streamlit's name of each page by its path."""
    return {
        FRONT if page.is_default else page.url_pathname: page.page_script_hash  # type: ignore[attr-defined]
        for page in pages
    }
