"""python-telegram-bot's own way: an Application with AIORateLimiter, and a loop over the chats.

Answers every text by its echo; "/go FIRST COUNT WAY" sends to that many chats, one awaited after
another ("loop") or all at once ("tasks").
"""

from __future__ import annotations

import asyncio
import logging
import os

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import (
    AIORateLimiter,
    Application,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

TEXT = "Des nouvelles de Mamat"
logging.getLogger("httpx").setLevel(logging.WARNING)


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a text with itself."""
    await update.message.reply_text(update.message.text)


async def go(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Begin the broadcast beside the handlers, as its documentation advises."""
    first, count, way = int(context.args[0]), int(context.args[1]), context.args[2]

    async def one(chat: int) -> None:
        try:
            await context.bot.send_message(chat, TEXT)
        except TelegramError:
            return

    async def send() -> None:
        chats = range(first, first + count)
        if way == "tasks":
            await asyncio.gather(*(one(chat) for chat in chats))
            return
        for chat in chats:
            await one(chat)

    context.application.create_task(send())


def main() -> None:
    """Poll until stopped."""
    root = os.environ["BOT_API_URL"]
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(f"{root}/bot")
        .base_file_url(f"{root}/file/bot")
        .rate_limiter(AIORateLimiter(max_retries=5))
        .concurrent_updates(True)
        .connection_pool_size(64)
        .build()
    )
    application.add_handler(CommandHandler("go", go))
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(drop_pending_updates=False)


if __name__ == "__main__":
    main()
