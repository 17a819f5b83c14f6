"""Lessons: a guess, a picture, a reason, a thing to change, one to build, three questions."""

from viz_app.features.lessons import course

course.show()
