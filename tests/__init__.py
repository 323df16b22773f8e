"""The tests, and the servers and drivers that they share."""
