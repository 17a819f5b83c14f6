"""What goes wrong with a job, told in one sentence."""


class JobError(ValueError):
    """A job that cannot be asked for, found, read or ended; the message says which, and why."""
