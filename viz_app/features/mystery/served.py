"""What all browsers share of the game: its rounds and finished specs."""

from typing import Any

from gatescope import Run
from viz_app.features import Gates
from viz_app.features.mystery import rounds, words
from viz_app.features.mystery.picture import Mystery, mystery
from viz_app.features.mystery.rounds import Pool, Riddle
from viz_app.kit import library
from viz_app.kit.chart.gates_look import GatesLook
from viz_app.kit.chart.window import Look
from viz_app.kit.page import served as cached
from viz_app.kit.sharing import shared


def prepared() -> dict[str, Run]:
    """The runs that come with the project; one's own are not guessed at, nor a single row."""
    ours = library.PREPARED.resolve()
    runs = cached.library().runs
    return {
        name: run
        for name, run in runs.items()
        if library.folder_of(name).parent == ours and run.config.hidden_size > 1
    }


@shared
def pool(kinds: tuple[str, ...]) -> Pool:
    """All pictures that give their answer away, of some kinds of questions."""
    return rounds.riddles(prepared(), kinds, cached.trace)


def riddle_of(number: int) -> Riddle | None:
    """What is asked in a round; None where there is nothing to be asked."""
    riddles = pool(rounds.kinds_of(number))
    return rounds.riddle_of(number, riddles) if riddles else None


@shared
def round_of(number: int) -> Mystery | None:
    """The picture of a round; None where there is nothing to be asked."""
    riddle = riddle_of(number)
    return None if riddle is None else mystery_of(riddle)


def mystery_of(riddle: Riddle) -> Mystery:
    """The picture of a riddle, its rows in the order of the page Gates."""
    run = cached.run_of(riddle.run)
    view = Gates(riddle.run, riddle.step, riddle.node, riddle.example).whole(cached.recordings)
    return mystery(riddle, run, view)


@shared
def spec(number: int, revealed: bool, look: Look) -> dict[str, Any]:
    """The finished chart of a round, with its name only when it is revealed."""
    picture = round_of(number)
    assert picture is not None
    title = words.picture(picture) if revealed else None
    return picture.spec(GatesLook.of(look), title)
