"""How the bot itself is: what it can and cannot do just now, and who is told of it.

``looking`` takes the signs, ``judging`` says what is wrong (pure), ``course`` what owners hear of
it and when (pure), ``alarming`` tells them.
"""
