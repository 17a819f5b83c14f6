"""Files that are made when they are asked for, outside of the session that offered them."""

from threading import Thread

from viz_app.kit.page import blocks
from viz_app.text import say, speaking


def test_a_file_speaks_the_language_in_which_it_was_offered() -> None:
    """Streamlit asks for it in another thread, which has no reader."""
    with speaking("zh"):
        read = blocks.later(lambda: say("gates.title"))
        expected = say("gates.title")
    found = []
    asked = Thread(target=lambda: found.append(read().read().decode()))
    asked.start()
    asked.join()
    assert found == [expected]
    assert say("gates.title") != expected
