"""Do the tests notice when the code is wrong? Small faults are made, one at a time, and counted.

``python -m tests.mutants`` draws a sample of them by a seed, lets the tests that touch the changed
line run in a copy of the tree, and says what share was noticed.
"""
