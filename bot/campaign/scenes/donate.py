"""What a gift costs after the tax reduction, for the suggested amounts and for a free one."""

from __future__ import annotations

from bot.campaign.messages import Choice, Link, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.turn import NotOffered, Turn, choice, in_columns, to_menu
from bot.campaign.typed import amount


def show(turn: Turn) -> Outcome:
    """The amounts to choose from."""
    donate = turn.campaign.donate
    amounts = [
        Choice(words("buttons.amount", amount=amount), f"give:{amount}")
        for amount in donate.amounts
    ]
    return turn.answer(
        turn.screen(
            words("donate.screen", percent=donate.tax.percent, as_of=donate.tax.as_of),
            *in_columns(amounts, 2),
            (choice("free_amount", "give:free"),),
            (to_menu(),),
        )
    )


def give(turn: Turn, wanted: str) -> Outcome:
    """What that amount costs, or the question how much."""
    if wanted == "free":
        return turn.answer(
            turn.screen(words("donate.ask"), (choice("back", "donate"), to_menu())),
            question="amount",
        )
    value = amount(wanted)
    if value is None:
        raise NotOffered("amount")
    return _cost(turn, value)


def said_amount(turn: Turn) -> Outcome:
    """The text is an amount, where it can be one."""
    value = amount(turn.said)
    if value is None:
        return turn.answer(
            turn.screen(words("donate.no_amount"), (choice("back", "donate"), to_menu())),
            question="amount",
        )
    return _cost(turn, value)


def _cost(turn: Turn, value: float) -> Outcome:
    donate = turn.campaign.donate
    return turn.answer(
        turn.screen(
            words(
                "donate.cost",
                amount=value,
                cost=donate.tax.cost(value),
                percent=donate.tax.percent,
                as_of=donate.tax.as_of,
            ),
            (Link(words("buttons.open_donate"), donate.page.url),),
            (choice("other_amount", "donate"), to_menu()),
        )
    )


ROUTES = (
    Route("donate", show),
    Route("give", give),
    Route(
        "amount",
        question=said_amount,
        asked_again=lambda turn: give(turn, "free"),
        answers=("999999,99",),
    ),
)
