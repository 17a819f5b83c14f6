"""By which address phones come: the teacher's browser may know this machine by another one."""

from urllib.parse import urlsplit

from viz_app.kit.page.shell import is_loopback
from viz_app.serving.addresses import own_addresses


def hosts(url: str, local: bool) -> list[str]:
    """Hosts that may stand in the code, the best first.

    Parameters
    ----------
    url
        The page's address in the teacher's browser: where it is no loopback, phones know it too.
    local
        Whether the server listens to this machine alone: then no other host would lead here.
    """
    shown = urlsplit(url).hostname or ""
    others = [] if local else [host for host in own_addresses() if host != shown]
    if not shown:
        return others or ["localhost"]
    return [*others, shown] if is_loopback(url) else [shown, *others]
