"""What every answer forbids the browser: as much as Streamlit and Vega leave."""

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

import streamlit

from viz_app.kit.environment import EMBED, is_origin
from viz_app.text import say

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope",
    "magnetometer", "microphone", "midi", "payment", "usb",
)  # fmt: skip
"""What a page of ours never asks for."""


def headers(embed: Sequence[str] = ()) -> list[tuple[bytes, bytes]]:
    """The headers of every answer.

    Parameters
    ----------
    embed
        Origins, beside the app's own, whose pages may show it in a frame.
    """
    found = {
        "content-security-policy": policy(embed),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": ", ".join(f"{name}=()" for name in FEATURES),
        "cross-origin-opener-policy": "same-origin",
    }
    if not embed:  # an older header, which can name no other origin
        found["x-frame-options"] = "SAMEORIGIN"
    return [(name.encode(), value.encode()) for name, value in found.items()]


def policy(embed: Sequence[str] = ()) -> str:
    """What a page may load, and from where: from here alone.

    Vega compiles its expressions, Streamlit loads a small component's script as a blob, which only
    a script of its own can have made, and its styles stand in the page.
    """
    scripts = " ".join(f"'sha256-{mark}'" for mark in inline_scripts())
    parts = {
        "default-src": "'self'",
        "script-src": f"'self' 'unsafe-eval' blob: {scripts}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "media-src": "'self' data: blob:",
        "frame-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(("'self'", *embed)),
    }
    return "; ".join(f"{name} {' '.join(value.split())}" for name, value in parts.items())


def inline_scripts() -> list[str]:
    """The digests of the scripts that stand in Streamlit's page itself."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    found = INLINE.findall(page.read_text(encoding="utf-8"))
    return [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found]


def embedding() -> list[str]:
    """The origins that the environment lets show this app.

    Raises
    ------
    ValueError
        When one is no origin.
    """
    found = os.environ.get(EMBED, "").split()
    for origin in found:
        if not is_origin(origin):
            raise ValueError(say("cli.no_origin", origin=origin))
    return found
