"""The edges: each channel parses what a platform says and sends what it is given, nothing else."""
