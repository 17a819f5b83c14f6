"""Reading a stranger's file in a process of its own, with limits that hold whatever is in it.

`gatescope.loading` and `gatescope.load_trace` read in the process that calls them, which is right
for one's own files. A server reads here.
"""

from gatescope.apart.client import Apart, ApartError
from gatescope.apart.files import Columns, Files

__all__ = ["Apart", "ApartError", "Columns", "Files"]
