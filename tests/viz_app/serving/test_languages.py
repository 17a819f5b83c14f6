"""A request that is answered before there is a session is answered in the reader's words."""

import pytest
from starlette.types import Scope

from viz_app.serving.languages import COOKIE, accepted, of_request
from viz_app.text import LANGUAGE


def request(query: str = "", cookie: str = "", accept: str = "") -> Scope:
    """A request with what says a language."""
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode()), (b"accept-language", accept.encode())]
    return {"type": "http", "query_string": query.encode(), "headers": headers}


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "server", "expected"),
    [
        ("lang=zh", "en", "en", "", "zh"), ("lang=tlh", "zh", "en", "", "zh"),
        ("teacher=x", "", "zh-CN,zh;q=0.9,en;q=0.8", "", "zh"), ("", "en", "zh", "", "en"),
        ("", "", "en-US,zh;q=0.9", "", "en"), ("", "", "de, fr;q=0.5", "zh", "zh"),
        ("", "", "zh;q=0", "", "en"), ("", "", "", "", "en"), ("lang=%ff", "", "zh;q=x", "", "en"),
    ],
)  # fmt: skip
def test_the_address_the_cookie_the_browser_the_server(
    monkeypatch: pytest.MonkeyPatch,
    query: str, cookie: str, accept: str, server: str, expected: str,
) -> None:  # fmt: skip
    """The first that there are texts in."""
    monkeypatch.setenv(LANGUAGE, server)
    assert of_request(request(query, cookie, accept)) == expected


def test_a_header_is_read_by_its_weights() -> None:
    """What has none weighs most; a long one is not read to its end."""
    assert accepted("en;q=0.8, zh, de;q=0.9, fr;q=0, ;q=1") == ["zh", "de", "en"]
    assert len(accepted(",".join(f"a{k}" for k in range(1000)))) == 20
