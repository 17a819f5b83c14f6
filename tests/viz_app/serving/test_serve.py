"""Serving the app: it answers, from any folder, at the address it names."""

import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
from typer.testing import CliRunner

from viz_app import serve
from viz_app.commands.main import app
from viz_app.serving import listening, many, nginx, one

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "gatescope"
PATIENCE = 20
"""Seconds until the app must answer."""


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


WATCHED = """
import socket, sys

def near(host):
    return host in (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::")

def watched(called):
    def call(address, *rest, **more):
        host = address[0] if isinstance(address, tuple) else address
        if not near(host):
            print("LOOKED UP", address, flush=True)
        return called(address, *rest, **more)
    return call

socket.getaddrinfo = watched(socket.getaddrinfo)
socket.create_connection = watched(socket.create_connection)
socket.gethostbyname = watched(socket.gethostbyname)
from viz_app.commands.main import main
main()
"""
"""The command line, and a line more for every address of another machine."""


@contextmanager
def served(
    port: int, folder: Path, *words: str, watched: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """The app as a process of its own, started in ``folder``, where its jobs are kept."""
    begin = [sys.executable, "-c", WATCHED] if watched else [COMMAND]
    process = subprocess.Popen(
        [*begin, "app", "--port", str(port), *words],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip

    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def require_nginx() -> None:
    """Skip a test where nginx is not installed; in CI it is."""
    try:
        nginx.program()
    except ValueError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


def answer(process: subprocess.Popen[str], port: int) -> bytes:
    """What the app says of its health, as soon as it answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as reply:
                return bytes(reply.read())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer in {PATIENCE} s")


def knock(port: int, origin: str, host: str = "") -> str:
    """The first line that a web socket is answered from a page of some origin."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        lines = (
            "GET /_stcore/stream HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}",
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: c29tZSByYW5kb20gYnl0ZQ==", "Sec-WebSocket-Protocol: streamlit",
            f"Origin: {origin}", "X-Forwarded-For: 8.8.8.8", "X-Forwarded-Host: evil.example",
        )  # fmt: skip
        client.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        return client.recv(4096).decode().splitlines()[0]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0.0.0.0", pytest.param("::", marks=pytest.mark.long)]
)
def test_the_app_answers_looks_nothing_up_and_stops(port: int, tmp_path: Path, host: str) -> None:
    """It names its address, asks no other machine whatever a browser says, and ends at Ctrl-C."""
    with served(port, tmp_path, "--host", host, watched=True) as process:
        assert answer(process, port) == b"ok"
        own = f"127.0.0.1:{port}"
        for origin in ("http://evil.example", "http://8.8.8.8", "null", f"http://{own}.evil"):
            assert knock(port, origin).split()[1] == "403"
            page = urllib.request.Request(f"http://{own}/", headers={"Origin": origin})
            with urllib.request.urlopen(page) as reply:
                assert reply.headers["Access-Control-Allow-Origin"] is None
        named = "403" if host == "127.0.0.1" else "101"  # for this machine alone, by its own name
        assert knock(port, "http://school.example", "school.example").split()[1] == named
        assert knock(port, f"http://localhost:{port}", f"localhost:{port}").split()[1] == "101"
        assert knock(port, f"http://{own}").split()[1] == "101"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE)
    assert listening.address(host, port) in out.splitlines()[0]
    assert f"{listening.address(host, port)}/?teacher=" in out.splitlines()[1]
    assert len(out.splitlines()) == 2, out
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("processes", "moment"),
    [
        (1, 0.3), (1, 1.5), (2, 1.5),
        *(pytest.param(*more, marks=pytest.mark.long) for more in
          ((1, 0.8), (1, 2.5), (2, 0.3), (2, 0.8), (2, 2.5))),
    ],
)  # fmt: skip
def test_a_server_that_has_just_begun_ends_at_once(
    port: int, tmp_path: Path, processes: int, moment: float
) -> None:
    """At SIGTERM, whatever it is importing: by itself, or by the signal, and never by an abort."""
    if processes > 1:
        require_nginx()
    with served(port, tmp_path, "--processes", str(processes)) as process:
        time.sleep(moment)
        process.terminate()
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, -signal.SIGTERM), out
    assert "Traceback" not in out
    assert len(out.splitlines()) <= 2, out


def test_a_port_in_use_is_one_line(taken: int) -> None:
    """Exit status 2, and nothing is started."""
    result = CliRunner().invoke(app, ["app", "--port", str(taken)])
    expected = f"gatescope: port {taken} is in use on 127.0.0.1: choose another with --port\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", expected)


def test_the_address_is_said_when_it_answers(
    port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not while imports are still being done; who comes before waits at the open socket."""
    monkeypatch.setenv("GATESCOPE_TEACHER", "a" * 16)

    def serve_one(door: socket.socket, host: str, ready: Callable[[], None]) -> None:
        socket.create_connection(door.getsockname()).close()
        assert capsys.readouterr().out == ""
        ready()

    monkeypatch.setattr(one, "serve", serve_one)
    serve.serve("127.0.0.1", port)
    assert f"http://127.0.0.1:{port}" in capsys.readouterr().out


def test_a_host_that_no_network_has_is_one_line() -> None:
    """A name that is too long to be looked up."""
    result = CliRunner().invoke(app, ["app", "--host", "x" * 300])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot listen on xxx" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("origin", ["https://*", "https://a.example;script-src *", "a.example"])
def test_an_origin_that_is_none_is_one_line(origin: str) -> None:
    """Before an address is named."""
    result = CliRunner().invoke(app, ["app", "--processes", "2", "--embed", origin])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not an origin" in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_teachers_address_works_with_any_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a browser reads it."""
    monkeypatch.setenv("GATESCOPE_TEACHER", "clé & #key+1")
    listening.announce("127.0.0.1", 8501)
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "?teacher=" in line)
    asked = urlsplit(line.split(" ")[-1])
    assert (asked.fragment, parse_qs(asked.query)) == ("", {"teacher": ["clé & #key+1"]})


def test_what_would_weaken_a_server_is_not_taken_from_the_environment(tmp_path: Path) -> None:
    """Streamlit reads variables of its own; ours count."""
    code = (
        "from streamlit.web.bootstrap import load_config_options;"
        "from viz_app.serving.listening import settings; from streamlit import config;"
        "load_config_options(settings('127.0.0.1', 1));"
        "print([config.get_option(name) for name in ("
        "'server.enableXsrfProtection', 'server.enableCORS', 'server.enableStaticServing',"
        "'server.baseUrlPath', 'client.showErrorDetails', 'server.maxUploadSize')])"
    )
    bent = {
        "ENABLE_XSRF_PROTECTION": "false", "ENABLE_CORS": "false", "BASE_URL_PATH": "x",
        "ENABLE_STATIC_SERVING": "true", "MAX_UPLOAD_SIZE": "9000",
    }  # fmt: skip
    weak = {f"STREAMLIT_SERVER_{name}": value for name, value in bent.items()}
    weak["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, **weak},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[True, True, False, '', 'none', 50]"


def test_what_nginx_started_ends_with_it(tmp_path: Path) -> None:
    """It would keep the port, of a server that has ended too."""
    script = f"sleep 600 & echo $! > {tmp_path}/child; exec sleep 600"
    kept = many.Kept(partial(many._started, ["sh", "-c", script]), with_children=True)
    kept.tend()
    assert kept.process is not None
    while not (tmp_path / "child").is_file() or not (tmp_path / "child").read_text():
        time.sleep(0.01)
    child = psutil.Process(int((tmp_path / "child").read_text()))
    kept.process.kill()
    kept.process.wait()
    assert child.is_running()
    kept.wait = 600.0
    kept.tend()
    assert not psutil.wait_procs([child], PATIENCE)[1] or child.status() == psutil.STATUS_ZOMBIE


def test_own_runs_reach_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an environment variable, whole, whatever folder the app is in."""
    monkeypatch.setenv("GATESCOPE_RUNS", "before")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(serve, "serve", lambda *given: asked.append(given))
    result = CliRunner().invoke(app, ["app", "--runs", "mine"])
    assert (result.exit_code, asked) == (0, [("127.0.0.1", 8501, 1, None)])
    assert os.environ["GATESCOPE_RUNS"] == str(tmp_path / "mine")


def test_every_option_reaches_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the environment; what was not given leaves it as it is."""
    options = {
        "--jobs-each": "2", "--job-hours": "5", "--new-browsers": "60", "--embed": "https://a.b",
    }  # fmt: skip
    names = ("JOBS_EACH", "JOB_HOURS", "NEW_BROWSERS", "EMBED", "PROXIED", "SCHEDULER")
    for name in names:
        monkeypatch.setenv(f"GATESCOPE_{name}", "" if name == "SCHEDULER" else "before")
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(serve, "serve", lambda *given: asked.append(given))
    words = [word for option in options.items() for word in option]
    result = CliRunner().invoke(app, ["app", *words, "--behind-proxy", "--processes", "3"])
    assert (result.exit_code, asked) == (0, [("127.0.0.1", 8501, 3, None)])
    found = [os.environ[f"GATESCOPE_{name}"] for name in names]
    assert found == ["2", "5", "60", "https://a.b", "1", ""]


def test_a_scheduler_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is served."""
    monkeypatch.setenv("GATESCOPE_SCHEDULER", "")  # what is handed on ends with this test
    result = CliRunner().invoke(app, ["app", "--scheduler", "tcp://127.0.0.1:9"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in result.stderr
    assert result.stderr.count("\n") == 1
    monkeypatch.setenv("GATESCOPE_SCHEDULER", "tcp://127.0.0.1:9")
    again = CliRunner().invoke(app, ["app"])
    assert (again.exit_code, again.stdout, again.stderr) == (2, "", result.stderr)


def test_every_setting_is_passed_on() -> None:
    """The theme and the rest are those of .streamlit/config.toml."""
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    found = listening.settings("127.0.0.1", 8501)
    assert found["theme.dark.backgroundColor"] == settings["theme"]["dark"]["backgroundColor"]
    assert found["browser.gatherUsageStats"] is False
    assert (found["server.address"], found["server.port"]) == ("127.0.0.1", 8501)
    assert found["runner.postScriptGC"] is False
    leaves = sum(
        sum(len(value) if isinstance(value, dict) else 1 for value in section.values())
        for section in settings.values()
    )
    assert len(found) == leaves + 3


def test_nothing_is_collected_after_a_run_in_a_checkout() -> None:
    """``streamlit run viz_app/app.py`` reads .streamlit/config.toml by itself."""
    code = "from streamlit import config; print(config.get_option('runner.postScriptGC'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("board.local", "http://board.local:80"),
    ],
)
def test_address_of_a_host(host: str, expected: str) -> None:
    """As a browser takes it."""
    assert listening.address(host, 80) == expected


def test_address_of_every_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own in its network; where there is no network, its name."""
    assert listening.own_address() not in ("0.0.0.0", "127.0.0.1")
    monkeypatch.setattr(listening, "ELSEWHERE", ("127.0.0.1", 9))
    assert listening.address("0.0.0.0", 80) == f"http://{socket.gethostname()}:80"


@pytest.mark.skipif(os.name != "posix", reason="there is no such limit")
@pytest.mark.parametrize(("most", "expected"), [(4096, 4096), (300, 300)])
def test_a_server_may_open_as_much_as_the_system_lets_it(most: int, expected: int) -> None:
    """Each session takes four files and sockets, and many systems begin with 1,024."""
    code = (
        f"import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (256, {most})); "
        "from viz_app.serving import one; one.open_more(); one.open_more(); "
        "print(*r.getrlimit(r.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(expected), str(most)]
    assert one.MOST_OPEN >= 4 * 1000
