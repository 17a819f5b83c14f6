"""Charts: plain data in, an Altair chart out. Nothing here knows a network or a page."""
