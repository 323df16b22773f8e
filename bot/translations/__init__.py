"""Texts for translators: one PO file that their tools read, and its way back into the content."""
