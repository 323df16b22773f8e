"""How the program speaks to whoever runs it: in the languages of operators, from ``words/``."""
