"""What is said of a recording: what is seen in it, as far as it holds what that is said of."""

from dataclasses import dataclass

from gatescope.analysis import retention_gate
from viz_app.features.gates import words as gates_words
from viz_app.features.gates.data import GatesView
from viz_app.kit.units import shown, telling_gate
from viz_app.text.plain import plain


@dataclass(frozen=True)
class Told:
    """What is said of one layer on one example.

    Attributes
    ----------
    headline, look_for
        What is seen.
    """

    headline: str
    look_for: tuple[str, ...]

    def alternative(self, drawn: GatesView) -> str:
        """What a picture shows, for those who cannot see it."""
        shape, cell = drawn.seen.shape, drawn.layer.attrs["cell"]
        return gates_words.alternative(shape, cell, (self.headline, *self.look_for))


def told(seen: GatesView, holds: str) -> Told:
    """What is seen; of gates without the one that keeps, what the recording ``holds``.

    Parameters
    ----------
    seen
        One example.
    holds
        What the recording holds, in a sentence.
    """
    one, marks = seen.one(), seen.data.marks
    telling, direction = telling_gate(one)
    state = seen.data.shape.kept_in or "hidden_state"
    gates = [name for name in shown(one) if name.endswith("_gate")]
    kept = retention_gate(one) is not None
    headline = holds
    if kept or (one.attrs["cell"] == "rnn" and not gates):
        headline = plain(gates_words.headline(one, marks, telling, direction))
    look_for: tuple[str, ...] = ()
    if state in shown(one):
        sentences = gates_words.look_for(one, marks, telling, state, seen.picked()[1])
        look_for = tuple(plain(sentence) for sentence in sentences)
    return Told(headline, look_for)
