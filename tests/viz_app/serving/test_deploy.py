"""What is shipped to serve the app for others, as far as it can be tried without a container."""

import json
import re
import shlex
import socket
import subprocess
import time
import tomllib
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from viz_app import serve
from viz_app.commands.main import app
from viz_app.serving import nginx
from viz_app.serving.names import COOKIE

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "assets" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
NGINX = (DEPLOY / "nginx.conf").read_text()
SERVERS = [8601, 8602, 8603]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would be served."""
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(serve, "serve", lambda *given: found.append(given))
    return found


@pytest.fixture
def refuses() -> Any:
    """What nginx says against settings; empty where it takes them."""
    try:
        nginx.program()
    except ValueError as error:
        pytest.skip(str(error))

    def tried(folder: Path, text: str) -> str:
        try:
            nginx.prepare(folder, text)
        except ValueError as error:
            return str(error)
        return ""

    return tried


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::", "::1"])
def test_nginx_takes_its_settings(refuses: Any, tmp_path: Path, host: str) -> None:
    """The file as it is shipped, and with addresses put in."""
    assert refuses(tmp_path, NGINX) == ""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    text = nginx.settings(NGINX, host, port, SERVERS)
    assert refuses(tmp_path, text) == ""
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    assert f"listen {where}" in text
    assert re.findall(r"server 127\.0\.0\.1:(\d+)", text) == [str(number) for number in SERVERS]


def test_https_is_where_it_is_said(refuses: Any, tmp_path: Path) -> None:
    """Its commented lines are settings, with a certificate of one's own."""
    subject = ["-subj", "/CN=school.example", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "chain.pem")]
    try:
        subprocess.run(
            ["openssl", "req", "-x509", *subject, *files], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    text = re.sub(r"#   (ssl_|add_header|set_real|real_ip)", r"\1", NGINX)
    text = text.replace("127.0.0.1:8501;", "127.0.0.1:8501 ssl;")
    text = text.replace("/etc/ssl/gatescope/fullchain.pem", str(tmp_path / "chain.pem"))
    text = text.replace("/etc/ssl/gatescope/privkey.pem", str(tmp_path / "key.pem"))
    text = nginx.settings(text, "0.0.0.0", 8443, SERVERS)
    assert "listen 0.0.0.0:8443 ssl;" in text
    assert refuses(tmp_path, text) == ""


def test_what_nginx_answers_by_itself(refuses: Any, tmp_path: Path) -> None:
    """It may do nothing, a long address comes through, and nothing that was asked is logged."""
    with socket.create_server(("127.0.0.1", 0)) as probe, socket.create_server(("", 0)) as nobody:
        port, closed = probe.getsockname()[1], nobody.getsockname()[1]
    command = nginx.prepare(tmp_path, nginx.settings(NGINX, "127.0.0.1", port, [closed]))
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        answers = [
            ask(port, "/../..", 400), ask(port, f"/?prompt={'x' * 40_000}", 502),
            ask(port, "/?teacher=a-key", 502),
        ]  # fmt: skip
    finally:
        process.terminate()
        _, log = process.communicate(timeout=20)
    for headers in answers:
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff"
    assert log == ""


def ask(port: int, path: str, expected: int) -> HTTPMessage:
    """The headers of an answer, as soon as there is one."""
    end = time.monotonic() + 20
    while True:
        connection = HTTPConnection("127.0.0.1", port)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.02)
        else:
            assert answer.status == expected
            return answer.headers
        finally:
            connection.close()


def test_what_nginx_refuses_is_one_line(refuses: Any, tmp_path: Path) -> None:
    """In its own words."""
    told = refuses(tmp_path, NGINX.replace("access_log off;", "acces_log off;"))
    assert 'unknown directive "acces_log"' in told
    assert "\n" not in told


@pytest.mark.parametrize("line", ["listen 127.0.0.1:8501", "max_fails=0"])
def test_a_copy_without_the_lines_that_are_replaced(line: str) -> None:
    """Its processes would never be asked."""
    with pytest.raises(ValueError, match="lack the lines"):
        nginx.settings(NGINX.replace(line, "x"), "127.0.0.1", 8501, SERVERS)


def test_nginx_knows_what_the_app_knows() -> None:
    """The cookie's name, and a little more than the largest upload."""
    assert f"$cookie_{COOKIE}" in NGINX
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    (most,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert int(most) == settings["server"]["maxUploadSize"] + 1


def test_nginx_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, which says what to install."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(nginx, "OFTEN", "")
    result = CliRunner().invoke(app, ["app", "--processes", "2"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "apt install nginx-light" in result.stderr


def test_a_proxy_before_several_processes_is_named_to_nginx() -> None:
    """To believe its header here would be to believe nginx, which knows the proxy alone."""
    result = CliRunner().invoke(app, ["app", "--processes", "2", "--behind-proxy"])
    assert result.exit_code == 2
    assert "--nginx-conf" in result.stderr


def test_the_image_can_be_built_from_this_tree(asked: list[tuple[Any, ...]]) -> None:
    """Every path that it copies is there, and its command can be read."""
    for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources)
    (command,) = re.findall(r"^CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)
    program, *words = json.loads(command)
    assert program == "gatescope"
    assert CliRunner().invoke(app, words).exit_code == 0
    assert asked == [("0.0.0.0", 8501, 2, None)]


def test_compose_serves_the_image_with_bounds(
    asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its volume is where the image keeps its data; what is commented out can be read too."""
    text = (DEPLOY / "compose.yaml").read_text()
    service = yaml.safe_load(text)["services"]["gatescope"]
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    (kept,) = re.findall(r"GATESCOPE_JOBS=(\S+)", DOCKERFILE)
    assert service["volumes"] == [f"runs:{kept}"]
    assert service["ports"] == ["127.0.0.1:8501:8501"]
    assert {"mem_limit", "pids_limit", "read_only", "cap_drop"} <= service.keys()
    (line,) = re.findall(r"# command: gatescope (.+)", text)
    words = shlex.split(line)
    own = tmp_path / "nginx.conf"
    own.write_text(NGINX)
    words[words.index("--nginx-conf") + 1] = str(own)
    assert CliRunner().invoke(app, words).exit_code == 0
    assert asked == [("0.0.0.0", 8501, 2, own)]
