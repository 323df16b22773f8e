"""What is held on supporters: each kind of data declared once, exported, erased and resealed by it.

Tables and columns say what they hold (``store.schema``); ``kinds.KINDS`` says how it ends.
"""
