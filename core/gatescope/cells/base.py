"""What every cell is: weights in torch's layout, one step, and signals that travel by name.

Glossary, code name to symbol: ``x`` input x_t, ``h`` hidden state h_t, ``c`` cell state c_t,
``i f g o`` the LSTM's input gate, forget gate, candidate and output gate, ``r z n`` the GRU's
reset gate, update gate and candidate, ``a`` a pre-activation W x_t + U h_{t-1} + b.
"""

import inspect
import math
import textwrap
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from gatescope.cells import change
from gatescope.cells.observer import current_observer

Signals = dict[str, Tensor]
"""One step's tensors by name: every gate, every state. Each has the shape (batch, unit)."""


class Cell(nn.Module, ABC):
    """One step of a recurrent network.

    A subclass names its weight blocks and its states and writes ``step``; that is all.

    Parameters
    ----------
    input_size, hidden_size
        Number of input features and of hidden units.
    bias
        With ``False`` there is no ``bias_ih`` and no ``bias_hh``.

    Attributes
    ----------
    blocks
        The names of the row blocks of ``weight_ih`` and ``weight_hh``, in torch's order.
    states
        The names of the signals that are handed to the next step.
    retention_gate
        The signal that multiplies the old state (LSTM: forget gate; GRU: update gate), or None.
    equations, source
        What a step does, in the letters of its source, and who published it; both are added to the
        class's documentation, and the app shows them.
    looks_back
        Whether the gates see the hidden state; if not there is no ``weight_hh`` and no ``bias_hh``.
    weight_ih, weight_hh
        (blocks * hidden_size, input_size) and (blocks * hidden_size, hidden_size), as in
        ``torch.nn.LSTMCell``; drawn from U(-1/sqrt(H), 1/sqrt(H)) with H the hidden size.

    Examples
    --------
    A cell of one's own:

    >>> import gatescope, torch
    >>> class Leaky(gatescope.Cell):
    ...     blocks = ("keep_gate", "candidate")
    ...     retention_gate = "keep_gate"
    ...
    ...     def step(self, x, state):
    ...         h = state["hidden_state"]
    ...         a = self.pre_activations(x, h)
    ...         k = gatescope.signal("keep_gate", torch.sigmoid(a["keep_gate"]))
    ...         n = gatescope.signal("candidate", torch.tanh(a["candidate"]))
    ...         h = gatescope.signal("hidden_state", k * h + (1 - k) * n)
    ...         return {"keep_gate": k, "candidate": n, "hidden_state": h}
    >>> model = gatescope.Recurrence([Leaky(3, 8)])
    >>> trace = gatescope.record(model, torch.randn(20, 5, 3), lambda output: output.sum())
    >>> trace["recurrence/l0"]["grad_keep_gate"].shape
    (20, 5, 8)
    """

    blocks: ClassVar[tuple[str, ...]]
    states: ClassVar[tuple[str, ...]] = ("hidden_state",)
    retention_gate: ClassVar[str | None] = None
    equations: ClassVar[str] = ""
    source: ClassVar[str] = ""
    looks_back: ClassVar[bool] = True

    weight_hh: Tensor | None
    bias_ih: Tensor | None
    bias_hh: Tensor | None

    def __init_subclass__(cls, **options: Any) -> None:
        """A variant has equations and a source of its own, or none."""
        super().__init_subclass__(**options)
        cls.equations = inspect.cleandoc(vars(cls).get("equations", ""))
        cls.source = vars(cls).get("source", "")
        if cls.equations:
            about = textwrap.indent(cls.equations, "    ")
            source = f"\n\nSource: {cls.source}." if cls.source else ""
            cls.__doc__ = f"{inspect.cleandoc(cls.__doc__ or cls.__name__)}\n\n{about}{source}\n"

    def __init__(self, input_size: int, hidden_size: int, *, bias: bool = True) -> None:
        super().__init__()
        if input_size < 1 or hidden_size < 1:
            raise ValueError(
                f"input_size and hidden_size must be at least 1, got {input_size} and {hidden_size}"
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        rows = len(self.blocks) * hidden_size
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size))
        back = self.looks_back
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size)) if back else None
        self.bias_ih = nn.Parameter(torch.empty(rows)) if bias else None
        self.bias_hh = nn.Parameter(torch.empty(rows)) if bias and back else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every weight from torch's default, U(-1/sqrt(H), 1/sqrt(H))."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    @abstractmethod
    def step(self, x: Tensor, state: Signals) -> Signals:
        """Take one time step.

        Parameters
        ----------
        x
            (batch, feature), the input at this step.
        state
            The previous step's states by name, each (batch, unit).

        Returns
        -------
        Signals
            Every gate and every state of this step by name, each (batch, unit). One that is
            wrapped where it is computed, ``f = signal("forget_gate", ...)``, can be intervened
            on (`gatescope.intervene`).
        """

    def forward(self, x: Tensor, state: Signals | None = None) -> Signals:
        """Take one step on its own, outside a ``Recurrence``; a recorder sees it."""
        observer = current_observer()
        if state is None:
            state = self.initial_state(x)
        if observer is None:
            return self.step(x, state)
        step = observer.stepper(self, 0, False, 1, self.step)
        state = {name: observer.attach(value) for name, value in state.items()}
        signals = step(observer.attach(x), state)
        observer.layer(self, 0, False, [signals])
        return observer.given(signals)

    def initial_state(self, x: Tensor) -> Signals:
        """Zeros for each state, for the batch and in the dtype of ``x``."""
        zeros = x.new_zeros(x.shape[-2], self.hidden_size)
        return dict.fromkeys(self.states, zeros)

    def from_input(self, x: Tensor) -> Signals:
        """W x + b by block name, each (batch, unit)."""
        rows = nn.functional.linear(x, self.weight_ih, self.bias_ih)
        return change.pre_activations(self.by_block(rows))

    def from_hidden(self, h: Tensor) -> Signals:
        """U h + b by block name, each (batch, unit)."""
        assert self.weight_hh is not None
        return self.by_block(nn.functional.linear(h, self.weight_hh, self.bias_hh))

    def pre_activations(self, x: Tensor, h: Tensor) -> Signals:
        """a = W x + U h + b by block name, each (batch, unit)."""
        assert self.weight_hh is not None
        total = nn.functional.linear(x, self.weight_ih, self.bias_ih)
        total = total + nn.functional.linear(h, self.weight_hh, self.bias_hh)
        return change.pre_activations(self.by_block(total))

    def by_block(self, rows: Tensor) -> Signals:
        """(batch, blocks * unit) by block name, each (batch, unit)."""
        return dict(zip(self.blocks, rows.chunk(len(self.blocks), dim=-1), strict=True))

    def extra_repr(self) -> str:
        """Sizes, as torch's own layers print them."""
        return f"{self.input_size}, {self.hidden_size}"
