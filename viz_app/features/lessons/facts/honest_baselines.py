"""What lesson 9 says in numbers: networks on real data, beside what needs no network."""

from typing import Any

from gatescope.tasks.forecast import SHARES
from viz_app.features import Forecasting, SentimentScores
from viz_app.features.forecasting.words import verdict
from viz_app.features.lessons.facts.what_is_asked import facts as of_the_task
from viz_app.kit.recordings import Recordings

SEA, STOCKS, SMOOTH = (f"forecast-{s}-lstm" for s in ("sea-temperature", "stocks", "temperature"))

REVIEWS = {"lstm": "reviews-lstm", "rnn": "reviews-rnn"}
"""The networks that are ranked beside word counts."""


def facts(recordings: Recordings) -> dict[str, Any]:
    """See `viz_app.features.lessons.facts`."""
    sea, stocks, smooth = (Forecasting(run).data(recordings) for run in (SEA, STOCKS, SMOOTH))
    found: dict[str, Any] = {}
    for name, interval in (
        ("sea", sea.against["naive"]), ("linear", sea.against["linear"]),
        ("stocks", stocks.against["naive"]), ("smooth", smooth.against["linear"]),
    ):  # fmt: skip
        ends = {"": interval.estimate, "_low": interval.low, "_high": interval.high}
        found |= {f"{name}{end}": value for end, value in ends.items()}
        found[f"{name}_verdict"] = str(verdict(interval))
    accuracy = {
        name: SentimentScores(run).scored(recordings).found.accuracy
        for name, run in REVIEWS.items()
    }
    view = SentimentScores()
    words = view.data(recordings)[len(view.names(recordings))]
    accuracy["words"] = words.found.accuracy
    return found | {
        "level": sea.against["naive"].level, "window": sea.task.window, "count": sea.count,
        "smooth_naive": smooth.against["naive"].estimate,
        "order": tuple(sorted(accuracy, key=lambda name: -accuracy[name])),
        **{f"acc_{name}": value for name, value in accuracy.items()},
        "reviews": len(words.right),
        "learns": SHARES["train"][1], "chooses": "validation",
        "baseline": of_the_task(recordings)["baseline"],
    }  # fmt: skip
