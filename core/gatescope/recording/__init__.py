"""Recording: any model that holds a recurrent layer, in; a trace, out."""

from gatescope.errors import RecordError
from gatescope.recording.record import record
from gatescope.recording.storage import TraceError, load_trace, open_trace, save_trace

__all__ = ["RecordError", "TraceError", "load_trace", "open_trace", "record", "save_trace"]
