"""Views: from gatescope's data to a chart and the words beside it.

A page, the command line and a notebook show the same view, because it is the same function.
"""
