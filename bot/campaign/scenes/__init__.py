"""One scene a file: what is said and offered there. Each is a function of a Turn and the
arguments its button carried."""
