"""Whose turn it is: the rule by which waiting jobs start.

The next job is that of the owner of whom the fewest jobs run; among those, of the one whose last
turn is longest ago, and who never had one comes first; among those, of the one who asked first.
Of one owner's jobs the one that was asked for first starts first. A job of several owners starts
when the first of them is on, and counts for all of them. What was begun and lost its process goes
on before anything else: its turn has not ended.

So while an owner waits of whom r jobs run, each other owner's turn comes at most once at a moment
when r or more of their own jobs run: it comes before this one's only if r of theirs run and their
last turn is longer ago, and from then on it is not. For an owner of whom nothing runs that is: not
more than one job of anybody else starts before theirs.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A job that waits.

    Attributes
    ----------
    key
        Its name.
    owners
        Who asked for it, each with the number of their asking.
    turn
        The number of its turn, if it had one and lost its process; 0 otherwise.
    """

    key: str
    owners: Mapping[str, int]
    turn: int = 0


def order(
    waiting: Iterable[Waiting],
    running: Iterable[Collection[str]],
    turns: Mapping[str, int],
) -> list[str]:
    """The order in which jobs start, if nothing else is asked for and all last equally long.

    Parameters
    ----------
    waiting
        The jobs that wait.
    running
        Of each job that runs: its owners.
    turns
        By owner: the number of the last turn they had; who never had one is missing.

    Returns
    -------
    list of str
        Their keys.
    """
    jobs = list(waiting)
    resumed = sorted((job for job in jobs if job.turn), key=lambda job: (job.turn, job.key))
    owners = _Owners([job for job in jobs if not job.turn], turns)
    for owner in (owner for each in running for owner in each):
        owners.count(owner)
    for job in resumed:
        for owner in job.owners:
            owners.count(owner)
    return [job.key for job in resumed] + owners.in_turn()


class _Owners:
    """Each owner's line, and how much they have had."""

    def __init__(self, jobs: Sequence[Waiting], turns: Mapping[str, int]) -> None:
        self.running: dict[str, int] = {}
        self.turns = dict(turns)
        self.next_turn = max(turns.values(), default=0) + 1
        self.lines: dict[str, list[tuple[int, Waiting]]] = {}
        for job in jobs:
            for owner, number in job.owners.items():
                self.lines.setdefault(owner, []).append((number, job))
        for line in self.lines.values():
            line.sort(key=lambda entry: (entry[0], entry[1].key), reverse=True)

    def count(self, owner: str) -> None:
        """One more of an owner's jobs runs."""
        self.running[owner] = self.running.get(owner, 0) + 1

    def in_turn(self) -> list[str]:
        """The keys of all jobs that have no turn yet, in the order of their turns."""
        found: list[str] = []
        started: set[str] = set()
        heap = [self._place(owner) for owner in self.lines]
        heapq.heapify(heap)
        while heap:
            place = heapq.heappop(heap)
            owner = place[-1]
            line = self.lines[owner]
            while line and line[-1][1].key in started:
                line.pop()
            if not line:
                continue
            if place != self._place(owner):  # it has had a turn with another owner since
                heapq.heappush(heap, self._place(owner))
                continue
            job = line.pop()[1]
            started.add(job.key)
            found.append(job.key)
            for each in job.owners:
                self.count(each)
                self.turns[each] = self.next_turn
            self.next_turn += 1
            if line:
                heapq.heappush(heap, self._place(owner))
        return found

    def _place(self, owner: str) -> tuple[int, int, int, str]:
        """What owners are compared by, the least first."""
        line = self.lines[owner]
        asked = line[-1][0] if line else 0
        return self.running.get(owner, 0), self.turns.get(owner, 0), asked, owner
