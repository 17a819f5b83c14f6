"""Between the network and Streamlit: names for browsers, the teacher's key, headers, origins."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from viz_app.kit import fonts
from viz_app.kit.environment import LOCAL, NEW_BROWSERS, PROXIED, USUAL_NUMBERS, number
from viz_app.pages import FRONT
from viz_app.serving.bodies import Bodies
from viz_app.serving.counts import Counts, network
from viz_app.serving.languages import of_request
from viz_app.serving.names import COOKIE, KEPT, TEACHER_COOKIE, TEACHER_KEPT, Names
from viz_app.serving.origins import addressed, is_foreign, names_this_machine
from viz_app.serving.sockets import FULL, Sockets, guarded
from viz_app.text import say, speaking

MOST_GUESSES = 10
"""Wrong keys from one address in a minute."""

ASK = "teacher"
CLOSED = (
    "/_stcore/agent", "/_stcore/metrics", "/_stcore/script-health-check", "/auth/",
    "/oauth2callback",
)  # fmt: skip
"""Streamlit's own doors that no page uses: they drive the app, walk all its sessions, or log in."""

CHINESE = {"content-type": "font/woff", "cache-control": "public, max-age=2592000"}
"""Of the font that a browser without any Chinese one asks for."""

ORIGIN = b"origin"
"""It is no business of Streamlit's: no answer of ours is for another site's pages."""

CONDITIONS = (b"if-none-match", b"if-modified-since")
"""A browser that has the page but no name is sent the page again, with a name."""

FOREIGN = 1008
"""The code for a socket that is refused."""


@dataclass(frozen=True)
class Rules:
    """What a server holds its visitors to.

    Attributes
    ----------
    new_browsers
        Names that are given to one address in a minute.
    proxied
        Whether a proxy on this machine's loopback says whose address it is.
    local
        Whether the server is for this machine alone.
    headers
        What is added to every answer.
    """

    new_browsers: int = USUAL_NUMBERS[NEW_BROWSERS]
    proxied: bool = False
    local: bool = False
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @staticmethod
    def of_environment(headers: list[tuple[bytes, bytes]]) -> "Rules":
        """As the environment has them."""
        return Rules(
            number(NEW_BROWSERS),
            os.environ.get(PROXIED) == "1",
            os.environ.get(LOCAL) == "1",
            tuple(headers),
        )


class Door:
    """What every request passes.

    Parameters
    ----------
    app
        Streamlit's.
    names, counts, rules
        Who is who, how often, and how often is too often.
    """

    def __init__(self, app: ASGIApp, names: Names, counts: Counts, rules: Rules) -> None:
        self.app, self.names, self.counts, self.rules = app, names, counts, rules
        self.sockets, self.bodies = Sockets(), Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, answer it here, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = addressed(scope, self.rules.proxied)
        misled = self.rules.local and not names_this_machine(scope)
        refused = misled or is_foreign(scope)
        if scope["type"] == "websocket":
            await self._socket(scope, refused, receive, send)
            return
        with speaking(of_request(scope)):
            elsewhere = PlainTextResponse(say("serving.elsewhere"), 403) if misled else None
            answer, name = elsewhere or self._answer(scope, refused), self._name_of(scope)
        inner = without(scope, (ORIGIN,) if name else (ORIGIN, *CONDITIONS))
        ends = receive, self._adding(scope, bool(name), send)
        if answer or scope["method"] in ("GET", "HEAD"):
            await (answer or self.app)(inner, *ends)
        else:
            await self.bodies.pass_on(self.app, name or network(_who(scope)), inner, *ends)

    async def _socket(self, scope: Scope, refused: bool, receive: Receive, send: Send) -> None:
        """Open a socket, if it is one of our pages' and there is room."""
        name, where = self._name_of(scope), network(_who(scope))
        with self.sockets.place(name, where) as free:
            if refused or not free:
                await WebSocketClose(FOREIGN if refused else FULL)(scope, receive, send)
            else:
                ends = guarded(receive, send, lambda: self.sockets.wait(name, where))
                await self.app(scope, *ends)

    def _answer(self, scope: Scope, foreign: bool) -> Response | None:
        """What is answered here; None for what Streamlit answers."""
        if scope["path"].startswith(CLOSED):
            return PlainTextResponse(say("serving.closed"), 404)
        if foreign and scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse(say("serving.foreign"), 403)
        if scope["path"] == fonts.ADDRESS and scope["method"] in ("GET", "HEAD"):
            return Response(fonts.lent(), headers=CHINESE)
        return self._teacher(scope) or _front(scope)

    def _teacher(self, scope: Scope) -> Response | None:
        """Take the teacher's key out of an address, and remember who had it."""
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        keys = [value for name, value in asked if name == ASK]
        if not keys or scope["method"] != "GET" or scope["path"].startswith("/_stcore"):
            return None
        shown, who = keys[0], _who(scope)
        if self.counts.full("teacher", who, MOST_GUESSES):
            return PlainTextResponse(say("serving.many_guesses"), 429)
        fits = self.names.fits(shown)
        if shown and not fits:  # an empty one is given back
            self.counts.allow("teacher", who, MOST_GUESSES)
            return PlainTextResponse(say("serving.wrong_key"), 403)
        rest = [(name, value) for name, value in asked if name != ASK]
        answer = RedirectResponse(_same(scope["path"], rest), 303, {"cache-control": "no-store"})
        cookie, seconds = (self.names.teacher_cookie(), TEACHER_KEPT) if fits else ("", 0)
        _set(answer.headers, scope, TEACHER_COOKIE, cookie, seconds)
        return answer

    def _adding(self, scope: Scope, known: bool, send: Send) -> Send:
        """Add the headers, and to a page a name for a browser that has none."""

        async def added(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.rules.headers:
                    headers[name.decode()] = value.decode()
                page = headers.get("content-type", "").startswith("text/html")
                if page and message["status"] == 200 and not known:
                    self._name(scope, headers)
            await send(message)

        return added

    def _name(self, scope: Scope, headers: MutableHeaders) -> None:
        """Give a browser a name, if not too many of its address have come in this minute."""
        if self.counts.allow("browser", _who(scope), self.rules.new_browsers):
            _set(headers, scope, COOKIE, self.names.new(), KEPT)
            headers["cache-control"] = "no-store"

    def _name_of(self, scope: Scope) -> str:
        """A browser's name; empty where it has none."""
        return self.names.read(HTTPConnection(scope).cookies.get(COOKIE))


def without(scope: Scope, headers: Collection[bytes]) -> Scope:
    """A request without some of its headers."""
    kept = [(name, value) for name, value in scope["headers"] if name not in headers]
    return {**scope, "headers": kept}


def _set(headers: MutableHeaders, scope: Scope, name: str, value: str, seconds: int) -> None:
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    headers.append(
        "set-cookie",
        f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
    )


def _front(scope: Scope) -> Response | None:
    """The first page by its name: Streamlit has it at the root alone."""
    path, name = scope["path"].rstrip("/"), f"/{FRONT}"
    if not path.endswith(name) or scope["method"] != "GET":
        return None
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return RedirectResponse(_same(path.removesuffix(FRONT), asked), 307)


def _same(path: str, asked: list[tuple[str, str]]) -> str:
    """An address here; one that begins with two slashes would be another host's."""
    here = "/" + path.lstrip("/\\")
    return f"{here}?{urlencode(asked)}" if asked else here


def _who(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
