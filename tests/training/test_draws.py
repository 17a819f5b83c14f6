"""A network's weights are those of its seed, whatever other threads draw meanwhile."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gatescope import CELLS, TrainConfig
from gatescope.cells import Cell
from gatescope.training import build_model
from gatescope.training.draws import Draws

DRAWN: dict[str, Callable[[], Tensor]] = {
    "uniform_": lambda: torch.empty(50).uniform_(-1, 1),
    "normal_": lambda: torch.empty(50).normal_(),
    "kaiming": lambda: nn.Linear(7, 5).weight.detach(),
    "orthogonal": lambda: nn.init.orthogonal_(torch.empty(6, 6)),
    "truncated": lambda: nn.init.trunc_normal_(torch.empty(50)),
    "rand": lambda: torch.rand(50),
    "randn": lambda: torch.randn(5, 10),
    "randint": lambda: torch.randint(100, (50,)),
    "randperm": lambda: torch.randperm(50),
    "bernoulli": lambda: torch.bernoulli(torch.full((50,), 0.5)),
    "multinomial": lambda: torch.multinomial(torch.ones(9), 5),
    "rand_like": lambda: torch.rand_like(torch.empty(50)),
    "embedding": lambda: nn.Embedding(5, 4).weight.detach(),
    "lstm": lambda: nn.LSTM(3, 4).weight_hh_l0.detach(),
}


def disturbed(draw: Callable[[], Tensor]) -> Callable[[], Tensor]:
    """As if another thread had seeded, and drawn, just before."""

    def drawn() -> Tensor:
        torch.manual_seed(99)
        return draw()

    return drawn


@pytest.mark.parametrize("name", DRAWN)
def test_numbers_are_those_of_torchs_own_seed(name: str) -> None:
    """One after the other, undisturbed, and torch's own state is left alone."""
    torch.manual_seed(5)
    expected = [DRAWN[name](), torch.rand(3)]
    torch.manual_seed(6)
    state = torch.get_rng_state()
    with Draws(5):
        found = [DRAWN[name](), torch.rand(3)]
    assert torch.equal(torch.get_rng_state(), state)
    with Draws(5):
        again = [disturbed(DRAWN[name])(), disturbed(lambda: torch.rand(3))()]
    for one, other, right in zip(found, again, expected, strict=True):
        torch.testing.assert_close(one, right, rtol=0, atol=0)
        torch.testing.assert_close(other, right, rtol=0, atol=0)


def test_a_generator_of_ones_own_is_drawn_from() -> None:
    """Where one is named, it is that one."""
    expected = torch.rand(5, generator=torch.Generator().manual_seed(3))
    with Draws(5):
        found = torch.rand(5, generator=torch.Generator().manual_seed(3))
    assert torch.equal(found, expected)


@pytest.mark.parametrize("cell", CELLS)
def test_weights_are_those_of_the_seed_while_others_draw(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording in another thread puts torch's state back when it ends, at any moment."""
    config = TrainConfig(task="adding", cell=cell, num_layers=2, seed=4)
    expected = {name: weight.clone() for name, weight in build_model(config).state_dict().items()}
    with monkeypatch.context() as patch:
        for kind in (nn.RNNBase, nn.Linear, Cell, *CELLS.values()):
            own = vars(kind).get("reset_parameters")
            if own is not None:

                def reset(module: nn.Module, own: Callable[[nn.Module], None] = own) -> None:
                    torch.manual_seed(99)
                    own(module)

                patch.setattr(kind, "reset_parameters", reset)
        found = build_model(config).state_dict()
    for name, weight in expected.items():
        assert torch.equal(found[name], weight), name
