"""A server's pages run in threads: what holds for the whole process is not changed for a moment."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = sorted([*(ROOT / "core" / "gatescope").rglob("*.py"), *(ROOT / "viz_app").rglob("*.py")])

FOR_ALL = {
    "torch": ("manual_seed", "seed", "set_rng_state", "set_num_threads", "set_default_dtype"),
    "torch.random": ("manual_seed", "fork_rng", "set_rng_state"),
    "random": ("seed", "setstate"),
    "np.random": ("seed", "set_state", "rand", "randn", "randint", "shuffle", "permutation"),
    "warnings": ("catch_warnings", "simplefilter", "filterwarnings"),
    "pd": ("option_context", "set_option"),
    "xr": ("set_options",),
    "alt.data_transformers": ("enable", "register"),
    "locale": ("setlocale",),
    "os": ("chdir", "umask"),
    "sys": ("setrecursionlimit", "_current_frames"),
    "contextlib": ("redirect_stdout", "redirect_stderr"),
    # whoever looks at all objects holds a tuple that another thread is still making: SystemError
    "gc": ("get_objects", "get_referrers"),
}
"""Changed for one thread they are changed for all; what they were is put back for all too."""

ALONE = {
    "core/gatescope/training/loop.py": "trains, in a process of its own",
    "core/gatescope/experiments/sweeping.py": "a process of its own",
    "core/gatescope/experiments/cluster.py": "a process of its own",
    "core/gatescope/experiments/comparison/measuring.py": "measures, in a process of its own",
    "core/gatescope/experiments/comparison/references.py": "fits, in a process of its own",
    "core/gatescope/experiments/tutorial/untrained.py": "made beforehand",
    "core/gatescope/experiments/tutorial/listings.py": "made beforehand",
    "core/gatescope/experiments/tutorial/timing.py": "made beforehand",
    "core/gatescope/experiments/tutorial/measured.py": "made beforehand",
    "core/gatescope/apart/server.py": "a process of its own",
    "core/gatescope/recording/running.py": "a model may draw: the state is its caller's",
    "core/gatescope/recording/snapshot.py": "a model may draw: the state is its caller's",
    "core/gatescope/recording/guards.py": "of what was compiled, which no page has",
    "viz_app/kit/chart/records.py": "once, and where a notebook has another way",
}
"""Who may, and why nobody else is there to see it."""


def called(file: Path) -> set[str]:
    """What a file calls that changes the process, as it is written."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            where, what = ast.unparse(node.func.value), node.func.attr
            if what in FOR_ALL.get(where, ()):
                found.add(f"{where}.{what}")
    return found


def test_nothing_is_changed_for_all_threads() -> None:
    """Of what a page can reach; else one reader's picture depends on what another one opens."""
    found = {str(file.relative_to(ROOT)): called(file) for file in FILES}
    others = {name: calls for name, calls in found.items() if calls and name not in ALONE}
    assert not others
    assert [name for name in ALONE if not found[name]] == []
