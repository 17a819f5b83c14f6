"""Recording: any model that holds a recurrent layer, in; a trace, out."""

from gatescope.errors import RecordError
from gatescope.recording.netcdf import TraceError, load_trace, open_trace, save_trace
from gatescope.recording.record import record

__all__ = ["RecordError", "TraceError", "load_trace", "open_trace", "record", "save_trace"]
