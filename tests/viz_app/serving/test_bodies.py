"""Files on their way: bounded until they have come, and quiet when they do not."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse

from viz_app.serving.bodies import Bodies, Most

R = TypeVar("R")

MOST = Most(own=100, whole=250, seconds=0.2)
SCOPE = {"type": "http", "method": "PUT", "path": "/", "query_string": b"", "headers": []}
HOLDS, DROPS = -1, -2
"""In place of a part's bytes: nothing comes, and the browser is gone."""


async def reads(scope: Any, receive: Any, send: Any) -> None:
    """In Streamlit's place: takes all of a body."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def sends(bodies: Bodies, who: str, *parts: int) -> Callable[[], Awaitable[list[Any]]]:
    """A request whose body comes in such parts; what is answered: the status, then the text."""

    async def ask() -> list[Any]:
        rest, told = list(parts), []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            size = rest.pop(0)
            if size == HOLDS:
                await asyncio.sleep(60)
            if size == DROPS:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": bytes(size), "more_body": bool(rest)}

        async def send(message: Any) -> None:
            told.append(message.get("status") or message["body"].decode())

        await bodies.pass_on(reads, who, SCOPE, receive, send)
        return told

    return ask


def answers(*asked: Callable[[], Awaitable[list[Any]]]) -> list[list[Any]]:
    """What requests at the same time are answered."""

    async def all_of_them() -> list[list[Any]]:
        return list(await asyncio.gather(*(ask() for ask in asked)))

    return alone(all_of_them())


def alone(work: Coroutine[Any, Any, R]) -> R:
    """Done in a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def test_what_fits_comes_and_is_forgotten() -> None:
    """One after another a browser may send as much as it likes."""
    bodies = Bodies(MOST)
    for _ in range(3):
        assert answers(sends(bodies, "a", 60, 40)) == [[200, "100"]]
    assert not bodies.coming


def test_too_much_at_once_is_a_sentence() -> None:
    """Of one browser in several requests; of all together; the others get through."""
    bodies = Bodies(MOST)
    first, second = answers(sends(bodies, "a", 60, 1), sends(bodies, "a", 60, 1))
    assert [first[0], second[0]] == [503, 503] or sorted([first[0], second[0]]) == [200, 503]
    many = answers(*(sends(bodies, name, 90, 1, 1, 1) for name in "abc"))
    assert {told[0] for told in many} <= {200, 503}
    assert 503 in {told[0] for told in many}
    assert "at once" in next(told[1] for told in many if told[0] == 503)
    assert not bodies.coming
    assert answers(sends(bodies, "a", 100)) == [[200, "100"]]


def test_what_does_not_come_is_given_up_on() -> None:
    """It would hold its place for ever."""
    bodies = Bodies(MOST)
    ((status, told),) = answers(sends(bodies, "a", 50, HOLDS))
    assert (status, "too slowly" in told) == (503, True)
    assert not bodies.coming


def test_a_browser_that_goes_away_is_no_fault() -> None:
    """Nobody is answered, and nothing is raised, which would fill the log."""
    bodies = Bodies(MOST)
    assert answers(sends(bodies, "a", 50, DROPS)) == [[]]
    assert not bodies.coming


def test_the_app_itself_would_raise() -> None:
    """So Streamlit does, of whom an upload reads its body."""

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        pass

    with pytest.raises(ClientDisconnect):
        alone(reads(SCOPE, gone, send))
