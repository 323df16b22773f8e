"""What may go wrong, what must hold all the same, and the tests that hold it.

``python -m tests.faults`` runs them all and writes docs/proof.md. Most stand where their subject
is tested; what needs a fault of its own is made here.
"""
