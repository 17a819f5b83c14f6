"""Files on their way here: what has come lies on the disk until all of it has, so it is bounded.

`upload_store` bounds what has arrived.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from viz_app.serving.languages import of_request
from viz_app.text import say, speaking


@dataclass(frozen=True)
class Most:
    """Bytes on their way from one browser and from all together, and seconds for one request."""

    own: int = 2**27
    whole: int = 2**29
    seconds: float = 600.0


class Bodies:
    """The bytes that are on their way to this process, by whose they are.

    Parameters
    ----------
    most
        How many there may be.
    """

    def __init__(self, most: Most | None = None) -> None:
        self.coming: Counter[str] = Counter()
        self._most = most or Most()

    async def pass_on(
        self, app: ASGIApp, who: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let a request through while there is room; one that is given up on ends quietly.

        Parameters
        ----------
        app
            Answers it.
        who
            Whose it is.
        scope, receive, send
            The request, and the server's two ends.
        """
        until = asyncio.get_running_loop().time() + self._most.seconds
        taken, refused, begun = 0, False, False

        async def counted() -> Message:
            nonlocal taken, refused
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                message = {"type": "http.disconnect"}
                refused = True
            size = len(message.get("body", b""))
            taken += size
            self.coming[who] += size
            if self.coming[who] > self._most.own or self.coming.total() > self._most.whole:
                refused = True
            return {"type": "http.disconnect"} if refused else message

        async def answered(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, counted, answered)
        except ClientDisconnect:
            if refused and not begun:
                with speaking(of_request(scope)):
                    told = say("serving.sending")
                headers = {"connection": "close"}
                await PlainTextResponse(told, 503, headers)(scope, receive, send)
        finally:
            self.coming[who] -= taken
            self.coming += Counter()  # without whoever sends nothing any more
