"""Builds a tree of labelled nodes, quicker than xarray does node by node.

Making a small data set, wrapping it in a node and holding it against its parents takes xarray half
a millisecond, whatever is in it. So xarray makes and checks one node of each shape, around memory
that is not there; nodes of the same shape are copies of it with other numbers. A copy is made
through attributes that xarray does not document: whether they still mean what they did is tried
once, on a small tree, and if not every node is made by xarray itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import xarray as xr

Labels = dict[str, tuple[tuple[str, ...], np.ndarray]]
"""Coordinates or signals by name: the dimensions each runs along, and its values."""

MOST = 2**16
"""Bytes of coordinates up to which a node is kept as a pattern for others."""


@dataclass(frozen=True)
class Content:
    """What stands in a node.

    Attributes
    ----------
    data
        Its signals, as its coordinates; they become the node's, uncopied.
    labels
        Its coordinates.
    attrs
        What is said of it.
    """

    data: Labels
    labels: Labels
    attrs: dict[str, Any]

    def made(self) -> xr.DataTree:
        """The node as xarray makes it."""
        return xr.DataTree(xr.Dataset(self.data, coords=self.labels, attrs=self.attrs))

    def copied(self) -> xr.DataTree:
        """The same, as a copy of one that xarray made."""
        key = tuple((name, dims, values.dtype.str, values.tobytes(), values.shape)
                    for name, (dims, values) in self.labels.items())  # fmt: skip
        shapes = tuple((name, dims, values.shape) for name, (dims, values) in self.data.items())
        is_small = sum(values.nbytes for _, values in self.labels.values()) <= MOST
        pattern = (_pattern if is_small else _pattern.__wrapped__)(shapes, key)
        data = {name: _variable(xr.Variable, *signal) for name, signal in self.data.items()}
        return _with(pattern, data, self.attrs)


def tree_of(contents: Mapping[str, Content]) -> xr.DataTree:
    """A tree of nodes by their paths; what lies between them and the root is empty."""
    # where a module's name has a slash in it, a node may lie below another
    plain = all(path.count("/") == 1 for path in contents)
    if not (plain and can_copy()):
        tree = xr.DataTree()
        _grow(tree, {path: content.made() for path, content in contents.items()})
        return tree
    modules: dict[str, dict[str, xr.DataTree]] = {}
    for path, content in contents.items():
        module, _, name = path.partition("/")
        modules.setdefault(module, {})[name] = content.copied()
    empty = _pattern((), ())
    tree = _with(empty, {}, {})
    below = {module: _with(empty, {}, {}) for module in modules}
    for module, nodes in modules.items():
        _join(below[module], nodes)
    _join(tree, below)
    return tree


def _grow(node: xr.DataTree, below: dict[str, xr.DataTree]) -> None:
    """Put nodes by their paths below a node, from the top down: each is checked once."""
    parts: dict[str, dict[str, xr.DataTree]] = {}
    for path, other in below.items():
        name, _, rest = path.partition("/")
        parts.setdefault(name, {})[rest] = other
    node.children = {
        name: part.pop("") if "" in part else xr.DataTree() for name, part in parts.items()
    }
    for name, part in parts.items():
        if part:
            _grow(node.children[name], part)


@lru_cache(maxsize=32)
def _pattern(
    shapes: tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...],
    labels: tuple[tuple[str, tuple[str, ...], str, bytes, tuple[int, ...]], ...],
) -> xr.DataTree:
    """A node of these shapes; never handed out."""
    nothing = np.zeros(())
    data = {name: (dims, np.broadcast_to(nothing, shape)) for name, dims, shape in shapes}
    coords = {
        name: (dims, np.frombuffer(values, dtype).reshape(shape).copy())
        for name, dims, dtype, values, shape in labels
    }
    return Content(data, coords, {}).made()


def _with(pattern: Any, data: dict[str, xr.Variable], attrs: dict[str, Any]) -> xr.DataTree:
    """A node like another, with other numbers and words, below nothing."""
    node = object.__new__(xr.DataTree)
    coords = {name: _again(value) for name, value in pattern._node_coord_variables.items()}
    _set(
        node,
        _name=None,
        _parent=None,
        _children={},
        _data_variables=data,
        _node_coord_variables=coords,
        _node_dims=dict(pattern._node_dims),
        _node_indexes=dict(pattern._node_indexes),
        _attrs=attrs,
        _encoding=None,
        _close=None,
    )
    return node


def _again(value: Any) -> xr.Variable:
    """A coordinate like another; what lies along a dimension of its own name is never changed."""
    numbers = value._data if isinstance(value, xr.IndexVariable) else value._data.copy()
    return _variable(type(value), value.dims, numbers)


def _variable(kind: type[xr.Variable], dims: tuple[str, ...], numbers: Any) -> xr.Variable:
    """A variable around numbers that xarray has looked at, or need not look at."""
    variable = object.__new__(kind)
    _set(variable, _dims=dims, _data=numbers, _attrs=None, _encoding=None)
    return variable


def _join(parent: Any, children: dict[str, xr.DataTree]) -> None:
    """Put nodes below an empty one."""
    for name, child in children.items():
        _set(child, _name=name, _parent=parent)
    _set(parent, _children=children)


def _set(whole: object, **parts: object) -> None:
    for name, value in parts.items():
        object.__setattr__(whole, name, value)


@lru_cache(maxsize=1)
def can_copy() -> bool:
    """Whether a tree of copied nodes is what xarray would have made."""
    data: Labels = {"signal": (("time", "unit"), np.ones((2, 1)))}
    labels: Labels = {"time": (("time",), np.arange(2)), "call": (("time",), np.arange(2))}
    content = Content(data, labels, {"cell": "lstm"})
    made, copied = xr.DataTree(), xr.DataTree()
    _grow(made, {"module/l0": content.made()})
    try:
        module = _with(copied, {}, {})
        _join(module, {"l0": content.copied()})
        _join(copied, {"module": module})
        pairs = zip(made.subtree, copied.subtree, strict=True)
        return made.identical(copied) and all(
            _parts(one) == _parts(two) and _variables(one) == _variables(two) for one, two in pairs
        )
    except (AttributeError, TypeError, ValueError):
        return False


def _variables(node: Any) -> list[dict[str, type]]:
    """What each variable of a node consists of."""
    return [_parts(node.variables[name]) for name in node.variables]


def _parts(node: object) -> dict[str, type]:
    """What a node or a variable consists of, by name and kind."""
    slots = {name for kind in type(node).__mro__ for name in getattr(kind, "__slots__", ())}
    names = (slots | set(getattr(node, "__dict__", ()))) - {"_attrs", "_encoding", "_cache"}
    return {name: type(getattr(node, name)) for name in sorted(names) if hasattr(node, name)}
