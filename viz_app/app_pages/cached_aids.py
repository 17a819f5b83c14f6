"""What all browsers share of the page Training techniques: the pictures of a pair of runs."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from gatescope.experiments import Effect
from viz_app.app_pages import cached
from viz_app.sharing import shared
from viz_app.views import aids, aids_words
from viz_app.views.aids import Aid, Pair
from viz_app.views.settings import Theme


@dataclass(frozen=True)
class Picture:
    """A pair, ready to be shown.

    Attributes
    ----------
    curves, told
        How both learned, and that for those who cannot see it.
    headline, look
        Sentences.
    numbers, losses
        Tables; the second empty where there is one seed.
    """

    curves: dict[str, Any]
    told: str
    headline: str
    look: list[str]
    numbers: pd.DataFrame
    losses: pd.DataFrame


def pair(aid: Aid, names: tuple[str, str]) -> Pair:
    """Two finished runs."""
    return Pair(aid, cached.run_of(names[0]), cached.run_of(names[1]))


@shared
def picture(key: tuple[str, ...], theme: Theme, _pair: Pair, _effect: Effect) -> Picture:
    """Curves, words and numbers of a pair; ``key`` stands for it and the effect."""
    return Picture(
        aids.spec(_pair.aid, _pair.runs, theme),
        aids_words.alternative(_pair),
        aids_words.headline(_pair, _effect),
        aids_words.look_for(_pair),
        aids.numbers(_pair),
        aids.losses(_pair, _effect),
    )


@shared
def flow(aid: Aid, names: tuple[str, str], theme: Theme) -> tuple[list[dict[str, Any]], list[str]]:
    """Gradient norms at each step of both, and what each panel shows."""
    panels = aids.flow(pair(aid, names))
    return aids.flow_specs(panels, theme), [aids.gradients.alternative(panel) for panel in panels]
