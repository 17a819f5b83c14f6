"""A door without a network: requests as an ASGI server would hand them over."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from viz_app.kit.environment import PROXIED
from viz_app.serving.counts import Counts
from viz_app.serving.door import Door, Rules
from viz_app.serving.names import Names

PAGE = b"<html></html>"
NAMES = Names("a secret of this test", "correct horse")


@dataclass
class Answer:
    """What came back: the status, the headers, each as often as it came, and the text."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    def all(self, name: str) -> list[str]:
        """Every header of that name."""
        return [value for key, value in self.headers if key == name]

    def cookie(self, name: str) -> str | None:
        """The value that a cookie was set to; None where it was not set."""
        set_to = [each.split(";")[0].split("=", 1) for each in self.all("set-cookie")]
        return next((value for key, value in set_to if key == name), None)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """In Streamlit's place: a page, or for a condition that it has not changed; sockets open."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    seen = {name.decode(): value.decode() for name, value in scope["headers"]}
    status = 304 if "if-none-match" in seen else 200
    kind = b"text/javascript" if scope["path"].endswith(".js") else b"text/html; charset=utf-8"
    headers = [(b"content-type", kind), (b"x-origin", seen.get("origin", "none").encode())]
    headers.append((b"x-client", str(scope["client"][0]).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE})


Ask = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command line hands on by the environment ends with its test."""
    monkeypatch.setenv(PROXIED, "")


@pytest.fixture
def door_of() -> Callable[..., Ask]:
    """A door with some rules; returns what asks it."""

    def made(
        names: Names = NAMES, path: Path | None = None, clock: Any = None, **rules: Any
    ) -> Ask:
        counts = Counts(path, clock or (lambda: 1000.0))
        door = Door(app, names, counts, Rules(**rules))

        def ask(
            path: str = "/",
            headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
            *,
            method: str = "GET",
            client: str = "10.1.2.3",
            kind: str = "http",
        ) -> Answer:
            answer = Answer()

            async def receive() -> dict[str, Any]:
                return {"type": "http.request", "body": b""}

            async def send(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    answer.status = message["status"]
                    answer.headers = [
                        (name.decode().lower(), value.decode())
                        for name, value in message["headers"]
                    ]
                elif message["type"] == "http.response.body":
                    answer.body += message.get("body", b"").decode(errors="replace")
                else:
                    answer.status = {"websocket.accept": 101}.get(message["type"], 403)

            where, _, query = path.partition("?")
            sent = list(headers.items() if isinstance(headers, Mapping) else headers)
            given = sent if "host" in dict(sent) else [("host", "school.example"), *sent]
            scope = {
                "type": kind, "method": method, "path": where, "query_string": query.encode(),
                "headers": [(name.encode(), value.encode()) for name, value in given],
                "client": (client, 5000), "scheme": "http", "http_version": "1.1",
            }  # fmt: skip
            with ThreadPoolExecutor(1) as thread:  # here a browser's loop may be running
                thread.submit(asyncio.run, door(scope, receive, send)).result()
            return answer

        return ask

    return made
