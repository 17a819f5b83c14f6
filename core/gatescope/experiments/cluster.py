"""A sweep on many machines: an executor that hands the work to a Dask scheduler.

Dask is the extra ``gatescope[cluster]``; nothing here imports it before it is asked for.

Source: https://distributed.dask.org/en/stable/api.html#distributed.Client.get_executor
"""

import socket
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import torch

from gatescope.errors import GatescopeError, say
from gatescope.experiments.sweeping import WorkersDied, one_thread
from gatescope.extras import MissingLibraryError, library

PATIENCE = 10.0
"""Seconds in which a scheduler must answer."""


class ClusterError(GatescopeError, RuntimeError):
    """A cluster cannot be used; the message says why and what to do."""


def cluster_executor(address: str) -> Callable[[], Executor]:
    """Make what `sweep` takes as ``executor``, for a Dask scheduler.

    Scheduler and workers need GateScope, in the version that is used here, and every worker must
    reach the store's folder under the path that it has here: a shared folder, when they are other
    machines. A worker trains one run at a time, on one thread, so start as many workers as there
    are cores: ``dask worker tcp://host:8786 --nworkers 4 --nthreads 1``. Without a worker, runs
    wait until one comes.

    Parameters
    ----------
    address
        Where the scheduler listens, as it prints it: ``tcp://host:8786``.

    Returns
    -------
    callable
        Connects, each time that it is called.

    Raises
    ------
    ValueError
        When that is no address.
    ClusterError
        When Dask is not installed, or no scheduler answers, now or at a later call.
    """
    require_address(address)
    _dask()
    _reach(address)
    return partial(ClusterExecutor, address)


class ClusterExecutor(Executor):
    """Dask's executor, with a connection of its own, in the terms that `sweep` knows.

    A worker that dies is Dask's affair: it gives the run to another one. A run with which too
    many have died ends in `WorkersDied`; when the scheduler is lost, all ends in `BrokenExecutor`.

    Parameters
    ----------
    address
        Where the scheduler listens.
    """

    def __init__(self, address: str) -> None:
        _reach(address)
        dask = _dask()
        try:
            self._client = dask.Client(address, timeout=PATIENCE, set_as_default=False)
        except Exception as error:
            raise ClusterError(say("scheduler_unusable", address=address, reason=error)) from error
        self._inner: Executor = self._client.get_executor(pure=False)

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a piece of work to the scheduler."""
        outer: Future[Any] = Future()
        outer.set_running_or_notify_cancel()  # from now on only `shutdown` takes it back
        inner = self._inner.submit(_on_one_thread, partial(work, *args, **kwargs))
        inner.add_done_callback(partial(_pass_on, outer))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Close the connection; what still waits on the cluster is dropped there.

        What is in training there goes on to its end, and is kept.
        """
        if wait and not cancel_futures:
            self._inner.shutdown()
        self._client.close()


def _pass_on(outer: Future[Any], done: Future[Any]) -> None:
    """Give a future the outcome of Dask's."""
    if done.cancelled():
        outer.set_exception(BrokenExecutor("the scheduler was lost"))
        return
    error = done.exception()
    if isinstance(error, _dask().KilledWorker):
        count, worker = error.allowed_failures + 1, error.last_worker.address
        error = WorkersDied(say("workers_died_with_it", count=count, worker=worker))
    if error is None:
        outer.set_result(done.result())
    else:
        outer.set_exception(error)


def _on_one_thread(work: Callable[[], Any]) -> Any:
    """Work as in a sweep's own processes; then the worker is as it was."""
    threads = torch.get_num_threads()
    one_thread()
    try:
        return work()
    finally:
        torch.set_num_threads(threads)


def require_address(address: str) -> None:
    """Raise ValueError unless a scheduler can have such an address."""
    _parts(address)


def _parts(address: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number, or too large
        host, port = None, None
    if not host or not port or parts.scheme not in ("tcp", "tls"):
        raise ValueError(say("scheduler_address", address=address))
    return parts.scheme, host, port


def _reach(address: str) -> None:
    """Knock first: Dask tries again for long when nobody is there, for ever when nobody speaks."""
    scheme, host, port = _parts(address)
    try:
        with socket.create_connection((host, port), PATIENCE) as knock:
            if scheme == "tcp" and not knock.recv(1):  # over TLS the client would speak first
                raise ConnectionError(say("hung_up"))
    except OSError as error:
        raise ClusterError(
            say("scheduler_silent", address=address, reason=error.strerror or error)
        ) from error


def _dask() -> Any:
    try:
        return library("distributed")
    except MissingLibraryError as error:
        raise ClusterError(say("scheduler_needs_dask", reason=error)) from None
