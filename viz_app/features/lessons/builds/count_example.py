"""Counting with the state of a plain RNN: a worked example, nothing to find."""

from viz_app.features.lessons.builds.counting import Counting

BUILD = Counting("count_example", {"write": 0.01, "keep": 1.0, "read": 100.0}, ())
