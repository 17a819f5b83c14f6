"""Connectivity played: one frame for each training step of the network."""

from typing import Any

from viz_app.features.connectivity.chart_data import Shading, shading
from viz_app.features.connectivity.view import Connectivity
from viz_app.kit.chart import play
from viz_app.kit.chart.window import Look
from viz_app.kit.panels import PanelRow
from viz_app.kit.recordings import Recordings


def strip(view: Connectivity, look: Look, first: int, recordings: Recordings) -> dict[str, Any]:
    """The row of the output step at each training step, on one scale."""

    def all_frames() -> dict[str, Any]:
        frames, shade = _frames(view, recordings)
        return play.of_specs([frame.row(look, recordings, shade) for frame in frames])

    key = ("strip played", view.but(checkpoint=None), look)
    return play.playing(recordings.get(key, all_frames), first)


def triangles(view: Connectivity, look: Look, first: int, recordings: Recordings) -> PanelRow:
    """Every network's triangle at each training step, on one scale."""

    def all_frames() -> PanelRow:
        frames, shade = _frames(view, recordings)
        rows = [frame.panels(look, recordings, shade, moves=True) for frame in frames]
        specs = zip(*(row.specs for row in rows), strict=True)
        return rows[-1]._replace(specs=tuple(play.of_specs(each) for each in specs))

    key = ("triangles played", view.but(checkpoint=None, t=None), look)
    found = recordings.get(key, all_frames)
    return found._replace(specs=tuple(play.playing(spec, first) for spec in found.specs))


def _frames(view: Connectivity, recordings: Recordings) -> tuple[list[Connectivity], Shading]:
    """The view at each training step, and the scale of them all."""
    frames = [view.but(checkpoint=step) for step in recordings.run(view.run).steps]
    drawn = [one for frame in frames for one in frame.drawn(recordings)]
    return frames, shading(drawn, view.relative)
