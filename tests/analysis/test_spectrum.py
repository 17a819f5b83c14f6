"""Singular values and Lyapunov exponents, of matrices and networks for which they are known."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gatescope.analysis import log_singular_values, lyapunov_exponents, step_jacobians
from gatescope.cells import Cell, Signals


class Linear(Cell):
    """h_t = W x_t + U h_{t-1}."""

    blocks = ("hidden_state",)

    def step(self, x: Tensor, state: Signals) -> Signals:
        """See the class."""
        return self.pre_activations(x, state["hidden_state"])


def linear(matrix: object) -> Linear:
    """The cell with that recurrent matrix, in float64."""
    weights = torch.as_tensor(matrix, dtype=torch.float64)
    cell = Linear(1, len(weights), bias=False).double()
    with torch.no_grad():
        cell.weight_hh.copy_(weights)
    return cell


def inputs(steps: int) -> Tensor:
    """Any input: a linear cell's Jacobian does not depend on it."""
    return torch.randn(steps, 2, 1, dtype=torch.float64)


MATRIX = np.array([[0.9, 0.4, 0.0], [-0.2, 0.7, 0.3], [0.0, 0.1, 0.5]])


def test_a_linear_cells_products_are_the_powers_of_its_matrix() -> None:
    """numpy's singular values of U^k; the chosen lags, in the order asked for."""
    jacobians = step_jacobians(linear(MATRIX), inputs(12))
    np.testing.assert_allclose(jacobians, np.broadcast_to(MATRIX, (12, 2, 3, 3)), rtol=1e-14)
    found = log_singular_values(jacobians, [12, 0, 5])
    for row, lag in enumerate((12, 0, 5)):
        expected = np.linalg.svd(np.linalg.matrix_power(MATRIX, lag), compute_uv=False)
        np.testing.assert_allclose(np.exp(found.values[row, 1]), expected, rtol=1e-9)


def test_the_order_of_the_product_is_that_of_time() -> None:
    """J_T J_{T-1}: two matrices that do not commute."""
    first, last = torch.tensor([[0.0, 1.0], [0.0, 0.0]]), torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    found = log_singular_values(torch.stack([first, last])[:, None].double())
    np.testing.assert_allclose(np.exp(found.values[1, 0]), [3, 2])  # the last step alone
    assert np.exp(found.values[2, 0, 0]) == pytest.approx(2)  # diag(2, 3) [[0, 1], [0, 0]]
    assert np.isnan(found.values[2, 0, 1])  # 0, and rounding cannot tell


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_no_under_or_overflow_over_500_steps(factor: float) -> None:
    """1e-1500 and 1e1500 are no float64s; their logarithms are."""
    matrix = factor * np.array([[0.0, 1.0], [-1.0, 0.0]])
    found = log_singular_values(step_jacobians(linear(matrix), inputs(500)), [500])
    np.testing.assert_allclose(found, 500 * math.log(factor), rtol=1e-12)
    rates = lyapunov_exponents(step_jacobians(linear(matrix), inputs(500)))
    np.testing.assert_allclose(rates, math.log(factor), rtol=1e-12)


def test_an_orthogonal_network_keeps_everything() -> None:
    """All singular values 1 at every lag, all exponents 0; through torch's own RNN as well."""
    torch.manual_seed(0)
    matrix = torch.linalg.qr(torch.randn(5, 5, dtype=torch.float64))[0]
    layer = nn.RNN(1, 5, nonlinearity="relu").double()
    with torch.no_grad():
        layer.weight_hh_l0.copy_(torch.eye(5).roll(1, 0))
        layer.bias_ih_l0.fill_(1.0)  # all is positive: every unit stays on its straight line
        layer.bias_hh_l0.zero_()
        layer.weight_ih_l0.fill_(0.1)
    for jacobians in (
        step_jacobians(linear(matrix), inputs(200)),
        step_jacobians(layer, inputs(200).clamp(-3, 3)),
    ):
        np.testing.assert_allclose(log_singular_values(jacobians), 0, atol=1e-10)
        np.testing.assert_allclose(lyapunov_exponents(jacobians), 0, atol=1e-10)


def test_exponents_of_a_matrix_are_the_logs_of_its_eigenvalues() -> None:
    """For long sequences; the beginning, in which the frame turns, is skipped."""
    turn = np.linalg.qr(MATRIX)[0]
    matrix = turn @ np.array([[0.9, 0.4, 0.2], [0.0, -0.7, 0.3], [0.0, 0.0, 0.4]]) @ turn.T
    found = lyapunov_exponents(step_jacobians(linear(matrix), inputs(600)), skip=200)
    np.testing.assert_allclose(found.values[0], np.log([0.9, 0.7, 0.4]), atol=1e-9)


def test_exponents_add_up_to_the_log_of_the_determinant() -> None:
    """For any Jacobians: of an LSTM over (h, c)."""
    torch.manual_seed(2)
    layer = nn.LSTM(2, 4).double()
    jacobians = step_jacobians(layer, torch.randn(30, 3, 2, dtype=torch.float64))
    expected = torch.linalg.slogdet(jacobians).logabsdet.mean(dim=0)
    found = lyapunov_exponents(jacobians)
    np.testing.assert_allclose(found.sum("direction"), expected, rtol=1e-9)
    assert (np.diff(found.values, axis=1) <= 0).all()


def test_what_rounding_hides_is_not_given() -> None:
    """(1e-9)^3 beside 1 is below float64's digits; alone it is not."""
    found = log_singular_values(step_jacobians(linear(np.diag([1.0, 1e-9])), inputs(3)))
    assert found.values[1, 0, 1] == pytest.approx(math.log(1e-9))
    assert np.isnan(found.values[3, 0, 1])


def test_a_dead_network_is_lost_for_good() -> None:
    """-inf, without a warning."""
    jacobians = torch.zeros(3, 1, 2, 2, dtype=torch.float64)
    assert (log_singular_values(jacobians).values[1:] == -math.inf).all()
    assert (lyapunov_exponents(jacobians).values == -math.inf).all()


def test_what_is_not_there_is_refused() -> None:
    """The message says what there is."""
    jacobians = torch.zeros(3, 1, 2, 2)
    with pytest.raises(ValueError, match=r"0 to 3 .*, got 4"):
        log_singular_values(jacobians, [4])
    with pytest.raises(ValueError, match="skip must be 0 to 2, got 3"):
        lyapunov_exponents(jacobians, skip=3)


def test_what_rounding_hides_is_the_states_size_times_epsilon() -> None:
    """Of 8 states in float64 that is 1.8e-15 of the largest: 1e-15 is no number, 3e-15 is one."""
    values = torch.tensor([1, 0.5, 3e-15, 1e-15, 0.1, 0.1, 0.1, 0.1], dtype=torch.float64)
    found = log_singular_values(torch.diag(values)[None, None], [1]).values[0, 0]
    assert np.isnan(found).sum() == 1
    assert np.nanmin(found) == pytest.approx(math.log(3e-15), rel=1e-6)


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_an_example_that_is_not_finite_takes_no_other_with_it(odd: float) -> None:
    """Its values are NaN from there on; the other's are those of powers of two."""
    steps = (2 * torch.eye(2, dtype=torch.float64)).repeat(3, 2, 1, 1)
    steps[1, 0, 0, 1] = odd
    found = log_singular_values(steps)
    assert np.isnan(found.values[2:, 0]).all()
    np.testing.assert_allclose(found.values[1, 0], math.log(2), rtol=1e-12)
    np.testing.assert_allclose(found.values[:, 1, 0], np.arange(4) * math.log(2), rtol=1e-12)
