"""Start the bot: ``python run_bot.py``; ``python run_bot.py --help`` shows what else there is."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one shall be told
    print("The bot needs Python 3.11 or newer; this is", sys.version.split()[0], file=sys.stderr)
    sys.exit(3)

from bot import garbage

garbage.hold_off()

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
