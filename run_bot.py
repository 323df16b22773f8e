"""Start the bot: ``python run_bot.py``; ``python run_bot.py --help`` shows what else there is."""

import atexit
import gc
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one shall be told
    print("The bot needs Python 3.11 or newer; this is", sys.version.split()[0], file=sys.stderr)
    sys.exit(3)

# What a start imports and reads stays to the end. Looking through it for garbage, again and again
# while it grows and once more at the exit, took a third of a start (0.25 of 0.8 s of CPU).
gc.disable()
atexit.register(gc.freeze)

try:
    from bot.cli.main import main
except ModuleNotFoundError as trouble:
    from bot.packages import missing

    if not missing(trouble):
        raise
    print(missing(trouble), file=sys.stderr)
    sys.exit(3)

if __name__ == "__main__":
    main()
