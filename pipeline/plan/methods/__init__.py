"""One file = the ways to machine one kind of feature: which operations, with which tools and data."""
