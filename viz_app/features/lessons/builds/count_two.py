"""Counting with the state of a plain RNN: two numbers are blank, those that make h."""

from viz_app.features.lessons.builds.counting import Counting

BUILD = Counting("count_two", {"write": 0.004, "keep": 1.0, "read": 250.0}, ("write", "keep"))
