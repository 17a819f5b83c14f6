"""What a request passes: names, the teacher's key, origins, proxies, headers."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.viz_app.serving.conftest import NAMES, Ask
from viz_app.kit import fonts
from viz_app.serving import sockets
from viz_app.serving.door import CLOSED, MOST_GUESSES
from viz_app.serving.headers import embedding, headers, inline_scripts, policy
from viz_app.serving.names import COOKIE, TEACHER_COOKIE
from viz_app.text import say, speaking

Doors = Callable[..., Ask]
HTTPS = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}


def test_a_page_gives_a_browser_its_name_once(door_of: Doors) -> None:
    """HttpOnly and SameSite=Lax; scripts, sockets and known browsers get none."""
    ask = door_of()
    answer = ask("/mystery")
    cookie = answer.cookie(COOKIE)
    assert NAMES.read(cookie)
    (header,) = answer.all("set-cookie")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(header.split("; "))
    assert "Secure" not in header
    assert answer.all("cache-control") == ["no-store"]
    again = ask("/", {"cookie": f"a=b; {COOKIE}={cookie}"})
    assert (again.status, again.all("set-cookie")) == (200, [])
    assert ask("/static/index.js").all("set-cookie") == []


@pytest.mark.parametrize("bent", ["", "0123456789abcdef", "0123456789abcdef.AAAA", "x" * 9000])
def test_an_invented_name_is_replaced(door_of: Doors, bent: str) -> None:
    """Whatever a browser sends for one."""
    ask = door_of()
    assert NAMES.read(ask("/", {"cookie": f"{COOKIE}={bent}"}).cookie(COOKIE))


def test_a_browser_that_kept_the_page_but_not_its_name_gets_both(door_of: Doors) -> None:
    """Who has a name is told that nothing has changed."""
    ask = door_of()
    assert NAMES.read(ask("/", {"if-none-match": "x"}).cookie(COOKIE))
    known = {"cookie": f"{COOKIE}={NAMES.new()}", "if-none-match": "x"}
    assert ask("/", known).status == 304


def test_so_many_new_browsers_of_an_address(door_of: Doors) -> None:
    """Beyond, a page comes without a name; other addresses and known browsers notice nothing."""
    now = [1000.0]
    ask = door_of(new_browsers=3, clock=lambda: now[0])
    cookies = [ask().cookie(COOKIE) for _ in range(5)]
    assert [bool(cookie) for cookie in cookies] == [True] * 3 + [False] * 2
    assert ask().status == 200
    assert ask(client="10.9.9.9").cookie(COOKIE)
    known = {"cookie": f"{COOKIE}={cookies[0]}"}
    assert (ask("/", known).status, ask("/", known).cookie(COOKIE)) == (200, None)
    now[0] += 70
    assert ask().cookie(COOKIE)


@pytest.mark.parametrize("forged", ["1.1.1.{}", "1.1.1.{}, 2.2.2.{}", "[::{}]", "nonsense {}"])
def test_an_address_that_a_stranger_claims_is_not_believed(door_of: Doors, forged: str) -> None:
    """Without a proxy of ours nobody's; with one, only what comes from this machine."""
    for rules, client in (({}, "10.1.2.3"), ({}, "127.0.0.1"), ({"proxied": True}, "10.1.2.3")):
        ask = door_of(new_browsers=3, **rules)
        given = [
            ask("/", {"x-forwarded-for": forged.format(n, n)}, client=client).cookie(COOKIE)
            for n in range(6)
        ]
        assert sum(map(bool, given)) == 3


def test_our_own_proxy_is_believed(door_of: Doors) -> None:
    """The last address is the one that it added; a page over HTTPS has secure cookies."""
    ask = door_of(new_browsers=1, proxied=True)
    chain = {"x-forwarded-for": "1.1.1.1, 203.0.113.9"}
    assert ask("/", chain, client="127.0.0.1").all("x-client") == ["203.0.113.9"]
    assert not ask("/", {"x-forwarded-for": "203.0.113.9"}, client="::1").cookie(COOKIE)
    assert ask("/", {"x-forwarded-for": "203.0.113.8"}, client="::1").cookie(COOKIE)
    ask = door_of(proxied=True)
    (header,) = ask("/", HTTPS, client="127.0.0.1").all("set-cookie")
    assert header.endswith("; Secure")
    (header,) = ask("/", HTTPS, client="10.1.2.3").all("set-cookie")
    assert "Secure" not in header


def test_a_proxy_that_adds_a_header_of_its_own_is_believed(door_of: Doors) -> None:
    """What a stranger sent stands in the one before it."""
    ask = door_of(proxied=True)
    two = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9")]
    assert ask("/", two, client="127.0.0.1").all("x-client") == ["203.0.113.9"]


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501", "a.localhost"])
def test_a_server_for_one_machine_goes_by_its_own_name(door_of: Doors, host: str) -> None:
    """And a program that names none is heard."""
    ask = door_of(local=True)
    for given in ({"host": host}, {"host": host, "origin": f"http://{host}"}, {"host": ""}):
        assert ask("/", given).status == 200
        assert ask("/_stcore/stream", given, kind="websocket").status == 101


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "localhost.evil.example", "8.8.8.8", "[", "[::2]"]
)
def test_a_name_that_was_made_to_lead_here_is_refused(door_of: Doors, host: str) -> None:
    """Its page would be taken for ours; a server for others has any name."""
    ask = door_of(local=True)
    given = {"host": host, "origin": f"http://{host}"}
    assert ask("/", given).body == say("serving.elsewhere")
    assert ask("/?teacher=correct+horse", given).status == 403
    assert ask("/_stcore/upload_file/a/b", given, method="PUT").status == 403
    assert ask("/_stcore/stream", given, kind="websocket").status == 403
    assert door_of()("/", {"host": host}).status == 200


def test_the_last_cookie_of_the_name_counts(door_of: Doors) -> None:
    """In one header or several, as Streamlit counts them."""
    ask, good = door_of(), f"{COOKIE}={NAMES.new()}"
    for given, known in (
        ([("cookie", f"{COOKIE}=bent; {good}")], True),
        ([("cookie", f"{good}; {COOKIE}=bent")], False),
        ([("cookie", f"{COOKIE}=bent"), ("cookie", good)], True),
        ([("cookie", good), ("cookie", f"{COOKIE}=bent")], False),
    ):
        assert (ask("/", given).cookie(COOKIE) is None) is known


def test_a_browser_has_so_many_sockets(door_of: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open at a time; without a name, and with many, so many at one address."""
    places = sockets.Sockets()
    monkeypatch.setattr(sockets, "MOST_OWN", 2)
    monkeypatch.setattr(sockets, "MOST_THERE", 4)
    with ExitStack() as stack:

        def opened(name: str, address: str = "10.0.0.1") -> bool:
            return stack.enter_context(places.place(name, address))

        assert [opened("a") for _ in range(3)] == [True, True, False]
        assert [opened("b"), opened(""), opened("")] == [True, True, False]
        assert [opened("c"), opened("c", "10.0.0.2")] == [False, True]
    with places.place("a", "10.0.0.1") as free:
        assert free
    ask = door_of()
    monkeypatch.setattr(sockets, "MOST_THERE", 0)
    assert ask("/_stcore/stream", kind="websocket").status == 403


def test_who_asks_too_fast_waits() -> None:
    """After so many at once as many a second as one may have; others do not wait for it."""
    now = [0.0]
    places = sockets.Sockets(lambda: now[0])
    waits = [places.wait("a", "x") for _ in range(sockets.AT_ONCE + 20)]
    assert max(waits[: sockets.AT_ONCE]) < 1e-9
    assert waits[-1] == pytest.approx(20 / sockets.OWN_PACE)
    assert places.wait("b", "x") == places.wait("", "x") == pytest.approx(0, abs=1e-9)
    now[0] += 2
    assert places.wait("a", "x") == pytest.approx(1 / sockets.OWN_PACE)
    now[0] += 60
    assert max(places.wait("a", "x") for _ in range(sockets.AT_ONCE)) < 1e-9


def told(**fields: Any) -> bytes:
    """A message of Streamlit's."""
    return BackMsg(**fields).SerializeToString()


RERUN = told(rerun_script={"page_name": "train"})


def heard(*sent: dict[str, Any]) -> tuple[list[bytes], list[int]]:
    """What an app hears of what a browser sends by a socket, and the codes that it is closed by."""
    rest = [{"type": "websocket.receive", **each} for each in sent]
    rest.append({"type": "websocket.disconnect", "code": 1000})
    came: list[bytes] = []
    codes: list[int] = []

    async def receive() -> dict[str, Any]:
        return rest.pop(0)

    async def send(message: Any) -> None:
        if message["type"] == "websocket.close":
            codes.append(message["code"])

    async def app() -> None:
        received, answer = sockets.guarded(receive, send, lambda: 0.0)
        while (message := await received())["type"] == "websocket.receive":
            came.append(message["bytes"])
        await answer({"type": "websocket.send", "bytes": b"too late"})

    with ThreadPoolExecutor(1) as thread:  # here a browser's loop may be running
        thread.submit(asyncio.run, app()).result()
    return came, codes


@pytest.mark.parametrize(
    "sent",
    [
        {"clear_cache": True}, {"set_run_on_save": True}, {"load_git_info": True}, {},
        {"debug_shutdown_runtime": True}, {"debug_disconnect_websocket": True},
        {"file_urls_request": {"file_names": ["a"] * 101}},
    ],
)  # fmt: skip
def test_what_no_page_sends_is_not_heard(sent: dict[str, Any]) -> None:
    """The first would empty all caches for everybody."""
    assert heard({"bytes": told(**sent)}, {"bytes": RERUN}) == ([RERUN], [])


@pytest.mark.parametrize("sent", [{"text": "hello"}, {"bytes": b"\xff" * 30}, {"text": None}])
def test_what_is_no_message_ends_the_socket(sent: dict[str, Any]) -> None:
    """Without a word in the log."""
    assert heard({"bytes": RERUN}, sent, {"bytes": RERUN}) == ([RERUN], [1002])


def test_the_key_is_taken_out_of_the_address(door_of: Doors) -> None:
    """What else stands in it stays; the browser is the teacher's from then on."""
    answer = door_of()("/train?job=a%26b&teacher=correct+horse&x=&job=2")
    assert (answer.status, answer.all("location")) == (303, ["/train?job=a%26b&x=&job=2"])
    assert NAMES.is_teacher(answer.cookie(TEACHER_COOKIE))
    assert answer.all("cache-control") == ["no-store"]
    assert door_of()("/?teacher=correct+horse").all("location") == ["/"]


def test_the_first_page_opens_by_its_name_too(door_of: Doors) -> None:
    """With what is asked; no other page, and no other host, is meant by it."""
    ask = door_of()
    for path, there in (("/start", "/"), ("/start/?variant=rnn&x=", "/?variant=rnn&x=")):
        answer = ask(path)
        assert (answer.status, answer.all("location")) == (307, [there])
    assert ask("/start?teacher=correct+horse").all("location") == ["/start"]
    assert ask("//evil.example/start").all("location") == ["/evil.example/"]
    assert ask("/gates").status == 200


def test_a_wrong_key_is_a_sentence(door_of: Doors) -> None:
    """And no cookie; an empty one gives the right one back."""
    answer = door_of()("/?teacher=wrong")
    assert (answer.status, answer.cookie(TEACHER_COOKIE)) == (403, None)
    assert "not the teacher's key" in answer.body
    back = door_of()("/?teacher=")
    assert (back.status, back.cookie(TEACHER_COOKIE)) == (303, "")


def test_a_refusal_is_in_the_browsers_language(door_of: Doors) -> None:
    """There is no session yet that has one."""
    ask = door_of()
    chinese = ask("/?teacher=wrong", {"accept-language": "zh-CN,zh;q=0.9"})
    with speaking("zh"):
        assert chinese.body == say("serving.wrong_key")
    english = ask("/?teacher=wrong&lang=en", {"accept-language": "zh"})
    assert english.body == say("serving.wrong_key")


def test_chinese_is_lent_to_a_browser_that_has_none(door_of: Doors) -> None:
    """One font, which it keeps; nothing else of that folder."""
    answer = door_of()(fonts.ADDRESS)
    assert answer.status == 200
    assert answer.all("content-type") == ["font/woff"]
    assert "max-age" in answer.all("cache-control")[0]
    assert door_of()("/fonts/OFL.md").all("content-type") != ["text/markdown"]


def test_guessing_the_key_is_limited(door_of: Doors) -> None:
    """After so many wrong ones in a minute the right one is not looked at, there alone."""
    ask = door_of()
    tries = [ask(f"/?teacher={n}").status for n in range(MOST_GUESSES + 3)]
    assert tries == [403] * MOST_GUESSES + [429] * 3
    assert ask("/?teacher=correct+horse").status == 429
    assert ask("/?teacher=correct+horse", client="10.4.4.4").status == 303


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "///evil.example"])
def test_the_key_leads_to_no_other_host(door_of: Doors, path: str) -> None:
    """However many slashes an address begins with."""
    (where,) = door_of()(f"{path}?teacher=correct+horse").all("location")
    assert not urlsplit(where).netloc
    assert where[0] == "/"
    assert where[1] not in "/\\"


ORIGINS = [
    "http://evil.example", "null", "", "http://school.example.evil.example", "http://[",
    "http://school.example:81", "school.example", "http://8.8.8.8", "http://localhost",
]  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
def test_another_site_opens_no_socket_and_sends_nothing(door_of: Doors, origin: str) -> None:
    """What it reads has no header that would let it; Streamlit never sees its origin."""
    ask = door_of()
    assert ask("/_stcore/stream", {"origin": origin}, kind="websocket").status == 403
    assert ask("/_stcore/upload_file/a/b", {"origin": origin}, method="PUT").status == 403
    assert ask("/_stcore/upload_file/a/b", {"origin": origin}, method="POST").status == 403
    answer = ask("/", {"origin": origin})
    assert (answer.status, answer.all("x-origin")) == (200, ["none"])


def test_our_own_pages_do(door_of: Doors) -> None:
    """And a program, which sends no origin."""
    ask = door_of()
    own = {"origin": "https://school.example"}
    for sent in (own, {}):
        assert ask("/_stcore/stream", sent, kind="websocket").status == 101
        answer = ask("/_stcore/upload_file/a/b", sent, method="PUT")
        assert (answer.status, answer.all("x-origin")) == (200, ["none"])
    odd = {"origin": "http://[::1]:8501", "host": "[::1]:8501"}
    assert ask("/_stcore/stream", odd, kind="websocket").status == 101


@pytest.mark.parametrize("path", [*CLOSED, "/_stcore/agent/mcp", "/auth/login"])
def test_doors_that_no_page_uses_are_closed(door_of: Doors, path: str) -> None:
    """For reading and writing."""
    assert {door_of()(path, method=method).status for method in ("GET", "POST")} == {404}


def test_every_answer_has_the_headers(door_of: Doors) -> None:
    """Pages, scripts, redirects and refusals."""
    ask = door_of(headers=tuple(headers()))
    for path in ("/", "/a.js", "/?teacher=x", "/?teacher=correct+horse", CLOSED[0]):
        answer = ask(path)
        for name, value in headers():
            assert answer.all(name.decode()) == [value.decode()]
    assert ask("/").all("x-frame-options") == ["SAMEORIGIN"]
    assert ask("/").all("x-content-type-options") == ["nosniff"]


def rules_of(text: str) -> dict[str, list[str]]:
    """A policy's rules by name."""
    return {name: rest for name, *rest in (part.split() for part in text.split(";"))}


def test_the_policy_names_no_other_host() -> None:
    """Scripts come from here, and stand in no page but by their digest."""
    found = rules_of(policy())
    sources = {source for rule in found.values() for source in rule}
    assert not {each for each in sources if not each.startswith("'")} - {"data:", "blob:"}
    digests = [f"'sha256-{mark}'" for mark in inline_scripts()]
    # a blob is made by a script that runs already: so Streamlit loads a component's
    assert found["script-src"] == ["'self'", "'unsafe-eval'", "blob:", *digests]
    assert found["default-src"] == found["base-uri"] == ["'self'"]
    assert found["frame-ancestors"] == ["'self'"]
    assert found["object-src"] == ["'none'"]


def test_other_sites_may_be_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, and then without the header that knows no names."""
    monkeypatch.setenv(
        "GATESCOPE_EMBED",
        "https://a.example http://b.example:81 https://*.c.example http://[::1]:81",
    )
    origins = embedding()
    assert rules_of(policy(origins))["frame-ancestors"] == ["'self'", *origins]
    assert b"x-frame-options" not in dict(headers(origins))


@pytest.mark.parametrize(
    "origin",
    [
        "a.example", "https://a.example/", "https://a.example;", "*", "javascript:x", "https://",
        "https://*", "https://a.*", "https://a.example:99999", "https://a.example:", "https://é.example",
        "https://u@a.example", "https://a.example?x", "https://[::1", "https://a..example",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_a_sentence(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would end in a header."""
    monkeypatch.setenv("GATESCOPE_EMBED", origin)
    with pytest.raises(ValueError, match=f"^{re.escape(say('cli.no_origin', origin=origin))}$"):
        embedding()


def test_processes_limit_new_browsers_together(door_of: Doors, tmp_path: Path) -> None:
    """One file for all of them."""
    doors: list[Any] = [door_of(path=tmp_path / "counts", new_browsers=3) for _ in range(2)]
    given = [doors[n % 2]().cookie(COOKIE) for n in range(6)]
    assert sum(map(bool, given)) == 3
