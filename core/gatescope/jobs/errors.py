"""What goes wrong with a job, told in one sentence."""

from gatescope.errors import GatescopeError


class JobError(GatescopeError, ValueError):
    """A job that cannot be asked for, found, read or ended; the message says which, and why."""
