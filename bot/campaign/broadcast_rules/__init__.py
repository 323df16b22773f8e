"""Broadcasts without I/O: what one is, who may do what with it, when it may go out and stop."""
