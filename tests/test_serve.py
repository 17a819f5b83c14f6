"""Serving the app: it answers, from any folder, at the address it names."""

import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from viz_app import serve
from viz_app.cli import app

ROOT = Path(__file__).parents[1]
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


@contextmanager
def served(port: int, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The app as a process of its own, started in ``folder``."""
    process = subprocess.Popen(
        [COMMAND, "app", "--port", str(port), *words],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


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


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_app_answers_and_stops(port: int, tmp_path: Path, host: str) -> None:
    """It names its address, takes every setting as its own, and ends at Ctrl-C."""
    with served(port, tmp_path, "--host", host) as process:
        assert answer(process, port) == b"ok"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE)
    assert serve.address(host, port) in out.splitlines()[0]
    assert process.returncode == 0


def test_a_port_in_use_is_one_line(taken: int) -> None:
    """Exit status 2, and nothing is started."""
    result = CliRunner().invoke(app, ["app", "--port", str(taken)])
    expected = f"gatescope: port {taken} is in use on 127.0.0.1: choose another by --port\n"
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", expected)


def test_own_runs_reach_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an environment variable, whole, whatever folder the app is in."""
    monkeypatch.setenv("GATESCOPE_RUNS", "before")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(serve, "serve", lambda host, port: asked.append((host, port)))
    result = CliRunner().invoke(app, ["app", "--runs", "mine"])
    assert (result.exit_code, asked) == (0, [("127.0.0.1", 8501)])
    assert os.environ["GATESCOPE_RUNS"] == str(tmp_path / "mine")


def test_every_setting_is_passed_on() -> None:
    """The theme and the rest are those of .streamlit/config.toml."""
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    found = serve.flags("127.0.0.1", 8501)
    assert f"--theme.dark.backgroundColor={settings['theme']['dark']['backgroundColor']}" in found
    assert "--browser.gatherUsageStats=false" in found
    assert {"--server.address=127.0.0.1", "--server.port=8501"} <= set(found)
    assert "--runner.postScriptGC=false" in found
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
    assert serve.address(host, 80) == expected


def test_address_of_every_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own in its network; where there is no network, its name."""
    assert serve.own_address() not in ("0.0.0.0", "127.0.0.1")
    monkeypatch.setattr(serve, "ELSEWHERE", ("127.0.0.1", 9))
    assert serve.address("0.0.0.0", 80) == f"http://{socket.gethostname()}:80"
