"""Work that takes longer than a page may: a queue of experiments, each in a process of its own."""

from gatescope.jobs.classroom import Classroom, ClassStatus
from gatescope.jobs.errors import JobError
from gatescope.jobs.kinds import Experiment, MemoryOf, SingleRun
from gatescope.jobs.limits import Limits
from gatescope.jobs.queue import JobQueue, JobStatus

__all__ = [
    "ClassStatus",
    "Classroom",
    "Experiment",
    "JobError",
    "JobQueue",
    "JobStatus",
    "Limits",
    "MemoryOf",
    "SingleRun",
]
