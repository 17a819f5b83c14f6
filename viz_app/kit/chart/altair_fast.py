"""Altair's charts, put together without copying what they are made of.

Altair copies each chart that becomes a part of another, deep down and rows included, and again at
every level above, which took more than half of the time that a chart was built in. Nothing here
changes a chart once it is a part of another, so these are only copied at their top.

Altair also checks every part against the schema at the moment when it is made, and the whole
again when it is saved or shown. The first check is turned off; the second remains.
"""

from typing import Any, Self

import altair as alt
import pandas as pd
from altair.utils import schemapi

from viz_app.kit.chart import records

schemapi.disable_debug_mode()
records.register()


class _Shared:
    """A chart whose deep copy shares its parts."""

    def __deepcopy__(self, memo: Any) -> Self:
        return self.copy(deep=False)  # type: ignore[attr-defined]


class Chart(_Shared, alt.Chart):
    """As ``alt.Chart``, its name not made of the printed rows."""

    def _compute_hash(self) -> str:
        if not isinstance(self.data, pd.DataFrame):
            return super()._compute_hash()
        named = self.copy(deep=False)
        named["data"] = alt.NamedData(name=records.fingerprint(self.data))
        return super(Chart, named)._compute_hash()


class Layers(_Shared, alt.LayerChart):
    """As ``alt.LayerChart``."""


class Rows(_Shared, alt.VConcatChart):
    """As ``alt.VConcatChart``."""


class Columns(_Shared, alt.HConcatChart):
    """As ``alt.HConcatChart``."""


def layered(*charts: Any, **settings: Any) -> Layers:
    """As ``alt.layer``."""
    return Layers(layer=charts, **settings)


def vconcat(*charts: Any, **settings: Any) -> Rows:
    """As ``alt.vconcat``."""
    return Rows(vconcat=charts, **settings)


def hconcat(*charts: Any, **settings: Any) -> Columns:
    """As ``alt.hconcat``."""
    return Columns(hconcat=charts, **settings)
