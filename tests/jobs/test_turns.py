"""Whose turn it is: the rule, by its own words and in simulations of a server."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from gatescope.jobs.turns import Waiting, order


def jobs(*asked: str) -> list[Waiting]:
    """One job an owner's name, asked for in this order; keys are their places."""
    return [Waiting(f"{k}", {owner: k}) for k, owner in enumerate(asked, start=1)]


def test_owners_take_turns() -> None:
    """Who asked for many waits as long for each as everybody; a newcomer comes next."""
    assert order(jobs(*"aaabbc"), [], {}) == ["1", "4", "6", "2", "5", "3"]
    assert order(jobs(*"aaab"), ["a"], {"a": 7}) == ["4", "1", "2", "3"]
    assert order(jobs(*"ab"), [], {"a": 3, "b": 2}) == ["2", "1"]
    assert order([], ["a"], {"a": 1}) == []


def test_a_shared_job_starts_when_its_first_owner_is_on_and_counts_for_all() -> None:
    """It is there once; the one who shares it has then had a turn."""
    shared = Waiting("s", {"a": 9, "b": 1})
    assert order([*jobs("a", "a"), shared], [], {}) == ["1", "s", "2"]
    alone = [Waiting("a1", {"a": 1}), Waiting("s", {"a": 2, "b": 3}), Waiting("b1", {"b": 4})]
    assert order([*alone, Waiting("c1", {"c": 5})], [], {}) == ["a1", "s", "c1", "b1"]


def test_what_lost_its_process_goes_on_first_and_counts_as_running() -> None:
    """In the order of the turns; its owner's next job waits for the others' first ones."""
    lost = [Waiting("y", {"a": 1}, turn=9), Waiting("x", {"a": 2}, turn=4)]
    assert order([*jobs("a", "b"), *lost], [], {"a": 9}) == ["x", "y", "2", "1"]


@dataclass
class Server:
    """A simulated one: places, and jobs of any length, in whole moments."""

    places: int
    running: dict[str, tuple[str, int]] = field(default_factory=dict)  # key: owner, end
    waiting: dict[str, Waiting] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    starts: list[str] = field(default_factory=list)  # owners
    log: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    asked: int = 0
    lasts: dict[str, int] = field(default_factory=dict)
    asked_at: dict[str, int] = field(default_factory=dict)
    began_at: dict[str, int] = field(default_factory=dict)

    def ask(self, owner: str, lasts: int) -> str:
        """One more job; returns its key."""
        self.asked += 1
        key = f"{self.asked}"
        self.waiting[key] = Waiting(key, {owner: self.asked})
        self.lasts[key], self.asked_at[key] = lasts, len(self.starts)
        return key

    def count(self) -> Counter[str]:
        """How many jobs of each owner run."""
        return Counter(owner for owner, _ in self.running.values())

    def tend(self, now: int) -> None:
        """End what is over, start what is on: one at a time, as the queue does."""
        self.running = {k: (o, end) for k, (o, end) in self.running.items() if end > now}
        while self.waiting and len(self.running) < self.places:
            line = order(self.waiting.values(), [{o} for o, _ in self.running.values()], self.turns)
            job = self.waiting.pop(line[0])
            (owner,) = job.owners
            self.log.append((owner, dict(self.count())))
            self.began_at[job.key] = len(self.starts)
            self.starts.append(owner)
            self.turns[owner] = len(self.starts)
            self.running[job.key] = owner, now + self.lasts[job.key]


asking = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from("abcdef"), st.integers(1, 12)), max_size=30
)


@settings(settings.get_profile("fuzz"))
@given(asking, st.integers(1, 4))
def test_nobody_is_overtaken_twice(asked: list[tuple[int, str, int]], places: int) -> None:
    """While somebody's first job waits and nothing of theirs runs, each other starts one at most.

    More of theirs may run already, as nothing is ended for a newcomer.
    """
    server, first = Server(places), {}
    for now in range(41 + 12 * len(asked)):
        for when, owner, lasts in asked:
            if when == now:
                server.ask(owner, lasts)
        before = len(server.starts)
        idle = {o for job in server.waiting.values() for o in job.owners} - set(server.count())
        server.tend(now)
        assert len(server.running) == min(places, len(server.running) + len(server.waiting))
        first = {owner: first.get(owner, before) for owner in idle}
        for owner, since in first.items():
            until = server.starts[since:]
            until = until[: until.index(owner)] if owner in until else until
            assert not until or max(Counter(until).values()) <= 1, (owner, until)
        if not server.waiting and now > 40:
            break
    assert sorted(server.starts) == sorted(owner for _, owner, _ in asked)


@settings(settings.get_profile("fuzz"))
@given(asking, st.integers(1, 4))
def test_each_start_follows_the_rule(asked: list[tuple[int, str, int]], places: int) -> None:
    """Nobody starts while another waits of whom fewer jobs run."""
    server = Server(places)
    for now in range(41 + 12 * len(asked)):
        for when, owner, lasts in asked:
            if when == now:
                server.ask(owner, lasts)
        waiting = Counter(o for job in server.waiting.values() for o in job.owners)
        seen = len(server.log)
        server.tend(now)
        for owner, running in server.log[seen:]:
            least = min(running.get(other, 0) for other in +waiting)
            assert running.get(owner, 0) == least
            waiting[owner] -= 1
        if not server.waiting and now > 40:
            break


def test_sixty_at_once_one_of_them_greedy_and_one_late() -> None:
    """One has asked for fifty jobs before: two of them run, and no third before all others."""
    server = Server(places=2)
    greedy = [server.ask("greedy", 5) for _ in range(50)]
    server.tend(0)
    others = [server.ask(f"student {k}", 5) for k in range(59)]
    late = ""
    for now in range(1000):
        if now == 100:
            late = server.ask("late", 5)
        server.tend(now)
    ahead = [Counter(server.starts[: server.began_at[key]]) for key in others]
    assert max(count["greedy"] for count in ahead) == 2
    assert all(most <= 1 for c in ahead for o, most in c.items() if o != "greedy")
    waited = server.starts[server.asked_at[late] : server.began_at[late]]
    assert waited
    assert max(Counter(waited).values()) == 1
    assert "greedy" not in waited
    assert len(server.starts) == 110
    assert server.began_at[greedy[-1]] == 109
