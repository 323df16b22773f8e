"""What a supporter can hold, send or hang up: e-mail files, letters, postcards, posters, charts.

Every maker takes plain values and gives back a ``Made`` (name, media type, bytes). Texts come from
the content, through ``Labels`` and the like: nothing here is written in any language.
"""
