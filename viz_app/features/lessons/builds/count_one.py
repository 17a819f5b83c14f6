"""Counting with the state of a plain RNN: one number is blank, that of the output."""

from viz_app.features.lessons.builds.counting import Counting

BUILD = Counting("count_one", {"write": 0.005, "keep": 1.0, "read": 200.0}, ("read",))
