"""By which addresses other machines may reach this one: a machine is often in several networks."""

import socket
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, ip_address
from struct import pack
from urllib.parse import urlsplit

from viz_app.serving.listening import own_address

try:
    from fcntl import ioctl
except ImportError:  # Windows
    ioctl = None  # type: ignore[assignment]

ASK_ADDRESS = 0x8915
"""Linux's ``SIOCGIFADDR``: the address of a network interface."""

MOST = 8


def own_addresses() -> list[str]:
    """This machine's addresses in its networks, the most likely first; none that only it knows."""
    return others([own_address(), *_of_interfaces(), *_of_name()])


def others(found: Iterable[str]) -> list[str]:
    """Of some addresses those by which another machine may find this one, each once.

    A network of containers comes last: phones are not in it.
    """
    kept = [each for each in dict.fromkeys(found) if _is_seen_by_others(each)]
    return sorted(kept, key=_is_of_containers)[:MOST]


def with_host(url: str, host: str) -> str:
    """The same address at another host, at the same port."""
    parts = urlsplit(url)
    named = f"[{host}]" if ":" in host else host
    port = "" if parts.port is None else f":{parts.port}"
    return parts._replace(netloc=f"{named}{port}").geturl()


def _is_seen_by_others(host: str) -> bool:
    try:
        found = ip_address(host)
    except ValueError:  # a name
        return bool(host) and host.rpartition(".")[2] != "localhost"
    return not (
        found.is_loopback or found.is_unspecified or found.is_link_local or found.is_multicast
    )


def _is_of_containers(host: str) -> bool:
    with suppress(ValueError):
        found = ip_address(host)
        return isinstance(found, IPv4Address) and int(found) >> 16 in range(0xAC11, 0xAC20)
    return False


def _of_interfaces() -> list[str]:
    """One address for each network interface, where the system tells."""
    found = []
    if ioctl is not None and hasattr(socket, "if_nameindex"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            for _, name in socket.if_nameindex():
                with suppress(OSError):
                    answer = ioctl(probe.fileno(), ASK_ADDRESS, pack("256s", name.encode()[:15]))
                    found.append(socket.inet_ntoa(answer[20:24]))
    return found


def _of_name() -> list[str]:
    """What this machine's own name leads to, and the name itself."""
    name = socket.gethostname()
    with suppress(OSError):
        return [*socket.gethostbyname_ex(name)[2], name]
    return []
