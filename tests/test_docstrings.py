"""The examples in docstrings run, and what one calls by ``gatescope.`` has one."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import gatescope

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(gatescope.__path__, "gatescope.")
    if ">>>" in inspect.getsource(importlib.import_module(module.name))
)
CALLED = [
    name
    for name in gatescope.__all__
    if inspect.isfunction(getattr(gatescope, name))
    or name in ("Cell", "Recurrence", "SequenceModel")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    """As they stand there, and with what they say."""
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("name", CALLED)
def test_what_is_called_has_an_example(name: str) -> None:
    """A section of its own in the docstring."""
    text = inspect.getdoc(getattr(gatescope, name)) or ""
    assert "Examples\n--------" in text
    assert ">>>" in text
