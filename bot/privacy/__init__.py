"""What is held on supporters: each kind of data declared once, exported, erased and resealed by it.

``kinds.KINDS`` is the declaration; a test fails when a table has a column that it does not name.
"""
