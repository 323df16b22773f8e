"""Start the bot: ``python run_bot.py``; ``python run_bot.py --help`` shows what else there is."""

from bot.commands import main

if __name__ == "__main__":
    main()
