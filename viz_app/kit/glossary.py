"""The terms that are explained: where each is seen, and how a text lets one be touched.

A text marks a term by ``[[half_life]]``, which reads as the term's name, or with words of its own
by ``[[half_life|half-lives]]``; `marked` marks what a text without marks mentions. `touchable`
makes of a mark a button that opens the two sentences where it stands, in the browser alone;
`without_marks` leaves the words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from viz_app.text import mentions, say
from viz_app.text.mentions import IN_BRACKETS, MARK, address_of, marks

BOLD = re.compile(r"\*\*((?:(?!\*\*).)+)\*\*")
CODE = re.compile(r"(`+[^`]*`+)")
BEFORE_STOP = re.compile(
    r'((<strong>)?<button class="term"[^>]*>[^<]*</button>(?(2)</strong>))([，。：；！？、）”])'
)
"""A term before what no line may begin with: a browser would break a line at a button's end."""

TAG = re.compile(r"(?<!\\)<")
SIGN = re.compile(r"([_^])(?:\{([^}]*)\}|([^\s_^{}]))")


@dataclass(frozen=True)
class Term:
    """A term of the glossary; its name and its two sentences stand in ``glossary.toml``.

    Attributes
    ----------
    key
        ``glossary.<key>`` is its name, ``glossary.<key>_is`` what it means.
    group
        Under which heading it stands.
    symbol
        In equations: ``_`` puts what follows below, ``^`` above.
    page
        The address of a view in which it is seen.
    lesson
        The number of the lesson in which it is learned; None for what no lesson is about.
    """

    key: str
    group: str
    symbol: str
    page: str
    lesson: int | None = None

    @property
    def whole(self) -> str:
        """Its name with what stands in brackets, as the glossary lists it."""
        return say(f"glossary.{self.key}")

    @property
    def name(self) -> str:
        """Its name in a sentence."""
        return IN_BRACKETS.sub("", self.whole)

    @property
    def meaning(self) -> str:
        """What it means, in two sentences."""
        return say(f"glossary.{self.key}_is")

    @property
    def address(self) -> str:
        """Of the glossary with this term first."""
        return address_of(self.key)


def _terms(group: str, *rows: tuple[str, str, str, int | None]) -> dict[str, Term]:
    return {key: Term(key, group, symbol, page, lesson) for key, symbol, page, lesson in rows}


ONE_UNIT = "gates?run=adding-lstm-one-unit"
GRU = "gates?run=adding-gru"
STEP = "step_through?run=adding-lstm-one-unit"
STEP_RNN = "step_through?run=adding-rnn-one-unit"

TERMS: dict[str, Term] = (
    _terms(
        "states",
        ("rnn", "h_t = tanh(W x_t + U h_{t−1} + b)", STEP_RNN, 2),
        ("sequence", "x_0, x_1, …, x_{T−1}", "tasks", None),
        ("time_step", "t", "gates", 1),
        ("hidden_state", "h_t", STEP_RNN, 2),
        ("cell_state", "c_t = f_t c_{t−1} + i_t g_t", ONE_UNIT, 5),
        ("unit", "c_t[k], h_t[k]", "gates", 4),
        ("parameter", "W, U, b", "compare", 8),
        ("output_layer", "y = V h_T + a", "train", None),
        ("stacked", "h_t^{(l)}", "architectures?run=layers-4", None),
        ("bidirectional", "[h_t^→, h_t^←]", "architectures?run=both-ways-ends", None),
        ("embedding", "e(w)", "sentiment", None),
    )
    | _terms(
        "gates",
        ("lstm", "", ONE_UNIT, 4),
        ("gru", "h_t = (1 − z_t) n_t + z_t h_{t−1}", GRU, 8),
        ("gate", "σ(W x_t + U h_{t−1} + b)", ONE_UNIT, 4),
        ("input_gate", "i_t", ONE_UNIT, 4),
        ("forget_gate", "f_t", ONE_UNIT, 4),
        ("output_gate", "o_t", ONE_UNIT, 4),
        ("candidate", "g_t", STEP, None),
        ("reset_gate", "r_t", GRU, 8),
        ("update_gate", "z_t", GRU, 8),
        ("saturated_gate", "f_t < 0.1, f_t > 0.9", "saturation", None),
        ("half_life", "ln ½ / ln f", "gates?run=adding-lstm", 5),
        ("forget_bias", "b_f", "train", 5),
        ("chrono", "b_f ~ ln U(1, T − 1), b_i = −b_f", "claims?claim=chrono_timescales", 5),
    )
    | _terms(
        "gradients",
        ("loss", "L", "train", 1),
        ("gradient", "∂L/∂h_t", "gradient_flow", 3),
        ("gradient_norm", "‖∂L/∂h_t‖", "gradient_flow", None),
        ("bptt", "∂L/∂h_{t−1} = ∂L/∂h_t · ∂h_t/∂h_{t−1}", "step_through", None),
        ("vanishing_gradient", "‖∂L/∂h_0‖ → 0", "gradient_flow?run=adding-rnn", 3),
        ("exploding_gradient", "‖∂L/∂h_0‖ → ∞", "gradient_flow?gain=1.5", 3),
        ("gradient_clipping", "g · min(1, θ / ‖g‖)", "aids?aid=clipping", 3),
        ("jacobian", "∂h_t/∂h_{t−1}", "memory", None),
        ("long_term_dependency", "∂y_T/∂x_0", "retention", None),
    )
    | _terms(
        "learning",
        ("training_step", "W ← W − η ∂L/∂W", "train", 6),
        ("learning_rate", "η", "train", None),
        ("batch_size", "B", "train", None),
        ("training_set", "", "forecasting", 9),
        ("validation_set", "", "forecasting", 9),
        ("test_set", "", "forecasting", 9),
        ("overfitting", "", "aids?aid=early_stopping", None),
        ("early_stopping", "", "aids?aid=early_stopping", None),
        ("dropout", "", "aids?aid=dropout", None),
        ("recurrent_dropout", "", "aids?aid=recurrent_dropout", None),
    )
    | _terms(
        "measuring",
        ("accuracy", "", "compare", None),
        ("baseline", "", "tasks", 1),
        ("persistence", "x̂_{t+1} = x_t", "forecasting", 9),
        ("seed", "", "retention", 6),
        ("confidence_interval", "", "compare?part=bench", None),
        ("linear_probe", "x̂_{t−k} = w · h_t + b", "memory", None),
        ("intervention", "", "intervene", 7),
        ("connectivity", "‖∂y_s/∂x_t‖", "connectivity", None),
        ("heatmap", "", "gates?run=adding-lstm", None),
        ("prepared", "", "gates", None),
    )
    | _terms(
        "tasks",
        ("adding_problem", "", "tasks?made=adding", 1),
        ("delayed_recall", "", "tasks?made=delayed_recall", 6),
        ("copy", "", "tasks?made=copy", None),
        ("temporal_order", "", "tasks?made=temporal_order", None),
        ("parity", "", "tasks?made=parity", None),
        ("distractor", "", "claims?claim=distractors", None),
    )
)  # fmt: skip
"""All terms, as the glossary lists them."""


def signs(symbol: str) -> str:
    """A symbol as HTML, what is below or above the line small."""
    tags = {"_": "sub", "^": "sup"}

    def small(found: re.Match[str]) -> str:
        tag = tags[found[1]]
        return f"<{tag}>{found[2] or found[3]}</{tag}>"

    return SIGN.sub(small, escape(symbol, quote=False))


def marked(text: str) -> str:
    """The text with a mark at the first mention of each term, as `viz_app.text.mentions` has it."""
    return mentions.marked(text, tuple((term.key, term.whole) for term in TERMS.values()))


def mentioned(text: str) -> list[Term]:
    """The terms that a text mentions, in order."""
    return [TERMS[key] for key in dict.fromkeys(marks(marked(text)))]


def row_of(terms: Sequence[Term]) -> str:
    """Terms side by side, as HTML: each opens what it means when it is touched."""
    named = " · ".join(_button(term, term.name) for term in terms)
    opened = "".join(explanation(term) for term in terms)
    return f'<p class="terms-here">{escape(say("glossary.here"))} {named}</p>{opened}'


def _button(term: Term, words: str) -> str:
    return f'<button class="term" popovertarget="term-{term.key}">{escape(words)}</button>'


def without_marks(text: str) -> str:
    """The text with the words of each mark alone: for paper, and for who listens."""
    return MARK.sub(lambda found: found[2] or TERMS[found[1]].name, text)


def touchable(text: str) -> str:
    """Markdown in which each marked term opens what it means; to be shown with HTML allowed.

    All else that looks like a tag stays text. A term that is marked twice opens the same.
    """
    explained: list[str] = []

    def opens(found: re.Match[str]) -> str:
        term = TERMS[found[1]]
        if term.key not in explained:
            explained.append(term.key)
        return _button(term, found[2] or term.name)

    def bold(found: re.Match[str]) -> str:
        """After a Chinese word Markdown takes no stars before a mark for bold."""
        return f"<strong>{found[1]}</strong>" if MARK.search(found[1]) else found[0]

    def of_part(part: str) -> str:
        if part.startswith("`"):
            return part
        touched = MARK.sub(opens, BOLD.sub(bold, TAG.sub("&lt;", part)))
        return BEFORE_STOP.sub(r'<span class="term-joined">\1\3</span>', touched)

    shown = "".join(map(of_part, CODE.split(text)))
    return shown + "".join(explanation(TERMS[key]) for key in explained)


def explanation(term: Term) -> str:
    """What opens when a term is touched."""
    symbol = f'<span class="term-symbol">{signs(term.symbol)}</span>' if term.symbol else ""
    return (
        f'<span popover class="term-is" id="term-{term.key}"><strong>{escape(term.whole)}</strong>'
        f"{symbol}<span>{escape(term.meaning)}</span>"
        f'<a href="{term.address}">{escape(say("glossary.more"))}</a></span>'
    )


def matching(text: str) -> list[Term]:
    """The terms that have a text in their name or their meaning."""
    sought = text.strip().casefold()
    return [
        term for term in TERMS.values()
        if sought in term.whole.casefold() or sought in term.meaning.casefold()
        or sought == term.key
    ]  # fmt: skip
