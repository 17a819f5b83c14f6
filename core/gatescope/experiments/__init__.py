"""Experiments of many runs: the store, the sweep, and how success falls with the delay."""

from gatescope.experiments.aids import AIDS, AidPair
from gatescope.experiments.cluster import ClusterError, cluster_executor
from gatescope.experiments.effects import Effect, effect_of, load_losses, save_losses
from gatescope.experiments.results import ResultError, load_result, save_result
from gatescope.experiments.retention import (
    RetentionConfig,
    bootstrap,
    delay_option,
    retention_row,
    retention_table,
    solved_at,
    solved_difference,
    solved_fraction,
    summarise,
)
from gatescope.experiments.shelf import Room, Shelf
from gatescope.experiments.store import Entry, RunStore, run_key
from gatescope.experiments.sweeping import (
    SweepError,
    SweepProgress,
    process_pool,
    sweep,
    train_into,
)
from gatescope.experiments.variants import matched_units, parameter_count, split_variant

__all__ = [
    "AIDS",
    "AidPair",
    "ClusterError",
    "Effect",
    "Entry",
    "ResultError",
    "RetentionConfig",
    "Room",
    "RunStore",
    "Shelf",
    "SweepError",
    "SweepProgress",
    "bootstrap",
    "cluster_executor",
    "delay_option",
    "effect_of",
    "load_losses",
    "load_result",
    "matched_units",
    "parameter_count",
    "process_pool",
    "retention_row",
    "retention_table",
    "run_key",
    "save_losses",
    "save_result",
    "solved_at",
    "solved_difference",
    "solved_fraction",
    "split_variant",
    "summarise",
    "sweep",
    "train_into",
]
