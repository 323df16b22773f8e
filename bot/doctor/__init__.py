"""All that can be wrong with an installation, looked at beside a running bot or without one.

Nothing is changed. A check is a function from a ``Look`` to findings; ``checks.CHECKS`` lists them.
"""
