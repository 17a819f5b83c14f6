"""In whose words a request is answered before there is a session: refusals, and wrong keys."""

import os
from collections.abc import Iterator
from urllib.parse import parse_qsl

from starlette.requests import HTTPConnection
from starlette.types import Scope

from viz_app.text import DEFAULT, LANGUAGE, known

COOKIE = "gatescope_language"
"""What a browser chose from the menu."""

ASKED = "lang"
"""Its name in an address."""

MOST = 20
"""So many languages of a browser are looked at."""


def of_request(scope: Scope) -> str:
    """The address's, the menu's, the browser's, the server's; else English."""
    return next((found for tag in _said(scope) if (found := known(tag))), DEFAULT)


def _said(scope: Scope) -> Iterator[str]:
    browser = HTTPConnection(scope)
    asked = parse_qsl(scope.get("query_string", b"").decode("latin-1"))
    yield from (value for name, value in asked if name == ASKED)
    yield browser.cookies.get(COOKIE, "")
    yield from accepted(browser.headers.get("accept-language", ""))
    yield os.environ.get(LANGUAGE, "")


def accepted(header: str) -> list[str]:
    """The languages of a header as ``zh-CN,zh;q=0.9,en;q=0.8``, the first first."""
    weighed = []
    for place, part in enumerate(header.split(",")[:MOST]):
        tag, _, rest = part.strip().partition(";")
        try:
            weight = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            weight = 0.0
        if tag and weight > 0:
            weighed.append((-weight, place, tag))
    return [tag for _, _, tag in sorted(weighed)]
