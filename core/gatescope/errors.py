"""The error that more than one part of the package raises."""


class RecordError(RuntimeError):
    """A model, or an input for it, that cannot be recorded; the message says why and the fix."""
