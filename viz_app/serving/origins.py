"""Where a request comes from, and by which name it came here."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope


def addressed(scope: Scope, proxied: bool) -> Scope:
    """A request with the address and scheme that a proxy on this machine tells of."""
    client = scope.get("client")
    if not proxied or client is None or not _is_loopback(client[0]):
        return scope
    headers = Headers(scope=scope)
    last, scheme = _last(headers, "x-forwarded-for"), _last(headers, "x-forwarded-proto")
    found = dict(scope)
    if _is_address(last):
        found["client"] = (last, 0)
    if scheme in ("http", "https"):
        found["scheme"] = scheme if scope["type"] == "http" else scheme.replace("http", "ws")
    return found


def names_this_machine(scope: Scope) -> bool:
    """Whether a request is for this machine by its own name.

    A page of another site may have its name lead here, and would be taken for one of ours.
    """
    host = Headers(scope=scope).get("host")
    try:
        name = urlsplit(f"//{host or 'localhost'}").hostname or ""
    except ValueError:
        return False
    return name.rpartition(".")[2] == "localhost" or _is_loopback(name)


def is_foreign(scope: Scope) -> bool:
    """Whether a request comes from a page of another origin.

    Streamlit would look up its own outer address to find out.
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    return origin is not None and host_of(origin) != headers.get("host")


def host_of(origin: str) -> str:
    """The host and port of an origin; empty where it is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _last(headers: Headers, name: str) -> str:
    """What the nearest proxy says: it adds to a header, or adds one more of that name."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
