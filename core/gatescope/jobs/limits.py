"""What one owner, and one job, may take of a server; each refusal is one sentence."""

from dataclasses import dataclass

from gatescope.errors import joined, say
from gatescope.jobs.errors import JobError

CLASS = "class-"
"""What the name begins with of an owner that is a class."""

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Limits:
    """Bounds of a queue; None bounds nothing. They hold for owners with a name.

    Attributes
    ----------
    jobs_each
        Jobs of one owner that wait or run at the same time; classes that are at work, likewise.
    seconds
        Training time of one job, as it is estimated before it starts.
    time
        Seconds for which one job may run.
    free
        Bytes of the disk that are kept free: below, nothing more is asked for, and what runs ends
        well.
    """

    jobs_each: int | None = None
    seconds: float | None = None
    time: float | None = None
    free: int | None = None

    def require_room(self, owner: str, jobs: int) -> None:
        """Refuse one more job to an owner of whom so many wait or run.

        The server itself has no bound, and a class has that of its seats.

        Raises
        ------
        JobError
            When they have their share.
        """
        bounded = owner and not owner.startswith(CLASS)
        if bounded and self.jobs_each is not None and jobs >= self.jobs_each:
            raise JobError(say("limit_jobs", jobs=jobs, jobs_each=self.jobs_each))

    def require_class(self, classes: int) -> None:
        """Refuse one more class to an owner of whom so many are at work: each has turns of its own.

        Raises
        ------
        JobError
            When that is as many as they may have jobs.
        """
        if self.jobs_each is not None and classes >= self.jobs_each:
            raise JobError(say("limit_classes", classes=classes, jobs_each=self.jobs_each))

    def require_disk(self, left: int) -> None:
        """Refuse a job or class where so many bytes of the disk are left.

        Raises
        ------
        JobError
            When that is too little.
        """
        if self.free is not None and left < self.free:
            raise JobError(say("limit_disk", megabytes=left / 1e6, kept=self.free / 1e6))

    def require_affordable(self, cost: float) -> None:
        """Refuse a job that would train for so many seconds.

        Raises
        ------
        JobError
            When that is too long.
        """
        if self.seconds is not None and not cost <= self.seconds:
            raise JobError(say("limit_cost", time=spoken(cost), most=spoken(self.seconds)))

    def overtime(self, ran: float) -> str:
        """Why a job that ran for so long is ended; empty when it may go on."""
        if self.time is None or ran < self.time:
            return ""
        return say("limit_time", time=spoken(ran), most=spoken(self.time))


def spoken(seconds: float) -> str:
    """A time as one says it: two units at most."""
    if not seconds < 1000 * DAY:
        return say("time_longer", days=1000)
    whole = round(seconds)
    for unit, name, part, part_name in (
        (DAY, "days", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
        (MINUTE, "min", 1, "s"),
    ):
        if whole >= unit:
            count, rest = whole // unit, whole % unit // part
            counted = _counted("day" if name == "days" and count == 1 else name, count)
            return joined([counted, _counted(part_name, rest)], "time") if rest else counted
    return _counted("s", whole)


def _counted(unit: str, count: int) -> str:
    return say(f"time_of_{unit}", count=count)
